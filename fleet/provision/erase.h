// A unit's end of life: everything of Sudare in its state directory is overwritten and removed.
//
// What is removed has the exact name of a file of Sudare's, in a directory with a store of
// Sudare's. Files that others wrote stay, and are named. While it works, a file "erasing" says so:
// what an interrupted one has left is recognised by it. Not here: what a flash chip, or a file
// system that copies on writing, keeps of blocks that were overwritten; copies and backups; the
// configuration, the broker's password and the TLS key, which are not in the state directory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace sudare {

struct Erasure {
  std::size_t removed = 0;  // files, those in folders of ours included
  // Of them: removed without, since a write failed. None of these holds pseudonym chains.
  std::size_t not_overwritten = 0;
  std::vector<std::string> left;  // names that are not Sudare's
};

// Again where it was interrupted; nothing is left to do in an empty directory. kNotFound: there is
// no such directory. kMalformed: it holds something, and no store of Sudare's. kRefused: a gateway
// uses it. Of these, nothing has changed. kIo (errno): some is removed, the rest is there; so is
// what holds pseudonym chains and can't be overwritten.
Result<Erasure> erase_state(const std::string& state_directory);

}  // namespace sudare
