// While it lives, every write of this process to a file is refused (EFBIG), as by a disk that takes
// nothing more: other threads' writes, too.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <stdexcept>

namespace sudare::testkit {

class WritesRefused {
 public:
  WritesRefused() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    if (getrlimit(RLIMIT_FSIZE, &usual_) != 0) throw std::runtime_error("getrlimit");
    const rlimit nothing{0, usual_.rlim_max};
    if (setrlimit(RLIMIT_FSIZE, &nothing) != 0) throw std::runtime_error("setrlimit");
  }
  ~WritesRefused() {
    setrlimit(RLIMIT_FSIZE, &usual_);
    std::signal(SIGXFSZ, handler_);
  }
  WritesRefused(const WritesRefused&) = delete;
  WritesRefused& operator=(const WritesRefused&) = delete;

 private:
  void (*handler_)(int);
  rlimit usual_{};
};

}  // namespace sudare::testkit
