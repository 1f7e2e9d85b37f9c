// A file descriptor that is closed when its owner goes, and writing to one.
#pragma once

#include <unistd.h>

#include <string_view>

#include "base/result.h"

namespace sudare {

// All of them, or kIo (errno) with `what`; some may be written then.
Status write_all(int descriptor, std::string_view bytes, Literal what);

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
