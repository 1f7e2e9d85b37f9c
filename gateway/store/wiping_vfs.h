// SQLite's way to its files, but before a write-ahead log is cut or removed, its pages are zeros on
// the disk; all but those that hold nothing else than rows of the outbox.
//
// A log holds a copy of each page that changed, chains of pseudonyms among them. Its blocks go back
// to the file system with what is in them, and keep it until another file takes them. It is done in
// SQLite's own calls: it makes them when every page is in outbox.db, and while nobody reads the
// log.
//
// A power cut in between leaves a log that is replayed whole (nothing was overwritten yet) or not
// at all: its header and first frame are zeros on the disk before the rest is touched. A log of
// which only the first half were left would be replayed over pages that are newer.
//
// Not promised: that the disk keeps no copy. A file system that does not overwrite in place (btrfs,
// f2fs, UBIFS; ext4 with data=journal for a while), and a flash chip, may.
#pragma once

#include <memory>
#include <string>

struct sqlite3_vfs;

namespace sudare {

// Registered with SQLite until destroyed; no connection may use it then. Connections may be on any
// threads.
class WipingVfs {
 public:
  // `under` is how the files are reached, and outlives it; null: SQLite's own. `name` is no other
  // VFS's.
  WipingVfs(sqlite3_vfs* under, std::string name);
  ~WipingVfs();
  WipingVfs(const WipingVfs&) = delete;
  WipingVfs& operator=(const WipingVfs&) = delete;

  // For sqlite3_open_v2().
  [[nodiscard]] const char* name() const { return name_.c_str(); }

 private:
  struct Registered;
  std::string name_;
  std::unique_ptr<Registered> registered_;
};

}  // namespace sudare
