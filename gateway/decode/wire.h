// Protobuf's wire format, read field by field: varints, tags, lengths. Knows no schema.
// https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace sudare {

enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kGroupBegin = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

struct Tag {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
};

// Reads off the front of bytes that outlive it. Every read fails with kMalformed at the end of the
// bytes; its position is then unspecified.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes)
      : at_(reinterpret_cast<const std::uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }

  // At most ten bytes, 64 bits. Longer forms than needed are read, as every parser does.
  [[nodiscard]] bool varint(std::uint64_t& value) {
    if (at_ != end_ && *at_ < 0x80) {
      value = *at_++;
      return true;
    }
    return long_varint(value);
  }
  [[nodiscard]] bool fixed32(std::uint32_t& value) { return fixed(value); }
  [[nodiscard]] bool fixed64(std::uint64_t& value) { return fixed(value); }
  [[nodiscard]] bool length_delimited(std::string_view& bytes) {
    std::uint64_t length = 0;
    if (!varint(length) || length > static_cast<std::uint64_t>(end_ - at_)) return false;
    bytes = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(length)};
    at_ += length;
    return true;
  }
  [[nodiscard]] bool tag(Tag& tag) {
    std::uint64_t value = 0;
    if (!varint(value) || value > 0xFFFFFFFFU) return false;
    tag.number = static_cast<std::uint32_t>(value >> 3);
    tag.type = static_cast<WireType>(value & 7U);
    return tag.number != 0 && (value & 7U) <= 5;
  }

  // Past the value of a field that nobody named. kTooDeep for groups within groups.
  [[nodiscard]] Status skip(Tag tag);

 private:
  [[nodiscard]] bool long_varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && at_ != end_; shift += 7) {
      const std::uint8_t byte = *at_++;
      if (shift == 63 && byte > 1) return false;  // more than 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  // Little endian on the wire.
  template <class Number>
  [[nodiscard]] bool fixed(Number& value) {
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) return false;
    value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<Number>(at_[i]) << (8 * i);
    at_ += sizeof value;
    return true;
  }
  [[nodiscard]] bool skip_plain(WireType type);
  [[nodiscard]] Status skip_group(std::uint32_t number);

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace sudare
