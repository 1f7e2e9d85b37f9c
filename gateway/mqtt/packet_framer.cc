#include "gateway/mqtt/packet_framer.h"

#include <algorithm>

namespace sudare {
namespace {

constexpr std::size_t kLengthBytesMax = 4;

Packet packet_of(std::string_view bytes, std::size_t header_bytes) {
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  return {static_cast<std::uint8_t>(first >> 4U), static_cast<std::uint8_t>(first & 0x0fU),
          bytes.substr(header_bytes)};
}

}  // namespace

Result<PacketFramer::Header> PacketFramer::header_of(std::string_view bytes) const {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytesMax && i + 1 < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i + 1]);
    length |= static_cast<std::size_t>(byte & 0x7fU) << (7 * i);
    if ((byte & 0x80U) != 0) continue;
    const std::size_t packet = i + 2 + length;
    if (packet > packet_bytes_max_ && oversized_ == Oversized::kRefuse) {
      return fail(ErrorCode::kTooLarge, "MQTT: packet over the limit",
                  static_cast<std::int64_t>(packet));
    }
    return Header{i + 2, packet};
  }
  if (bytes.size() > kLengthBytesMax) return fail(ErrorCode::kMalformed, "MQTT: remaining length");
  return Header{};
}

Result<std::optional<Packet>> PacketFramer::next(std::string_view& input) {
  if (used_) {
    kept_.clear();
    taken_ = 0;
    used_ = false;
  }
  if (taken_ > 0) return next_of_kept(input);
  if (input.empty()) return std::nullopt;
  TRY(const Header header, header_of(input));
  if (header.bytes == 0 || input.size() < header.packet || header.packet > packet_bytes_max_) {
    return next_of_kept(input);
  }
  const Packet packet = packet_of(input.substr(0, header.packet), header.bytes);
  input.remove_prefix(header.packet);
  return packet;
}

Result<std::optional<Packet>> PacketFramer::next_of_kept(std::string_view& input) {
  TRY(Header header, header_of(kept_));
  while (header.bytes == 0 && !input.empty()) {
    kept_ += input.front();
    ++taken_;
    input.remove_prefix(1);
    TRY(header, header_of(kept_));
  }
  if (header.bytes == 0) return std::nullopt;
  const std::size_t taken = std::min(header.packet - taken_, input.size());
  if (kept_.size() < packet_bytes_max_) {
    kept_ += input.substr(0, std::min(taken, packet_bytes_max_ - kept_.size()));
  }
  taken_ += taken;
  input.remove_prefix(taken);
  if (taken_ < header.packet) return std::nullopt;
  used_ = true;
  Packet packet = packet_of(kept_, header.bytes);
  packet.cut = kept_.size() < header.packet;
  return packet;
}

}  // namespace sudare
