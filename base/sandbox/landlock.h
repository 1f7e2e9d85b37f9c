// Landlock (kernel 5.13 and later): what a thread, and those that it starts, may do with files, TCP
// ports, and signals and abstract sockets of other processes. It holds for paths, which a system
// call filter can't see. Everything that the kernel's version can forbid is forbidden, but for what
// is allowed here. There is no way back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace sudare {

// Of the kernel; 0 where it has no Landlock or it is switched off.
using LandlockVersion = std::uint32_t;

// What may be done with a file, or beneath a directory.
enum class LandlockUse : std::uint8_t {
  kReadFiles,   // open for reading
  kReadTree,    // … and list directories
  kTakeFiles,   // … and delete files
  kWriteFiles,  // … and make, write, cut and rename files within one directory
  kExecute,     // open for reading and execute
};

class Landlock {
 public:
  // kIo where the kernel has Landlock and it fails.
  static Result<Landlock> create();
  ~Landlock();
  Landlock(Landlock&& other) noexcept;
  Landlock& operator=(Landlock&&) = delete;
  Landlock(const Landlock&) = delete;
  Landlock& operator=(const Landlock&) = delete;

  [[nodiscard]] LandlockVersion version() const { return version_; }
  // Of the file or directory that the path names now; another one that takes its place later is
  // not meant. kNotFound where there is none; kIo.
  Status allow(const std::string& path, LandlockUse use);
  // kIo. Without effect before version 4, which restricts no port.
  Status allow_connect(std::uint16_t port);
  // Signals to processes that did not inherit this. Restricted since version 6. Before enforce().
  void allow_signals() { signals_ = true; }

  // From here on, for this thread and those that it starts. PR_SET_NO_NEW_PRIVS must be set. kIo.
  Result<LandlockVersion> enforce();

 private:
  Landlock(LandlockVersion version, int ruleset) : version_(version), ruleset_(ruleset) {}
  Status open_ruleset();

  LandlockVersion version_ = 0;
  int ruleset_ = -1;
  bool signals_ = false;
};

}  // namespace sudare
