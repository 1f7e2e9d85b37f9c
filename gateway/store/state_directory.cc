#include "gateway/store/state_directory.h"

#include <cerrno>
#include <filesystem>
#include <utility>

namespace sudare {
namespace {

Status make_directory(const std::string& path, Disk& disk) {
  if (disk.make_directory(path)) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    return StateDirectory::sync(parent.empty() ? "." : parent.string(), disk);
  }
  if (errno != EEXIST) return fail(ErrorCode::kIo, "state directory: can't be created", errno);
  return Done{};
}

// SQLite would create the file readable for the group; its WAL takes over the file's mode.
Status make_database_file(const std::string& directory, Disk& disk) {
  const std::string path = StateDirectory::database_path(directory);
  if (disk.open(path, Disk::Open::kNew)) return StateDirectory::sync(directory, disk);
  if (errno != EEXIST) {
    return fail(ErrorCode::kIo, "state directory: outbox.db can't be created", errno);
  }
  if (!disk.protect(path)) {
    return fail(ErrorCode::kIo, "state directory: outbox.db belongs to another user", errno);
  }
  return Done{};
}

}  // namespace

Result<StateDirectory> StateDirectory::hold(const std::string& path, Disk& disk) {
  TRY(make_directory(path, disk));
  auto file = disk.open(path + "/lock", Disk::Open::kUsual);
  if (!file) return fail(ErrorCode::kIo, "state directory: the lock can't be created", errno);
  if (!file->lock()) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "state directory: flock", errno);
    return fail(ErrorCode::kRefused, "state directory: in use by another process", EWOULDBLOCK);
  }
  TRY(make_database_file(path, disk));
  return StateDirectory(std::move(file));
}

Status StateDirectory::sync(const std::string& path, Disk& disk) {
  if (disk.sync_directory(path)) return Done{};
  return fail(ErrorCode::kIo, "state directory: fsync", errno);
}

}  // namespace sudare
