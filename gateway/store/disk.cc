#include "gateway/store/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "gateway/store/wiping_vfs.h"

namespace sudare {
namespace {

class RealFile final : public DiskFile {
 public:
  explicit RealFile(int fd) : fd_(fd) {}
  ~RealFile() override { close(fd_); }

  ssize_t read(char* to, std::size_t bytes, std::uint64_t offset) override {
    return pread(fd_, to, bytes, static_cast<off_t>(offset));
  }
  ssize_t write(const char* from, std::size_t bytes, std::uint64_t offset) override {
    return pwrite(fd_, from, bytes, static_cast<off_t>(offset));
  }
  std::optional<std::uint64_t> size() override {
    struct stat found {};
    if (fstat(fd_, &found) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(found.st_size);
  }
  bool resize(std::uint64_t bytes) override {
    return ftruncate(fd_, static_cast<off_t>(bytes)) == 0;
  }
  bool sync() override { return fdatasync(fd_) == 0; }
  // The kernel lets go of it when the process ends, however it ends.
  bool lock() override { return flock(fd_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int fd_;
};

class RealDisk final : public Disk {
 public:
  const char* sqlite_vfs() const override { return vfs_.name(); }

  std::unique_ptr<DiskFile> open(const std::string& path, Open how) override {
    const int access =
        how == Open::kThere ? O_RDONLY : O_RDWR | O_CREAT | (how == Open::kNew ? O_EXCL : 0);
    const int flags = access | O_NOFOLLOW | O_CLOEXEC;
    int fd = -1;
    if (how == Open::kPastCache) fd = ::open(path.c_str(), flags | O_DIRECT, 0600);
    // Not every file system can go past the cache.
    if (fd < 0 && (how != Open::kPastCache || errno == EINVAL)) {
      fd = ::open(path.c_str(), flags, 0600);
    }
    if (fd < 0) return nullptr;
    return std::make_unique<RealFile>(fd);
  }
  bool make_directory(const std::string& path) override { return mkdir(path.c_str(), 0700) == 0; }
  bool protect(const std::string& path) override { return chmod(path.c_str(), 0600) == 0; }
  bool remove(const std::string& path) override { return unlink(path.c_str()) == 0; }
  bool sync_directory(const std::string& path) override {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return false;
    const bool synced = fsync(directory) == 0;
    const int reason = errno;
    close(directory);
    errno = reason;
    return synced;
  }
  std::uint64_t bytes(const std::string& path) override {
    static_assert(sizeof(off_t) == 8, "files over 2 GiB would not be there");
    struct stat found {};
    return stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
  }

 private:
  WipingVfs vfs_{nullptr, "sudare-wiping"};
};

}  // namespace

bool overwrite(DiskFile& file) {
  constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;
  const std::optional<std::uint64_t> size = file.size();
  if (!size) return false;
  const std::string zeros(kPieceBytes, '\0');
  int refused = 0;
  for (std::uint64_t at = 0; at < *size;) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, *size - at));
    const ssize_t count = file.write(zeros.data(), piece, at);
    if (count <= 0) refused = count < 0 ? errno : EIO;
    at += count > 0 ? static_cast<std::uint64_t>(count) : piece;
  }
  if (!file.sync()) return false;
  errno = refused;
  return refused == 0;
}

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

}  // namespace sudare
