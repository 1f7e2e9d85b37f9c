// The lines that `sudare-clip inspect` writes, as `sudare clip inspect` prints them. The process
// may have been taken over by its clip: what comes from it is hostile until it was read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare::commands {

// One thread. Keeps a reference to `out`.
class ClipFindings {
 public:
  // `json`: NDJSON, else a table that holds no control character.
  ClipFindings(bool json, std::ostream& out) : json_(json), out_(out) {}

  // Prints what the lines that end in `part` say; the rest is kept for the next. kTooLarge: a line
  // that is none. kMalformed: a line that is no finding, or one too many.
  [[nodiscard]] Status take(std::span<const std::byte> part);

 private:
  Status line(std::string_view text);
  void row(const std::string& tells, const std::string& what, const std::string& offset,
           const std::string& bytes, const std::string& where);

  bool json_;
  std::ostream& out_;
  std::string text_;  // the beginning of a line
  std::uint64_t count_ = 0;
};

}  // namespace sudare::commands
