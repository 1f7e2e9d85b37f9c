#include "tests/faults/process/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kImageBytes = 16U << 20;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// A thread that has done it once may do it again.
void enter_private_mounts() {
  if (unshare(CLONE_FS | CLONE_NEWNS) != 0) fail("unshare");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("mounts");
}

void must_run(const std::vector<std::string>& arguments, int most) {
  const testkit::RunResult result = testkit::run(arguments);
  if (result.status <= most) return;
  throw std::runtime_error(arguments.front() + ": " + result.errors + result.output);
}

}  // namespace

std::string small_disks_lack() {
  if (geteuid() != 0) return "root, to mount small disks";
  if (access("/dev/loop-control", R_OK | W_OK) != 0) return "loop devices";
  return "";
}

SmallDisk::SmallDisk(const fs::path& path, std::uint64_t bytes, std::uint64_t inodes)
    : path_(path) {
  enter_private_mounts();
  fs::create_directory(path_);
  const std::string options =
      "size=" + std::to_string(bytes) + ",nr_inodes=" + std::to_string(inodes);
  if (mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) fail("tmpfs");
}

SmallDisk::~SmallDisk() { umount2(path_.c_str(), MNT_DETACH); }

void SmallDisk::fill_but(std::uint64_t bytes) const {
  struct statvfs now {};
  if (statvfs(path_.c_str(), &now) != 0) fail("statvfs");
  const std::uint64_t available = now.f_bavail * now.f_frsize;
  if (available <= bytes) return;
  const int file = open((path_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  // What the gateway takes meanwhile is not there any more: then a little less is filled.
  std::uint64_t size = available - bytes;
  while (posix_fallocate(file, 0, static_cast<off_t>(size)) != 0 && size > 65'536) size -= 65'536;
  close(file);
}

void SmallDisk::use_inodes_but(std::uint64_t inodes) const {
  fs::create_directory(path_ / "many");
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    struct statvfs now {};
    if (statvfs(path_.c_str(), &now) != 0) fail("statvfs");
    if (now.f_favail <= inodes) return;
    std::ofstream(path_ / "many" / std::to_string(i));
  }
}

void SmallDisk::make_room() const {
  fs::remove(path_ / "ballast");
  fs::remove_all(path_ / "many");
}

FlashDisk::FlashDisk(const fs::path& path) : path_(path), image_(path.string() + ".image") {
  enter_private_mounts();
  fs::create_directory(path_);
  std::ofstream(image_).close();
  fs::resize_file(image_, kImageBytes);
  must_run({"mkfs.ext4", "-q", "-m", "0", image_}, 0);
  const testkit::RunResult loop = testkit::run({"losetup", "-f", "--show", image_});
  if (loop.status != 0) throw std::runtime_error("losetup: " + loop.errors);
  device_ = loop.output.substr(0, loop.output.find('\n'));
  mount_it();
}

FlashDisk::~FlashDisk() {
  umount2(path_.c_str(), 0);
  (void)testkit::run({"losetup", "-d", device_});
}

void FlashDisk::mount_it() {
  if (mount(device_.c_str(), path_.c_str(), "ext4", 0, "errors=remount-ro") != 0) fail("ext4");
}

// A process that another thread has just forked may still hold what this one had open.
void FlashDisk::unmount_it() {
  if (!testkit::eventually([&] { return umount2(path_.c_str(), 0) == 0; })) fail("umount");
}

// Between two calls of the gateway: of an fdatasync that such an error overtakes ext4 may say that
// it succeeded, though the end of the file is gone (5 of 60 times for ten lines of C that append,
// Linux 6.18). A disk that lies so no program survives.
void FlashDisk::make_read_only() const {
  const std::string name = device_.substr(std::string("/dev/").size());
  std::ofstream trigger("/sys/fs/ext4/" + name + "/trigger_fs_error");
  // A program of this machine's: the emulator does not know the call.
  const bool frozen = testkit::run({"fsfreeze", "--freeze", path_.string()}).status == 0;
  trigger << "a fault of this test\n" << std::flush;
  if (frozen) must_run({"fsfreeze", "--unfreeze", path_.string()}, 0);
  if (!frozen || !trigger) throw std::runtime_error("trigger_fs_error of " + name);
}

void FlashDisk::repair() {
  unmount_it();
  must_run({"e2fsck", "-f", "-y", device_}, 1);  // 1: something was corrected
  mount_it();
}

std::string FlashDisk::content() {
  unmount_it();
  std::string bytes(kImageBytes, '\0');
  std::ifstream file(image_, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) fail("image");
  mount_it();
  return bytes;
}

}  // namespace sudare::faults
