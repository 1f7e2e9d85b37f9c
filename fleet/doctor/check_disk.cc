#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fleet/cli/descriptor.h"
#include "fleet/doctor/check_unit.h"
#include "gateway/store/state_directory.h"

namespace sudare::doctor {
namespace {

// The gateway needs a handful of files.
constexpr std::uint64_t kInodesLeast = 64;
constexpr std::uint64_t kBytesPerMib = std::uint64_t{1024} * 1024;
constexpr int kFilesMax = 1000;  // that are added up

// statfs(2), linux/magic.h.
constexpr std::uint32_t kTmpfs = 0x01021994;
constexpr std::uint32_t kRamfs = 0x858458f6;
constexpr std::uint32_t kOverlay = 0x794c7630;
constexpr std::uint32_t kFat = 0x4d44;
constexpr std::uint32_t kExfat = 0x2011bab0;
constexpr std::uint32_t kNfs = 0x6969;
constexpr std::uint32_t kSmb = 0xff534d42;
constexpr std::uint32_t kSmb2 = 0xfe534d42;
constexpr std::uint32_t k9p = 0x01021997;
constexpr std::uint32_t kFuse = 0x65735546;

std::uint64_t bytes_in(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  int files = 0;
  for (std::filesystem::directory_iterator it(directory, error), end;
       !error && it != end && files < kFilesMax; it.increment(error), ++files) {
    const auto size = it->file_size(error);
    if (!error) bytes += size;
    error.clear();
  }
  return bytes;
}

void check_space(const GatewayConfigPlan& plan, Report& report) {
  Check check(report, "disk.space");
  struct statvfs info {};
  if (statvfs(plan.state_directory.c_str(), &info) != 0) {
    return check.skip(std::string("the state directory: ") + std::strerror(errno));
  }
  const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
  const std::uint64_t there = free + bytes_in(plan.state_directory);
  check.ok(std::to_string(free / kBytesPerMib) + " MiB free");
  if (there < plan.quota_bytes) {
    check.problem(std::to_string(there / kBytesPerMib) + " MiB for a quota of " +
                      std::to_string(plan.quota_bytes / kBytesPerMib) + " MiB",
                  "make room, or a smaller store { quota_bytes: … }", plan.state_directory);
  }
  if (info.f_files > 0 && info.f_favail < kInodesLeast) {
    check.problem("almost no file can be made any more (inodes)", "make room",
                  plan.state_directory);
  }
  if ((info.f_flag & ST_RDONLY) != 0) {
    check.problem("the file system is mounted read-only", "the state directory must be writable",
                  plan.state_directory);
  }
}

void check_kind(const GatewayConfigPlan& plan, Report& report) {
  Check check(report, "disk.kind");
  struct statfs info {};
  if (statfs(plan.state_directory.c_str(), &info) != 0) {
    return check.skip(std::string("the state directory: ") + std::strerror(errno));
  }
  check.ok("a file system that keeps what is synced");
  switch (static_cast<std::uint32_t>(info.f_type)) {
    case kTmpfs:
    case kRamfs:
      return check.problem(
          "the state directory is in memory: queue and pseudonyms are lost with "
          "the power",
          "a partition of its own", plan.state_directory);
    case kFat:
    case kExfat:
      return check.problem("FAT has no owners, permissions or journal", "ext4, f2fs or UBIFS",
                           plan.state_directory);
    case kNfs:
    case kSmb:
    case kSmb2:
    case k9p:
      return check.problem("the state directory is on the network: locks and syncs may lie",
                           "a local disk", plan.state_directory);
    case kOverlay:
      return check.warning("an overlay: is its upper layer on a disk that stays?",
                           "mount a partition there", plan.state_directory);
    case kFuse:
      return check.warning("FUSE: whether a sync reaches the disk is up to a program",
                           "a file system of the kernel's", plan.state_directory);
    default: return;
  }
}

// Syncing a file that nobody changed writes nothing.
void check_sync(const GatewayConfigPlan& plan, Report& report) {
  Check check(report, "disk.sync");
  const std::string file = StateDirectory::database_path(plan.state_directory);
  const Descriptor opened(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (opened.get() < 0) return check.skip("there is no store to sync");
  check.ok("outbox.db and its directory can be synced");
  const Descriptor directory(
      open(plan.state_directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fsync(opened.get()) != 0 || fsync(directory.get()) != 0) {
    check.problem(std::string("fsync: ") + std::strerror(errno),
                  "nothing that is acknowledged survives a loss of power on this disk",
                  plan.state_directory);
  }
}

}  // namespace

void check_disk(const GatewayConfigPlan& plan, Report& report) {
  check_space(plan, report);
  check_kind(plan, report);
  check_sync(plan, report);
}

}  // namespace sudare::doctor
