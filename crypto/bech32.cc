#include "crypto/bech32.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace sudare {
namespace {

constexpr std::string_view kCharset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

constexpr std::uint8_t kNoGroup = 0xff;

bool is_upper(std::string_view prefix) {
  return std::any_of(prefix.begin(), prefix.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::uint8_t to_lower(std::uint8_t c) {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + ('a' - 'A')) : c;
}

std::uint8_t to_upper(std::uint8_t c) {
  return c >= 'a' && c <= 'z' ? static_cast<std::uint8_t>(c - ('a' - 'A')) : c;
}

// The checksum of BIP 173: a BCH code over groups of five bits.
class Checksum {
 public:
  void add(std::uint8_t group) {
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                         0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = value_ >> 25;
    value_ = (value_ & 0x1ffffff) << 5 ^ group;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      value_ ^= kGenerator[i] & (0U - (top >> i & 1U));
    }
  }
  void add_prefix(std::string_view prefix) {
    for (const char c : prefix) add(to_lower(static_cast<std::uint8_t>(c)) >> 5);
    add(0);
    for (const char c : prefix) add(to_lower(static_cast<std::uint8_t>(c)) & 31);
  }
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 1;
};

// The five bits of a character, or kNoGroup. Looks at the whole character set each time.
std::uint8_t group_of(std::uint8_t character, bool upper) {
  std::uint32_t found = kNoGroup;
  for (std::uint32_t i = 0; i < kCharset.size(); ++i) {
    std::uint8_t candidate = static_cast<std::uint8_t>(kCharset[i]);
    if (upper) candidate = to_upper(candidate);
    const std::uint32_t differs = static_cast<std::uint32_t>(candidate ^ character);
    const std::uint32_t mask = (differs - 1) >> 8 & 0xff;  // 0xff where they are equal
    found = (found & ~mask) | (i & mask);
  }
  return static_cast<std::uint8_t>(found);
}

// The character of five bits, by the same walk.
std::uint8_t character_of(std::uint8_t group, bool upper) {
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < kCharset.size(); ++i) {
    std::uint8_t candidate = static_cast<std::uint8_t>(kCharset[i]);
    if (upper) candidate = to_upper(candidate);
    found |= candidate & ((i ^ group) - 1U) >> 8 & 0xff;
  }
  return static_cast<std::uint8_t>(found);
}

}  // namespace

Status bech32_decode(std::string_view prefix, ByteSpan text, MutableByteSpan data) {
  if (text.size() != bech32_characters(prefix.size(), data.size())) {
    return fail(ErrorCode::kMalformed, "bech32: length");
  }
  if (text_of(text.first(prefix.size())) != prefix || text[prefix.size()] != '1') {
    return fail(ErrorCode::kMalformed, "bech32: prefix");
  }
  const bool upper = is_upper(prefix);
  Checksum checksum;
  checksum.add_prefix(prefix);
  const ByteSpan groups = text.subspan(prefix.size() + 1);
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t written = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::uint8_t group = group_of(groups[i], upper);
    if (group == kNoGroup) return fail(ErrorCode::kMalformed, "bech32: character");
    checksum.add(group);
    if (i + kBech32ChecksumCharacters >= groups.size()) continue;
    bits = (bits << 5 | group) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      data[written++] = static_cast<std::uint8_t>(bits >> held);
    }
  }
  if (checksum.value() != 1) return fail(ErrorCode::kMalformed, "bech32: checksum");
  if ((bits & ((1U << held) - 1)) != 0)
    return fail(ErrorCode::kMalformed, "bech32: left-over bits");
  return Done{};
}

void bech32_encode(std::string_view prefix, ByteSpan data, MutableByteSpan text) {
  assert(text.size() == bech32_characters(prefix.size(), data.size()));
  const bool upper = is_upper(prefix);
  Checksum checksum;
  checksum.add_prefix(prefix);
  auto out = std::copy(prefix.begin(), prefix.end(), text.begin());
  *out++ = '1';
  const auto put = [&](std::uint32_t group) {
    checksum.add(static_cast<std::uint8_t>(group & 31));
    *out++ = character_of(static_cast<std::uint8_t>(group & 31), upper);
  };
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : data) {
    bits = (bits << 8 | byte) & 0xfff;
    for (held += 8; held >= 5; held -= 5) put(bits >> (held - 5));
  }
  if (held > 0) put(bits << (5 - held));
  for (std::size_t i = 0; i < kBech32ChecksumCharacters; ++i) checksum.add(0);
  const std::uint32_t check = checksum.value() ^ 1;
  for (unsigned i = 0; i < kBech32ChecksumCharacters; ++i) {
    *out++ = character_of(check >> (5 * (5 - i)) & 31, upper);
  }
}

}  // namespace sudare
