// An eventfd: one thread raises it, another waits for it in poll(2).
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace sudare {

// fd() is -1 where the process has no descriptor left. Any thread.
class EventFd {
 public:
  EventFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~EventFd() {
    if (fd_ >= 0) close(fd_);
  }
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  void raise() const {
    const std::uint64_t one = 1;
    (void)!write(fd_, &one, sizeof one);  // full means raised
  }
  void lower() const {
    std::uint64_t count = 0;
    (void)!read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

}  // namespace sudare
