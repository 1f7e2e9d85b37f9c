#include "gateway/status/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace sudare {
namespace {

constexpr std::int64_t kUsecPerMs = 1000;
constexpr std::int64_t kTimesPerTimeout = 4;

std::string_view variable(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// A path, or with '@' a name of Linux's own.
int connected(std::string_view address) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof to.sun_path) return -1;
  if (address.front() != '/' && address.front() != '@') return -1;
  address.copy(to.sun_path, address.size());
  if (address.front() == '@') to.sun_path[0] = '\0';
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), bytes) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

ServiceManager::ServiceManager() : fd_(connected(variable("NOTIFY_SOCKET"))) {
  const std::string_view process = variable("WATCHDOG_PID");
  if (process.empty() || number(process) == getpid()) {
    every_ms_ = number(variable("WATCHDOG_USEC")) / kUsecPerMs / kTimesPerTimeout;
  }
}

ServiceManager::~ServiceManager() {
  if (fd_ >= 0) close(fd_);
}

void ServiceManager::alive(std::int64_t monotonic_ms) {
  if (every_ms_ <= 0 || monotonic_ms < due_ms_) return;
  due_ms_ = monotonic_ms + every_ms_;
  tell("WATCHDOG=1");
}

// A manager that does not read loses a message; the next one comes.
void ServiceManager::tell(const char* state) const {
  const std::string_view text = state;
  if (fd_ >= 0) (void)send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace sudare
