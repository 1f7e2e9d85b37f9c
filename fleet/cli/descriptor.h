// A file descriptor that is closed when its owner goes.
#pragma once

#include <unistd.h>

namespace sudare {

// Not thread-safe. Holds -1 where opening failed; errno tells why.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

}  // namespace sudare
