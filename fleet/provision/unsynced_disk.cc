#include "fleet/provision/unsynced_disk.h"

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <utility>

#include "gateway/store/wiping_vfs.h"

namespace sudare {
namespace {

// SQLite's own way to files, with a sync that does nothing.
class Vfs {
 public:
  // Under a WipingVfs, which alone is registered.
  static sqlite3_vfs* make() {
    under_ = sqlite3_vfs_find(nullptr);
    ours_ = *under_;
    ours_.xOpen = open;
    return &ours_;
  }

 private:
  static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    const int code = under_->xOpen(under_, name, file, flags, out_flags);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    file->pMethods = without_sync(file->pMethods);
    return code;
  }

  // SQLite has a table of methods for the database and one for its logs. Tables live for ever, as
  // its own do.
  static const sqlite3_io_methods* without_sync(const sqlite3_io_methods* methods) {
    const std::lock_guard held(mutex_);
    const auto [found, fresh] = tables_.try_emplace(methods, *methods);
    if (fresh) found->second.xSync = [](sqlite3_file*, int) { return SQLITE_OK; };
    return &found->second;
  }

  static inline sqlite3_vfs* under_ = nullptr;
  static inline sqlite3_vfs ours_{};
  static inline std::mutex mutex_;
  static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> tables_;
};

class UnsyncedFile final : public DiskFile {
 public:
  explicit UnsyncedFile(std::unique_ptr<DiskFile> under) : under_(std::move(under)) {}
  ssize_t read(char* to, std::size_t bytes, std::uint64_t offset) override {
    return under_->read(to, bytes, offset);
  }
  ssize_t write(const char* from, std::size_t bytes, std::uint64_t offset) override {
    return under_->write(from, bytes, offset);
  }
  std::optional<std::uint64_t> size() override { return under_->size(); }
  bool resize(std::uint64_t bytes) override { return under_->resize(bytes); }
  bool sync() override { return true; }
  bool lock() override { return under_->lock(); }

 private:
  std::unique_ptr<DiskFile> under_;
};

class UnsyncedDisk final : public Disk {
 public:
  const char* sqlite_vfs() const override { return wiping_.name(); }
  std::unique_ptr<DiskFile> open(const std::string& path, Open how) override {
    auto file = real_disk().open(path, how);
    if (!file) return nullptr;
    return std::make_unique<UnsyncedFile>(std::move(file));
  }
  bool make_directory(const std::string& path) override { return real_disk().make_directory(path); }
  bool protect(const std::string& path) override { return real_disk().protect(path); }
  bool remove(const std::string& path) override { return real_disk().remove(path); }
  bool sync_directory(const std::string& /*path*/) override { return true; }
  std::uint64_t bytes(const std::string& path) override { return real_disk().bytes(path); }

 private:
  WipingVfs wiping_{Vfs::make(), "sudare-unsynced"};
};

}  // namespace

Disk& unsynced_disk() {
  static UnsyncedDisk disk;
  return disk;
}

}  // namespace sudare
