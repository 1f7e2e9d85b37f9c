#include "fleet/provision/state_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>

#include "fleet/cli/descriptor.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLedgerPrefix = "ledger";

// A state directory may be a mount of its own.
constexpr std::string_view kLostAndFound = "lost+found";

constexpr std::array<std::string_view, 9> kKept = {
    "lock",          "outbox.journal", "outbox.db",         "outbox.db-wal",
    "outbox.db-shm", kNextOwnerName,   "policy.last-valid", "policy.last-valid.new",
    kLostAndFound};

Result<std::vector<std::string>> names_that(const std::string& directory,
                                            const std::function<bool(const std::string&)>& wanted) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    std::string name = entry.path().filename().string();
    if (wanted(name)) found.push_back(std::move(name));
  }
  if (error) return fail(ErrorCode::kIo, "the state directory can't be read", error.value());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

StateFile state_file(std::string_view name) {
  if (std::find(kKept.begin(), kKept.end(), name) != kKept.end()) return StateFile::kStays;
  return name.starts_with(kLedgerPrefix) ? StateFile::kLedger : StateFile::kOther;
}

Result<std::vector<std::string>> names_to_judge(const std::string& state_directory) {
  return names_that(state_directory,
                    [](const std::string& name) { return state_file(name) != StateFile::kStays; });
}

Result<std::vector<std::string>> names_of_ours(const std::string& state_directory) {
  return names_that(state_directory, [](const std::string& name) {
    return state_file(name) != StateFile::kOther && name != kLostAndFound;
  });
}

std::vector<std::string> files_of_others(const std::string& state_directory) {
  auto names = names_that(state_directory, [](const std::string& name) {
    return state_file(name) == StateFile::kOther;
  });
  return names ? std::move(*names) : std::vector<std::string>{};
}

Status sync_directory(const fs::path& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return fail(ErrorCode::kIo, "the state directory can't be synced", errno);
  }
  return Done{};
}

Status remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(ErrorCode::kIo, "a file can't be removed", error.value());
  return Done{};
}

bool overwrite(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return false;
  const std::string zeros(64 * 1024, '\0');
  for (off_t at = 0; at < status.st_size;) {
    const auto room = static_cast<std::size_t>(status.st_size - at);
    const ssize_t count = pwrite(descriptor, zeros.data(), std::min(zeros.size(), room), at);
    if (count <= 0) return false;
    at += count;
  }
  return fsync(descriptor) == 0;
}

}  // namespace sudare
