#include "sim/bench/machine.h"

#include <sys/utsname.h>
#include <sys/vfs.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "sim/process/child.h"

namespace sudare::sim::bench {

namespace {

namespace fs = std::filesystem;

// statfs(2).
constexpr long kExt4 = 0xEF53;
constexpr long kXfs = 0x58465342;
constexpr long kBtrfs = 0x9123683E;
constexpr long kTmpfs = 0x01021994;
constexpr long kOverlay = 0x794C7630;

std::string file_system_of(const fs::path& directory) {
  struct statfs info {};
  if (statfs(directory.c_str(), &info) != 0) return "unknown";
  switch (static_cast<long>(info.f_type)) {
    case kExt4: return "ext4";
    case kXfs: return "xfs";
    case kBtrfs: return "btrfs";
    case kOverlay: return "overlay";
    case kTmpfs: return "tmpfs: memory, no disk";
    default: return "another";
  }
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

// What a tool said, without its last line feed; empty where it fails or is not there.
std::string said(const std::vector<std::string>& arguments, const fs::path& directory) {
  auto text = run_tool(arguments, directory / "tool.log");
  std::error_code ignored;
  fs::remove(directory / "tool.log", ignored);
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

}  // namespace

Machine this_machine(const fs::path& directory) {
  Machine machine;
  machine.cpu = cpu_model();
  machine.cores = std::thread::hardware_concurrency();
  utsname system{};
  if (uname(&system) == 0) machine.kernel = std::string(system.release) + " " + system.machine;
  machine.file_system = file_system_of(directory);
  std::ifstream("/proc/loadavg") >> machine.load_before;
  std::istringstream packages(
      said({"dpkg-query", "-W", "-f=${Package} ${Version}\n", "mosquitto", "libmosquitto1",
            "libsqlite3-0", "libssl3", "libsodium23", "libzstd1", "libprotobuf32"},
           directory));
  for (std::string line; std::getline(packages, line);) machine.packages.push_back(line);
  return machine;
}

std::string commit_here(const fs::path& directory) {
  const std::string commit = said({"git", "rev-parse", "HEAD"}, directory);
  if (commit.empty()) return {};
  const std::string changed =
      said({"git", "status", "--porcelain", "--untracked-files=no"}, directory);
  return changed.empty() ? commit : commit + "-changed";
}

}  // namespace sudare::sim::bench
