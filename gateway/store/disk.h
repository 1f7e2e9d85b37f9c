// What the store asks of a disk, beside what SQLite asks of it. Small enough to put another one
// under the store: a test's loses power in mid-write, and forgets what was not synced.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sudare {

// An open file. What fails says why in errno, as the system call that it is named after.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  [[nodiscard]] virtual ssize_t read(char* to, std::size_t bytes, std::uint64_t offset) = 0;
  [[nodiscard]] virtual ssize_t write(const char* from, std::size_t bytes,
                                      std::uint64_t offset) = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> size() = 0;
  [[nodiscard]] virtual bool resize(std::uint64_t bytes) = 0;
  // Content and size are on disk when it returns true, not the file's name (sync_directory()).
  [[nodiscard]] virtual bool sync() = 0;
  // Until destroyed. errno EWOULDBLOCK: another one holds it.
  [[nodiscard]] virtual bool lock() = 0;

 protected:
  DiskFile() = default;
};

// The whole of it becomes zeros, on disk. What a flash chip, or a file system that does not
// overwrite in place, keeps of the blocks before is beyond it. False (errno): not all of it is;
// what the disk took is.
[[nodiscard]] bool overwrite(DiskFile& file);

class Disk {
 public:
  virtual ~Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // Of SQLite's way to the same files (sqlite3_vfs); null: its own.
  [[nodiscard]] virtual const char* sqlite_vfs() const = 0;

  enum class Open : std::uint8_t {
    kNew,        // errno EEXIST where there is one
    kUsual,      // made where there is none
    kThere,      // errno ENOENT where there is none; only to be read
    kPastCache,  // the same; reads and writes whole aligned blocks, past the page cache where it
                 // can
  };
  // Mode 0600, never through a symbolic link. Null: errno.
  [[nodiscard]] virtual std::unique_ptr<DiskFile> open(const std::string& path, Open how) = 0;
  // Mode 0700, not its parents. errno EEXIST.
  [[nodiscard]] virtual bool make_directory(const std::string& path) = 0;
  // Nobody else may read the file.
  [[nodiscard]] virtual bool protect(const std::string& path) = 0;
  [[nodiscard]] virtual bool remove(const std::string& path) = 0;
  // Names in it that came or went are on disk when it returns true.
  [[nodiscard]] virtual bool sync_directory(const std::string& path) = 0;
  // 0 where there is no such file.
  [[nodiscard]] virtual std::uint64_t bytes(const std::string& path) = 0;

 protected:
  Disk() = default;
};

// The machine's own.
[[nodiscard]] Disk& real_disk();

}  // namespace sudare
