// A unit's end of life: everything of Sudare in its state directory is overwritten and removed.
//
// Files that others wrote stay, and are named. Not here: what a flash chip, or a file system that
// copies on writing, keeps of blocks that were overwritten; copies and backups; the configuration,
// the broker's password and the TLS key, which are not in the state directory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace sudare {

struct Erasure {
  std::size_t removed = 0;          // files, those in folders of ours included
  std::size_t not_overwritten = 0;  // of them: removed without, since a write failed
  std::vector<std::string> left;    // names that are not Sudare's
};

// Again where it was interrupted; nothing is left to do where it was not. Where there is no such
// directory, nothing is removed. kRefused: a gateway uses it; nothing has changed. kIo (errno):
// some is removed, the rest is there.
Result<Erasure> erase_state(const std::string& state_directory);

}  // namespace sudare
