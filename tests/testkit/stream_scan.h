// Looks for findings in a stream that comes in pieces: one that lies over the border of two pieces
// is found too, and none is counted twice.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sudare::testkit {

class StreamScan {
 public:
  using Scan = std::function<std::size_t(std::string_view)>;

  // How many findings end in `piece`. Those longer than kTail + 1 bytes may be missed.
  std::size_t take(const Scan& scan, std::string_view piece) {
    if (!scan) return 0;
    const std::size_t known = scan(tail_);
    tail_ += piece;
    const std::size_t found = scan(tail_) - known;
    if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
    return found;
  }

 private:
  static constexpr std::size_t kTail = 256;
  std::string tail_;
};

}  // namespace sudare::testkit
