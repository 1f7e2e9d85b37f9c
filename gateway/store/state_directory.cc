#include "gateway/store/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace sudare {
namespace {

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    return StateDirectory::sync(parent.empty() ? "." : parent.string());
  }
  if (errno != EEXIST) return fail(ErrorCode::kIo, "state directory: can't be created", errno);
  return Done{};
}

// SQLite would create the file readable for the group; its WAL takes over the file's mode.
Status make_database_file(const std::string& directory) {
  const std::string path = StateDirectory::database_path(directory);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file >= 0) {
    close(file);
    return StateDirectory::sync(directory);
  }
  if (errno != EEXIST) {
    return fail(ErrorCode::kIo, "state directory: outbox.db can't be created", errno);
  }
  if (chmod(path.c_str(), 0600) != 0) {
    return fail(ErrorCode::kIo, "state directory: outbox.db belongs to another user", errno);
  }
  return Done{};
}

}  // namespace

Result<StateDirectory> StateDirectory::hold(const std::string& path) {
  TRY(make_directory(path));
  const std::string name = path + "/lock";
  const int file = open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorCode::kIo, "state directory: the lock can't be created", errno);
  StateDirectory directory(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "state directory: flock", errno);
    return fail(ErrorCode::kRefused, "state directory: in use by another process", EWOULDBLOCK);
  }
  TRY(make_database_file(path));
  return directory;
}

Status StateDirectory::sync(const std::string& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return fail(ErrorCode::kIo, "state directory: open", errno);
  const int synced = fsync(directory);
  const int reason = errno;
  close(directory);
  if (synced != 0) return fail(ErrorCode::kIo, "state directory: fsync", reason);
  return Done{};
}

StateDirectory::StateDirectory(StateDirectory&& other) noexcept
    : lock_(std::exchange(other.lock_, -1)) {}

StateDirectory::~StateDirectory() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace sudare
