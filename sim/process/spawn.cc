#include "sim/process/spawn.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace sudare::sim {
namespace {

// Above the ports of usual services, below the kernel's own range.
constexpr std::uint16_t kPortLeast = 10'240;
constexpr std::uint16_t kPortMost = 32'767;
// With half of them in use, a thousandth of a thousandth remains.
constexpr int kPortAttempts = 20;

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
  thread_local std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<std::uint16_t> ports(kPortLeast, kPortMost);
  for (int attempt = 0; attempt < kPortAttempts; ++attempt) {
    if (const std::uint16_t port = ports(random); is_unused(port)) return port;
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
