// The directory that the store lives in: made if missing, held by one process, readable by nobody
// else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/store/disk.h"

namespace sudare {

// In a state directory that is being erased, until it is; and all that is in this file.
inline constexpr std::string_view kErasingName = "erasing";
inline constexpr std::string_view kErasingMark = "sudare-erasing/1\n";

// A folder in it: a transfer's new store, until it takes the old one's place; the old one then,
// until it is overwritten.
inline constexpr std::string_view kNextOwnerName = "transfer";

// Holds the lock on a state directory until destroyed, or until the process ends, however it ends.
class StateDirectory {
 public:
  // Makes `path` (0700, not its parents) if missing, locks it, and makes an empty outbox.db (0600)
  // if missing. What it makes in `path` is to be synced by the caller. kIo with errno; kRefused
  // with errno where another process, or another Store of this one, holds it; kRefused without
  // where it is being erased; kNotFound where outbox.db is missing or empty and not to be made.
  static Result<StateDirectory> hold(const std::string& path, Disk& disk = real_disk(),
                                     bool create = true);

  // A name in a directory survives a power cut only once the directory itself is synced. kIo.
  [[nodiscard]] static Status sync(const std::string& path, Disk& disk = real_disk());

  // Before SQLite opens outbox.db. A sync that failed in an earlier process leaves pages of the
  // write-ahead log that every reader sees, that count as clean, and that are not on the disk: what
  // SQLite recovers and goes on from would be gone with the next power cut. They are written again.
  // kIo, kFull.
  [[nodiscard]] static Status secure_log(const std::string& path, Disk& disk);

  // By who holds it. What a transfer that was cut short, or could not overwrite it, has left in
  // kNextOwnerName becomes zeros:
  // the former owner's chains, or ones that were never in force. kIo, kFull.
  [[nodiscard]] static Status wipe_next_owner(const std::string& path, Disk& disk);

  // Whether `sudare provision --erase` has begun there and was cut short: some files are gone, and
  // new chains among the rest would be erased with it. Also where the mark can't be read: whoever
  // erases may be another user.
  [[nodiscard]] static bool is_being_erased(const std::string& path, Disk& disk = real_disk());

  [[nodiscard]] static std::string database_path(const std::string& directory) {
    return directory + "/outbox.db";
  }
  [[nodiscard]] static std::string journal_path(const std::string& directory) {
    return directory + "/outbox.journal";
  }

 private:
  explicit StateDirectory(std::unique_ptr<DiskFile> lock) : lock_(std::move(lock)) {}
  std::unique_ptr<DiskFile> lock_;
};

}  // namespace sudare
