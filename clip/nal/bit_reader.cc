#include "clip/nal/bit_reader.h"

namespace sudare::clip {

std::uint32_t BitReader::read(unsigned count) {
  if (failed_ || count > left()) {
    failed_ = true;
    return 0;
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i) value = value << 1 | (bit_at(position_++) ? 1U : 0U);
  return value;
}

void BitReader::skip(std::size_t count) {
  if (failed_ || count > left()) {
    failed_ = true;
  } else {
    position_ += count;
  }
}

std::uint32_t BitReader::ue(std::uint32_t most) {
  unsigned zeros = 0;
  while (ok() && !flag()) {
    if (++zeros > 31) failed_ = true;
  }
  if (failed_) return 0;
  const std::uint32_t value = (1U << zeros) - 1 + read(zeros);
  if (value > most) failed_ = true;
  return failed_ ? 0 : value;
}

std::int32_t BitReader::se() {
  const std::int64_t code = ue();
  return static_cast<std::int32_t>(code % 2 == 0 ? -(code / 2) : code / 2 + 1);
}

bool BitReader::at_trailing_bits() const {
  if (failed_ || left() == 0 || left() > 8 || !bit_at(position_)) return false;
  for (std::size_t at = position_ + 1; at < bytes_.size() * 8; ++at) {
    if (bit_at(at)) return false;
  }
  return true;
}

}  // namespace sudare::clip
