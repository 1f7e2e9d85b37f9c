// The directory in which the drive recorder leaves its clips: which files are there, and which of
// them are complete. Watched with inotify(7); looked through at the start, where the kernel lost
// events, and again where the directory came back (a memory card). No sub-directories. The
// directory is not held open: that would keep a card from being unmounted.
//
// A file is complete once it was closed after writing, or renamed into the directory, and nobody
// has it open for writing when it is taken. The last is asked of the kernel: it grants a read lease
// (fcntl(2), F_SETLEASE) only on a file without writers. Where it grants none, because the file is
// another user's or the file system has no leases, a file that was there before anyone looked
// counts as complete once its size and time stood still for kQuietMs; a closed or renamed one at
// once.
//
// Files with which nothing more is to be done are not remembered here, however many they are: who
// owns the spool says which those are (Judge).
//
// Names never leave gateway/clips: they often hold the time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "clip/run/owned_fd.h"

namespace sudare {

// Files that wait at once. A recorder's event folder holds tens; others wait until some are
// settled, but one that was just closed, or that an event names, takes the place of one that was
// only found.
inline constexpr std::size_t kSpoolFilesMax = 1000;
// Entries of the directory that a look through it reads: one more system call and one keyed hash
// for each, 10 to 100 ms in all. In a directory of more, what was there before is found only in
// part; what is closed or renamed while it is watched is found always.
inline constexpr std::size_t kSpoolEntriesMax = 10'000;
// Longer than a recorder pauses between two writes of one file.
inline constexpr std::int64_t kQuietMs = 10'000;

// Which file it is, and whether it changed: also after a restart. Inodes are no help: FAT, which
// memory cards have, makes them up at each mount.
struct FileState {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

struct SpoolFile {
  std::int64_t seen_ms = 0;        // since when it is known, or was closed last; monotonic
  std::int64_t not_before_ms = 0;  // nothing is to be tried with it before
  bool closed = false;             // it was seen to be closed or renamed
  bool expected = false;           // an event names it
  bool done = false;               // but for its deletion
  bool gated = false;              // it waits for a purpose that may not be served now
  FileState state;                 // when it was last looked at
  std::int64_t state_ms = -1;      // since when it is in that state; -1: never looked
};

// What is to be done with a file, as long as it is as it is.
enum class Standing : std::uint8_t {
  kSettled,   // nothing: it stays
  kDone,      // it is to be deleted
  kExpected,  // an event names it
  kOther,
};

class Spool {
 public:
  // Asked of each file that comes or is found; `closed`: it was just closed or renamed.
  using Judge = std::function<Standing(const std::string& name, const FileState&, bool closed)>;
  // Looks nowhere yet. Keeps a reference to the clock.
  Spool(std::string directory, const Clock& clock, Judge judge);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // To poll for POLLIN; -1 while the directory is not there.
  [[nodiscard]] int fd() const { return watch_.get(); }
  // Reads what happened. Opens the directory, and looks through it, where that is due. True: files
  // came, went, or changed.
  bool tend();
  // Milliseconds until tend() has something to do without an event.
  [[nodiscard]] std::int64_t next_ms() const;

  // By name.
  [[nodiscard]] std::map<std::string, SpoolFile>& files() { return files_; }
  [[nodiscard]] const std::map<std::string, SpoolFile>& files() const { return files_; }
  [[nodiscard]] bool there() const { return watch_.open() && !look_through_; }
  // The directory is there, and every file of it was judged and is known if it should be.
  [[nodiscard]] bool all_known() const { return there() && !beyond_ && !cut_; }
  // It has more entries than are looked at.
  [[nodiscard]] bool cut() const { return there() && cut_; }
  // How often it was looked through, and how many regular files it had the last time.
  [[nodiscard]] std::uint64_t looks() const { return looks_; }
  [[nodiscard]] std::size_t found() const { return found_; }

  struct Opened {
    clip::OwnedFd file;  // for reading
    FileState state;
  };
  // kUnavailable: it is, or may be, being written; not_before_ms was set. kNotFound: it is gone, or
  // no regular file (any more); it was forgotten. kIo: errno.
  Result<Opened> open(const std::string& name);
  // Whether the file, opened before, is still what it was.
  [[nodiscard]] static bool unchanged(const Opened& opened);
  // Deletes the file if it still is what it was. kNotFound: it is gone; forgotten. kUnavailable: it
  // is another now, and known as such. kIo: errno; it is still known.
  Status remove(const std::string& name, const FileState& state);

 private:
  // The directory that is watched; none where another is at its path now, or nothing.
  [[nodiscard]] clip::OwnedFd directory() const;
  void watch_directory();
  void gone();
  void look_through();
  void read_events();
  void came(int directory, const std::string& name, bool closed);
  [[nodiscard]] bool make_room();

  std::string path_;
  const Clock& clock_;
  const Judge judge_;
  clip::OwnedFd watch_;
  dev_t device_ = 0;  // of the directory that is watched
  ino_t inode_ = 0;
  std::map<std::string, SpoolFile> files_;
  bool look_through_ = true;  // events were lost, or there is no directory
  bool beyond_ = false;       // more files wait than the most
  bool cut_ = false;          // there are more entries than the most
  bool some_went_ = false;    // since the last look, of those that are not known
  bool changed_ = false;
  std::uint64_t looks_ = 0;
  std::size_t found_ = 0;
  std::int64_t last_look_ms_ = 0;
  std::int64_t next_check_ms_ = 0;
};

}  // namespace sudare
