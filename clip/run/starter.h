// A process that starts sudare-clip for one that has given up executing programs: the gateway forks
// it first of all, and then lets the kernel kill whoever calls execve. It knows one program; what
// it is told is that program's arguments and three file descriptors. What it starts is the
// gateway's child, not its own, so the gateway ends and reaps it as ever. It ends with the gateway.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "clip/run/owned_fd.h"

namespace sudare::clip {

// What a request may hold: sudare-clip takes a handful of short words.
inline constexpr std::size_t kStarterBytesMax = 1024;

class Starter {
 public:
  // Forks. While the process has one thread, and no descriptor that is not close-on-exec matters:
  // the new process closes all of them. kIo.
  static Result<std::unique_ptr<Starter>> fork(const std::filesystem::path& program);
  ~Starter();
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;

  // Returns the new child of this process, which has the three as 0, 1 and 2, default signal
  // dispositions and an empty environment. kNotFound: the program is not there. kIo; after
  // kUnavailable, the starter is gone and so it stays. Waits for the fork, not for the program.
  [[nodiscard]] Result<pid_t> start(const std::vector<std::string>& arguments, int input,
                                    int output, int errors);

 private:
  Starter(OwnedFd socket, pid_t process) : socket_(std::move(socket)), process_(process) {}

  OwnedFd socket_;
  pid_t process_ = -1;
};

}  // namespace sudare::clip
