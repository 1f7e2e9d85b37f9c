// A disk that does what another one does, but for one call, which fails with an errno of choice.
// Not under SQLite: statement_faults.h.
#pragma once

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "gateway/store/disk.h"

namespace sudare::testkit {

enum class DiskCall : std::uint8_t {
  kOpen,
  kMakeDirectory,
  kProtect,
  kRemove,
  kSyncDirectory,
  kRead,
  kWrite,
  kSize,
  kResize,
  kSync,
  kLock
};

// Outlives the files that it opens.
class FaultyDisk final : public Disk {
 public:
  explicit FaultyDisk(Disk& under) : under_(under) {}

  // The `number`-th such call from now fails, and `times - 1` after it.
  void fail(DiskCall call, int error, int number = 1, int times = 1) {
    call_ = call;
    error_ = error;
    wait_ = number;
    times_ = times;
  }
  // Reads and writes take so many bytes at most. 0: any.
  void set_bytes_max(std::size_t bytes) { bytes_max_ = bytes; }
  // Reads from `begin` to before `end` of a file fail with EIO: sectors that are gone.
  void lose(std::uint64_t begin, std::uint64_t end) { lost_begin_ = begin, lost_end_ = end; }

  [[nodiscard]] const char* sqlite_vfs() const override { return under_.sqlite_vfs(); }
  [[nodiscard]] std::unique_ptr<DiskFile> open(const std::string& path, Open how) override {
    if (fails(DiskCall::kOpen)) return nullptr;
    auto file = under_.open(path, how);
    if (!file) return nullptr;
    return std::make_unique<File>(*this, std::move(file));
  }
  [[nodiscard]] bool make_directory(const std::string& path) override {
    return !fails(DiskCall::kMakeDirectory) && under_.make_directory(path);
  }
  [[nodiscard]] bool protect(const std::string& path) override {
    return !fails(DiskCall::kProtect) && under_.protect(path);
  }
  [[nodiscard]] bool remove(const std::string& path) override {
    return !fails(DiskCall::kRemove) && under_.remove(path);
  }
  [[nodiscard]] bool sync_directory(const std::string& path) override {
    return !fails(DiskCall::kSyncDirectory) && under_.sync_directory(path);
  }
  [[nodiscard]] std::uint64_t bytes(const std::string& path) override { return under_.bytes(path); }

 private:
  class File final : public DiskFile {
   public:
    File(FaultyDisk& disk, std::unique_ptr<DiskFile> under)
        : disk_(disk), under_(std::move(under)) {}
    ssize_t read(char* to, std::size_t bytes, std::uint64_t offset) override {
      if (disk_.fails(DiskCall::kRead)) return -1;
      bytes = disk_.at_most(bytes);
      if (offset < disk_.lost_end_ && offset + bytes > disk_.lost_begin_) {
        errno = EIO;
        return -1;
      }
      return under_->read(to, bytes, offset);
    }
    ssize_t write(const char* from, std::size_t bytes, std::uint64_t offset) override {
      if (disk_.fails(DiskCall::kWrite)) return -1;
      return under_->write(from, disk_.at_most(bytes), offset);
    }
    std::optional<std::uint64_t> size() override {
      return disk_.fails(DiskCall::kSize) ? std::nullopt : under_->size();
    }
    bool resize(std::uint64_t bytes) override {
      return !disk_.fails(DiskCall::kResize) && under_->resize(bytes);
    }
    bool sync() override { return !disk_.fails(DiskCall::kSync) && under_->sync(); }
    bool lock() override { return !disk_.fails(DiskCall::kLock) && under_->lock(); }

   private:
    FaultyDisk& disk_;
    std::unique_ptr<DiskFile> under_;
  };

  bool fails(DiskCall call) {
    if (call != call_ || times_ == 0 || --wait_ > 0) return false;
    --times_;
    errno = error_;
    return true;
  }
  [[nodiscard]] std::size_t at_most(std::size_t bytes) const {
    return bytes_max_ == 0 ? bytes : std::min(bytes, bytes_max_);
  }

  Disk& under_;
  DiskCall call_ = DiskCall::kOpen;
  int error_ = 0;
  int wait_ = 0;
  int times_ = 0;  // 0: none is planned
  std::size_t bytes_max_ = 0;
  std::uint64_t lost_begin_ = 0;
  std::uint64_t lost_end_ = 0;
};

}  // namespace sudare::testkit
