// The clip on file descriptor 0: read at any place, without moving the descriptor's own position.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip::rebuild {

class ClipFile {
 public:
  // Before the sandbox. kInput where it is no regular file; kClipBytes where it is too large.
  static Result<ClipFile> open(int descriptor);

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  // Reads up to into.size() bytes at `at`; fewer only at the file's end. -1 where it can't be read.
  [[nodiscard]] std::int64_t read(std::int64_t at, std::span<std::uint8_t> into) const;

 private:
  ClipFile(int descriptor, std::int64_t bytes) : descriptor_(descriptor), bytes_(bytes) {}

  int descriptor_;
  std::int64_t bytes_;  // as it was at the start; what is appended later is not read
};

enum class Container : std::uint8_t { kNone, kMov, kMpegTs, kAvi };

struct Sniffed {
  Container container = Container::kNone;
  bool cut_off = false;  // the file ends in the middle of a box, TS packet or RIFF chunk
};

// What the file is, by its first bytes: no demuxer but the one for it is ever started.
[[nodiscard]] Sniffed sniff(const ClipFile& file);

}  // namespace sudare::clip::rebuild
