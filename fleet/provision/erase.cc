#include "fleet/provision/erase.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "fleet/cli/descriptor.h"
#include "fleet/cli/read_file.h"
#include "fleet/provision/state_files.h"
#include "gateway/store/disk.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLock = "lock";
// The chains: first, so that whenever the power fails, they are gone if anything is.
bool holds_chains(std::string_view name) { return name == "outbox.db" || name == "outbox.db-wal"; }

Status remove_file(const fs::path& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return Done{};
  return fail(ErrorCode::kIo, "erase: a file can't be removed", errno);
}

// Never through a symbolic link, which is removed as it is. A file with chains keeps its name until
// it is overwritten: in blocks that were only freed, nobody would overwrite them any more.
Status erase_file(const fs::path& path, Erasure& done) {
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    const auto file = real_disk().open(path.string(), Disk::Open::kUsual);
    if (!file || !overwrite(*file)) {
      if (holds_chains(path.filename().string())) {
        return fail(ErrorCode::kIo, "erase: the chains can't be overwritten", errno);
      }
      ++done.not_overwritten;
    }
  }
  TRY(remove_file(path));
  ++done.removed;
  return Done{};
}

// What is ours of a transfer's new store. The folder stays where others wrote into it.
Status erase_next_owner(const fs::path& folder, Erasure& done) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const bool is_folder = fs::is_directory(at->symlink_status(error));
    if (!is_folder && is_store_file(at->path().filename().string())) paths.push_back(at->path());
  }
  if (error) return fail(ErrorCode::kIo, "erase: a folder can't be read", error.value());
  for (const fs::path& path : paths) {
    TRY(erase_file(path, done));
  }
  fs::remove(folder, error);
  if (error && error != std::errc::directory_not_empty) {
    return fail(ErrorCode::kIo, "erase: a folder can't be removed", error.value());
  }
  return Done{};
}

bool is_begun(const fs::path& mark) {
  struct stat info {};
  if (lstat(mark.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  const Result<std::string> text = cli::read_file(mark.string(), kErasingMark.size());
  return text && *text == kErasingMark;
}

// On disk before anything goes.
Status begin(const fs::path& state) {
  const std::string mark = (state / kErasingName).string();
  if (is_begun(mark)) return Done{};
  // One that was cut while it was written.
  const Descriptor file(
      open(mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0) return fail(ErrorCode::kIo, "erase: its mark can't be written", errno);
  TRY(write_all(file.get(), kErasingMark, "erase: its mark can't be written"));
  if (fsync(file.get()) != 0) return fail(ErrorCode::kIo, "erase: fsync", errno);
  return sync_directory(state);
}

Result<std::unique_ptr<DiskFile>> hold(const fs::path& state) {
  auto lock = real_disk().open((state / kLock).string(), Disk::Open::kUsual);
  if (!lock) return fail(ErrorCode::kIo, "erase: the lock can't be opened", errno);
  if (lock->lock()) return lock;
  if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "erase: flock", errno);
  return fail(ErrorCode::kRefused, "erase: the state directory is in use", EWOULDBLOCK);
}

}  // namespace

Result<Erasure> erase_state(const std::string& state_directory) {
  const fs::path state = state_directory;
  Erasure done;
  std::error_code error;
  if (!fs::is_directory(state, error)) {
    return fail(ErrorCode::kNotFound, "erase: there is no such directory", error.value());
  }
  TRY(done.left, names_of_others(state_directory));
  TRY(std::vector<std::string> names, names_of_ours(state_directory));
  if (names.empty() && done.left.empty()) return done;
  if (!is_begun(state / kErasingName) && !has_our_store(state_directory)) {
    return fail(ErrorCode::kMalformed, "erase: not a state directory of Sudare");
  }
  TRY(const std::unique_ptr<DiskFile> lock, hold(state));
  TRY(begin(state));
  std::stable_partition(names.begin(), names.end(), holds_chains);
  for (const std::string& name : names) {
    if (name == kLock || name == kErasingName) continue;
    if (name == kNextOwnerName) {
      TRY(erase_next_owner(state / name, done));
      continue;
    }
    TRY(erase_file(state / name, done));
  }
  TRY(remove_file(state / kLock));
  TRY(sync_directory(state));
  // Last: until here the rest is found by it.
  TRY(remove_file(state / kErasingName));
  TRY(sync_directory(state));
  return done;
}

}  // namespace sudare
