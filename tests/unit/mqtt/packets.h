// Packets as a broker would write them, and as they were read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/mqtt/packet_framer.h"

namespace sudare {

inline std::string packet_bytes(unsigned first, const std::string& body) {
  std::string out(1, static_cast<char>(first));
  std::size_t length = body.size();
  do {
    const auto part = static_cast<unsigned>(length & 0x7fU);
    length >>= 7U;
    out += static_cast<char>(length > 0 ? part | 0x80U : part);
  } while (length > 0);
  return out + body;
}

// With a literal's own zeros.
template <std::size_t size>
std::string bytes(const char (&literal)[size]) {
  return {literal, size - 1};
}

struct OwnPacket {
  int type = 0;
  int flags = 0;
  std::string body;
  bool cut = false;
  friend bool operator==(const OwnPacket&, const OwnPacket&) = default;
};

struct Framed {
  std::vector<OwnPacket> packets;
  bool failed = false;
  ErrorCode code = ErrorCode::kInternal;
  friend bool operator==(const Framed&, const Framed&) = default;
};

// What a framer makes of pieces that arrive one after the other.
inline Framed frame(const std::vector<std::string>& pieces, std::size_t packet_bytes_max,
                    Oversized oversized = Oversized::kRefuse) {
  PacketFramer framer(packet_bytes_max, oversized);
  Framed framed;
  for (const std::string& piece : pieces) {
    std::string_view input = piece;
    while (true) {
      const auto packet = framer.next(input);
      if (!packet) {
        framed.failed = true;
        framed.code = packet.error().code;
        return framed;
      }
      if (!*packet) break;
      const Packet& one = **packet;
      framed.packets.push_back({one.type, one.flags, std::string(one.body), one.cut});
    }
  }
  return framed;
}

}  // namespace sudare
