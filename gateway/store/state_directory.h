// The directory that the store lives in: made if missing, held by one process, readable by nobody
// else.
#pragma once

#include <string>

#include "base/result.h"

namespace sudare {

// Holds the lock on a state directory until destroyed. The kernel lets go of it when the process
// ends, however it ends.
class StateDirectory {
 public:
  // Makes `path` (0700, not its parents) if missing, locks it, and makes an empty outbox.db (0600)
  // if missing. kIo with errno; kRefused with errno where another process, or another Store of this
  // one, holds it.
  static Result<StateDirectory> hold(const std::string& path);
  ~StateDirectory();
  StateDirectory(StateDirectory&& other) noexcept;
  StateDirectory& operator=(StateDirectory&&) = delete;

  // A name in a directory survives a power cut only once the directory itself is synced. kIo.
  [[nodiscard]] static Status sync(const std::string& path);

  [[nodiscard]] static std::string database_path(const std::string& directory) {
    return directory + "/outbox.db";
  }
  [[nodiscard]] static std::string journal_path(const std::string& directory) {
    return directory + "/outbox.journal";
  }

 private:
  explicit StateDirectory(int lock) : lock_(lock) {}
  int lock_;  // file descriptor; -1: moved from
};

}  // namespace sudare
