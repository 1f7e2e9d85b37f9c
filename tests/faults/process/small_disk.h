// Small file systems of a fault's own, in a mount namespace that only the calling thread and what
// it starts are in: they go with it, whatever happens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sudare::faults {

// What the faults of the disk need and this machine does not give; empty: all is there.
std::string small_disks_lack();

// A tmpfs at `path`, which is made. Throws std::runtime_error.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& path, std::uint64_t bytes, std::uint64_t inodes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Something else takes all but `bytes` …
  void fill_but(std::uint64_t bytes) const;
  // … or all but so many inodes …
  void use_inodes_but(std::uint64_t inodes) const;
  // … and gives it back.
  void make_room() const;

 private:
  std::filesystem::path path_;
};

// ext4 in an image of its own, which an error of the file system makes read-only under whoever
// writes to it, as on a car's worn flash.
class FlashDisk {
 public:
  // `path` is made; the image lies beside it.
  explicit FlashDisk(const std::filesystem::path& path);
  ~FlashDisk();
  FlashDisk(const FlashDisk&) = delete;
  FlashDisk& operator=(const FlashDisk&) = delete;

  void make_read_only() const;
  // The unit boots: checked, and writable again. Nobody may use it.
  void repair();
  // Every byte of it, free blocks included. Nobody may use it.
  [[nodiscard]] std::string content();

 private:
  void mount_it();
  void unmount_it();

  std::filesystem::path path_;
  std::filesystem::path image_;
  std::string device_;  // "/dev/loop3"
};

}  // namespace sudare::faults
