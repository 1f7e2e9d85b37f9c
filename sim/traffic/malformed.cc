#include "sim/traffic/malformed.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/limits.h"

namespace sudare::sim {

namespace {

constexpr std::size_t kNesting = 1000;
// A field that no message has, and its length in three bytes.
constexpr std::uint32_t kPaddingTag = 15'000U << 3U | 2U;
constexpr std::size_t kThreeByteLengthMin = 16'384;

constexpr std::array<std::string_view, 7> kKinds = {
    "truncated", "types", "random", "nested", "oversized", "unknown-topic", "not-utf8"};

void append_varint(std::string& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

// Whole in every other respect: it is refused for its size alone.
void make_oversized(std::string& payload, PayloadCodec codec) {
  if (codec == PayloadCodec::kJson) {
    payload.append(kPayloadBytesMax + 1 - payload.size(), ' ');
    return;
  }
  constexpr std::size_t kHeadBytes = 6;
  const std::size_t used = payload.size() + kHeadBytes + kThreeByteLengthMin;
  const std::size_t more = kPayloadBytesMax + 1 - std::min(kPayloadBytesMax + 1, used);
  append_varint(payload, kPaddingTag);
  append_varint(payload, kThreeByteLengthMin + more);
  payload.append(kThreeByteLengthMin + more, 'x');
}

std::string nested(PayloadCodec codec) {
  const bool json = codec == PayloadCodec::kJson;
  // 0x0b and 0x0c begin and end a group of the number 1.
  return std::string(kNesting, json ? '[' : '\x0b') + std::string(kNesting, json ? ']' : '\x0c');
}

std::string random_bytes(std::size_t bytes, Random& random) {
  std::string out(11, '\xff');
  while (out.size() < bytes) out += static_cast<char>(random.bits());
  return out;
}

}  // namespace

std::optional<Outgoing> MalformedSource::next() {
  auto message = inner_.next();
  if (message && !message->retained && random_.chance(share_)) damage(*message);
  return message;
}

void MalformedSource::damage(Outgoing& message) {
  const bool json = codec_ == PayloadCodec::kJson;
  std::string_view kind = kKinds[kind_++ % (json ? kKinds.size() : kKinds.size() - 1)];
  std::string& payload = message.payload;
  if (payload.empty()) kind = "random";
  if (kind == "truncated") payload.pop_back();
  if (kind == "types" && json)
    payload.insert(std::min(payload.find(':'), payload.size() - 1) + 1, "NaN");
  if (kind == "types" && !json) payload[0] = static_cast<char>(payload[0] | 7);
  if (kind == "random") payload = random_bytes(payload.size(), random_);
  if (kind == "nested") payload = nested(codec_);
  if (kind == "oversized") make_oversized(payload, codec_);
  if (kind == "unknown-topic") message.topic = "sudare-sim/unknown";
  if (kind == "not-utf8") payload.insert(payload.find('"') + 1, "\xff");
  message.damage = kind;
}

}  // namespace sudare::sim
