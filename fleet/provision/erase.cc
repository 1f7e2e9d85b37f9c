#include "fleet/provision/erase.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "fleet/cli/descriptor.h"
#include "fleet/provision/state_files.h"
#include "gateway/store/disk.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLock = "lock";
// The chains: first, so that whenever the power fails, they are gone if anything is.
constexpr std::string_view kChains = "outbox.db";

// Never through a symbolic link, which is removed as it is.
void overwrite_file(const fs::path& path, Erasure& done) {
  ++done.removed;
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const Descriptor file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (file.get() < 0 || !overwrite(file.get())) ++done.not_overwritten;
}

Status erase_entry(const fs::path& path, Erasure& done) {
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(path, error))) {
    for (auto it = fs::recursive_directory_iterator(path, error);
         !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (!it->is_directory(error)) overwrite_file(it->path(), done);
    }
    if (error) return fail(ErrorCode::kIo, "erase: a folder can't be read", error.value());
  } else {
    overwrite_file(path, done);
  }
  return remove_tree(path);
}

}  // namespace

Result<Erasure> erase_state(const std::string& state_directory) {
  const fs::path state = state_directory;
  Erasure done;
  std::error_code error;
  if (!fs::exists(state, error) && !error) return done;
  done.left = files_of_others(state_directory);
  TRY(std::vector<std::string> names, names_of_ours(state_directory));
  if (names.empty()) return done;
  const auto lock = real_disk().open((state / kLock).string(), Disk::Open::kUsual);
  if (!lock) return fail(ErrorCode::kIo, "erase: the lock can't be opened", errno);
  if (!lock->lock()) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "erase: flock", errno);
    return fail(ErrorCode::kRefused, "erase: the state directory is in use", EWOULDBLOCK);
  }
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name == kChains; });
  for (const std::string& name : names) {
    if (name == kLock) continue;
    TRY(erase_entry(state / name, done));
  }
  TRY(sync_directory(state));
  TRY(remove_tree(state / kLock));
  TRY(sync_directory(state));
  return done;
}

}  // namespace sudare
