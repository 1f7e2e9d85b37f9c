#include "sim/process/spawn.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <random>
#include <string>

namespace sudare::sim {
namespace {

// Above the ports of usual services, below the kernel's own range.
constexpr unsigned kPortLeast = 10'240;
constexpr unsigned kPortsEnd = 32'768;
// What a process has for itself: more than its servers have at a time, so that a port comes again
// long after the server that had it, even where that one is away for a moment.
constexpr unsigned kPortsOfProcess = 128;
constexpr unsigned kShares = (kPortsEnd - kPortLeast) / kPortsOfProcess;

// Bound to the share's name, until the process ends: an abstract socket leaves nothing behind.
bool claim(unsigned share) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // A name that starts with a NUL, and has no end but its length.
  const std::string text = "sudare-ports-" + std::to_string(share);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  text.copy(name.sun_path + 1, sizeof name.sun_path - 1);
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  if (bind(fd, reinterpret_cast<const sockaddr*>(&name), bytes) == 0) return true;
  close(fd);
  return false;
}

// The first port of this process's own; 0 where all are taken.
unsigned first_port() {
  const unsigned start = std::random_device{}();
  for (unsigned i = 0; i < kShares; ++i) {
    const unsigned share = (start + i) % kShares;
    if (claim(share)) return kPortLeast + share * kPortsOfProcess;
  }
  return 0;
}

bool is_unused(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // As servers do: what lingers of a closed connection is no hindrance.
  const int yes = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     listen(fd, 1) == 0;
  close(fd);
  return bound;
}

}  // namespace

std::uint16_t unused_port() {
  static const unsigned first = first_port();
  static std::atomic<unsigned> next = 0;
  if (first == 0) return 0;
  for (unsigned attempt = 0; attempt < kPortsOfProcess; ++attempt) {
    const auto port = static_cast<std::uint16_t>(first + next++ % kPortsOfProcess);
    if (is_unused(port)) return port;
  }
  return 0;
}

pid_t fork_for_exec() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (const int number : {SIGINT, SIGTERM}) sigaction(number, &standard, nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

}  // namespace sudare::sim
