// Reads the bit syntax of parameter sets and headers. Running over the end, or a number too long
// for its code, makes it fail for good: a parser reads on (zeros) and asks once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clip/nal/bytes.h"

namespace sudare::clip {

class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  // `count` ≤ 32 bits, the first one highest.
  std::uint32_t read(unsigned count);
  bool flag() { return read(1) != 0; }
  void skip(std::size_t count);
  // Exp-Golomb codes (H.264 9.1). A value over `most` fails.
  std::uint32_t ue(std::uint32_t most = UINT32_MAX - 1);
  std::int32_t se();

  void fail() { failed_ = true; }
  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] std::size_t position() const { return position_; }  // bits
  [[nodiscard]] std::size_t left() const { return bytes_.size() * 8 - position_; }

  // Whether what is left is one bit 1 and zeros to the end of its byte: rbsp_trailing_bits and
  // nothing behind it (H.264 7.3.2.11).
  [[nodiscard]] bool at_trailing_bits() const;

 private:
  [[nodiscard]] bool bit_at(std::size_t position) const {
    return (bytes_[position / 8] >> (7 - position % 8) & 1) != 0;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace sudare::clip
