#include "gateway/store/state_directory.h"

#include <cerrno>
#include <filesystem>
#include <utility>

namespace sudare {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;

Status make_directory(const std::string& path, Disk& disk) {
  if (disk.make_directory(path) || errno == EEXIST) return Done{};
  return fail(ErrorCode::kIo, "state directory: can't be created", errno);
}

// SQLite would create the file readable for the group; its WAL takes over the file's mode.
Status make_database_file(const std::string& directory, Disk& disk) {
  const std::string path = StateDirectory::database_path(directory);
  // Nothing was committed yet. Whoever made the directory may have been killed before this.
  if (disk.bytes(path) == 0) {
    const std::filesystem::path parent = std::filesystem::path(directory).parent_path();
    TRY(StateDirectory::sync(parent.empty() ? "." : parent.string(), disk));
  }
  if (disk.open(path, Disk::Open::kNew)) return Done{};
  if (errno != EEXIST) {
    return fail(ErrorCode::kIo, "state directory: outbox.db can't be created", errno);
  }
  if (!disk.protect(path)) {
    return fail(ErrorCode::kIo, "state directory: outbox.db belongs to another user", errno);
  }
  return Done{};
}

}  // namespace

Result<StateDirectory> StateDirectory::hold(const std::string& path, Disk& disk, bool create) {
  TRY(make_directory(path, disk));
  auto file = disk.open(path + "/lock", Disk::Open::kUsual);
  if (!file) return fail(ErrorCode::kIo, "state directory: the lock can't be created", errno);
  if (!file->lock()) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "state directory: flock", errno);
    return fail(ErrorCode::kRefused, "state directory: in use by another process", EWOULDBLOCK);
  }
  if (is_being_erased(path, disk)) {
    return fail(ErrorCode::kRefused, "state directory: it is being erased");
  }
  errno = 0;
  if (!create && disk.bytes(database_path(path)) == 0) {
    if (errno != 0 && errno != ENOENT) {
      return fail(ErrorCode::kIo, "state directory: the store can't be looked at", errno);
    }
    return fail(ErrorCode::kNotFound, "state directory: there is no store in it");
  }
  TRY(make_database_file(path, disk));
  return StateDirectory(std::move(file));
}

Status StateDirectory::wipe_next_owner(const std::string& path, Disk& disk) {
  const std::string database = database_path(path + "/" + std::string(kNextOwnerName));
  for (const std::string& name : {database, database + "-wal"}) {
    if (disk.bytes(name) == 0) continue;
    const auto file = disk.open(name, Disk::Open::kUsual);
    if (!file) return fail(ErrorCode::kIo, "state directory: transfer/ can't be opened", errno);
    if (!overwrite(*file) || !file->resize(0)) {
      return fail(ErrorCode::kIo, "state directory: transfer/ can't be overwritten", errno);
    }
  }
  return Done{};
}

bool StateDirectory::is_being_erased(const std::string& path, Disk& disk) {
  const std::string mark = path + "/" + std::string(kErasingName);
  if (disk.bytes(mark) != kErasingMark.size()) return false;
  const auto file = disk.open(mark, Disk::Open::kThere);
  if (!file) return errno != ENOENT;  // root's, or a link
  std::string text(kErasingMark.size(), '\0');
  return file->read(text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
         text == kErasingMark;
}

Status StateDirectory::sync(const std::string& path, Disk& disk) {
  if (disk.sync_directory(path)) return Done{};
  return fail(ErrorCode::kIo, "state directory: fsync", errno);
}

Status StateDirectory::secure_log(const std::string& path, Disk& disk) {
  const std::string log = database_path(path) + "-wal";
  if (disk.bytes(log) == 0) return Done{};
  const auto file = disk.open(log, Disk::Open::kUsual);
  if (!file) return fail(ErrorCode::kIo, "state directory: the log can't be opened", errno);
  std::string piece(kPieceBytes, '\0');
  for (std::uint64_t at = 0;;) {
    const ssize_t bytes = file->read(piece.data(), piece.size(), at);
    if (bytes < 0) return fail(ErrorCode::kIo, "state directory: the log can't be read", errno);
    if (bytes == 0) break;
    const auto size = static_cast<std::size_t>(bytes);
    if (file->write(piece.data(), size, at) != bytes) {
      return fail(ErrorCode::kIo, "state directory: the log can't be written", errno);
    }
    at += size;
  }
  if (!file->sync()) return fail(ErrorCode::kIo, "state directory: the log can't be synced", errno);
  return Done{};
}

}  // namespace sudare
