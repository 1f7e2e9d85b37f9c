// The journal: commits that are on disk and not yet in outbox.db. A commit there changes some seven
// pages of SQLite, here it is one write of one block or a few: a car that sends what it has once a
// second wears its flash an eighth as much (docs/performance.md).
//
// Invariants
//  1. An entry is on disk as a whole when append() returns, or it is as if it had never been: its
//     checksum tells.
//  2. No two entries share a block: a write that a power cut tears harms only its own entry.
//  3. The file keeps its size and its blocks: an append changes no metadata of the file system. It
//  goes past the page cache, where the file system can, which would write more than what changed.
//  4. An entry names the outbox.db that it belongs to; one that was put in another's place does not
//  play it back.
//  5. outbox.db knows the last sequence that it holds. Entries up to it are old and not read, also
//     where a power cut came between SQLite's commit and restart().
// Old entries stay in the file until they are overwritten, which takes bytes_max of new ones, or
// erase().
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/store/disk.h"
#include "sudare/v1/journal.pb.h"

namespace sudare {

// A file system's and a flash translation layer's smallest write.
inline constexpr std::size_t kJournalBlockBytes = 4096;

// Begins every entry; the first one is at the beginning of the file.
inline constexpr std::string_view kJournalMark = "sudare-j";

// The entries of a journal's bytes: see Journal::read_after(). Pure.
[[nodiscard]] std::vector<v1::JournalEntry> journal_entries(std::string_view bytes,
                                                            std::uint64_t store,
                                                            std::uint64_t after,
                                                            std::uint64_t& damaged);

// One process, which holds the directory; one thread.
class Journal {
 public:
  // The file is outbox.journal in `directory`, 0600; made, and filled with zeros up to `bytes_max`,
  // if missing or shorter. Where it can't be filled (a full disk) it is as long as it is. Its name
  // is sure once the caller has synced the directory. kIo with errno.
  static Result<Journal> open(const std::string& directory, std::uint64_t bytes_max,
                              Disk& disk = real_disk());

  // Entries of `store` after `sequence`, in order. `damaged` counts those between them that can't
  // be read. Blocks that the disk does not give back are as if overwritten.
  Result<std::vector<v1::JournalEntry>> read_after(std::uint64_t store, std::uint64_t sequence,
                                                   std::uint64_t& damaged);

  // Whether an entry of so many bytes fits behind the last one.
  [[nodiscard]] bool has_room(std::size_t entry_bytes) const;
  // On disk when it returns. kFull, kIo (errno): nothing was appended.
  [[nodiscard]] Status append(const v1::JournalEntry& entry);
  // outbox.db holds everything: the next entry is the first one.
  void restart() { end_ = 0; }
  // Everything that was ever written becomes zeros. kIo.
  [[nodiscard]] Status erase();
  // Everything is in outbox.db, and the file is to be no longer than `bytes_max`; 0: erased, and
  // gone. kIo.
  [[nodiscard]] Status shorten(std::uint64_t bytes_max);
  // From the first entry to the last one's end.
  [[nodiscard]] std::uint64_t used_bytes() const { return end_; }
  // The file's size.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_max_; }

 private:
  Journal(Disk& disk, std::unique_ptr<DiskFile> file, std::string directory,
          std::uint64_t bytes_max)
      : disk_(&disk),
        file_(std::move(file)),
        directory_(std::move(directory)),
        bytes_max_(bytes_max) {}
  // Whole blocks at a block's place.
  [[nodiscard]] Status write(std::string_view bytes, std::uint64_t offset);
  [[nodiscard]] Status write_zeros(std::uint64_t from);
  [[nodiscard]] Result<std::string> read_all();
  [[nodiscard]] Status prepare_blocks();

  Disk* disk_;
  std::unique_ptr<DiskFile> file_;
  std::string directory_;
  std::uint64_t bytes_max_;
  std::uint64_t end_ = 0;
  std::string buffer_;
  // What is written lies here: aligned, as a write past the page cache must be.
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  std::unique_ptr<char, Free> blocks_;
};

}  // namespace sudare
