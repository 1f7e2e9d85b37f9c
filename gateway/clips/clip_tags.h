// Names for files and events on the unit's disk that tell nobody which they are: keyed hashes,
// under a random key of this store. Whoever has the disk and a file's name and time can still
// compare.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/clips/spool.h"
#include "gateway/store/store.h"

namespace sudare {

// Of all state entries of gateway/clips.
inline constexpr Literal kClipsModule = "clips";

class ClipTags {
 public:
  // Reads the key; draws one where the store has none yet, and commits it. kMalformed: damaged; or
  // the store's errors.
  static Result<ClipTags> load(Store& store);

  // 32 hex digits each. `purpose` "" stands for none.
  [[nodiscard]] std::string of_event(std::string_view file) const;
  [[nodiscard]] std::string of_file(std::string_view file, const FileState& state,
                                    std::string_view purpose) const;
  [[nodiscard]] std::string of_model(std::string_view model) const;

 private:
  explicit ClipTags(std::string key) : key_(std::move(key)) {}
  [[nodiscard]] std::string tag(char kind, std::string_view text) const;
  std::string key_;
};

}  // namespace sudare
