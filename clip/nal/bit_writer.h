// Writes bits, the counterpart of bit_reader.h.
#pragma once

#include <cstdint>

#include "clip/nal/bytes.h"

namespace sudare::clip {

class BitWriter {
 public:
  // The low `count` ≤ 32 bits of `value`, highest first.
  void write(std::uint32_t value, unsigned count) {
    while (count-- > 0) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      if ((value >> count & 1U) != 0) {
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | 0x80U >> used_ % 8);
      }
      ++used_;
    }
  }
  // Exp-Golomb, values below 2^31.
  void ue(std::uint32_t value) {
    unsigned length = 1;
    while ((value + 1) >> length != 0) ++length;
    write(0, length - 1);
    write(value + 1, length);
  }
  void se(std::int32_t value) {
    ue(value > 0 ? static_cast<std::uint32_t>(value) * 2 - 1
                 : static_cast<std::uint32_t>(-static_cast<std::int64_t>(value)) * 2);
  }
  // A bit 1 and zeros to the end of the byte.
  void trailing_bits() {
    write(1, 1);
    while (!aligned()) write(0, 1);
  }
  [[nodiscard]] bool aligned() const { return used_ % 8 == 0; }
  [[nodiscard]] const Buffer& bytes() const { return bytes_; }

 private:
  Buffer bytes_;
  std::size_t used_ = 0;
};

}  // namespace sudare::clip
