// Cuts what a socket brings into MQTT packets (MQTT 3.1.1 and 5, section 2.1: fixed header). What a
// packet says is packet_reader.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

enum class PacketType : std::uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
};

struct Packet {
  std::uint8_t type = 0;   // a PacketType, or one that this code does not know
  std::uint8_t flags = 0;  // the lower half of the first byte
  std::string_view body;   // what follows the remaining length
  bool cut = false;        // the body's end was left out
};

// What becomes of packets over the limit.
enum class Oversized : std::uint8_t {
  kRefuse,  // kTooLarge
  kCut,     // their beginning is handed on, up to the limit, once all of it has arrived
};

// One connection's. Copies nothing of a packet that arrives whole.
class PacketFramer {
 public:
  // Nothing over `packet_bytes_max`, headers included, is kept.
  PacketFramer(std::size_t packet_bytes_max, Oversized oversized)
      : packet_bytes_max_(packet_bytes_max), oversized_(oversized) {}

  // The next packet of what was kept and of `input`, which loses what was used. Nothing: `input` is
  // empty now and more must come. The packet is valid until the next call and as long as what
  // `input` points into. kTooLarge, kMalformed: the connection is of no further use.
  [[nodiscard]] Result<std::optional<Packet>> next(std::string_view& input);

 private:
  struct Header {
    std::size_t bytes = 0;   // of the header; 0: not all of it is there
    std::size_t packet = 0;  // header and body
  };
  [[nodiscard]] Result<Header> header_of(std::string_view bytes) const;
  [[nodiscard]] Result<std::optional<Packet>> next_of_kept(std::string_view& input);

  std::size_t packet_bytes_max_;
  Oversized oversized_;
  std::string kept_;       // the beginning of a packet
  std::size_t taken_ = 0;  // bytes of that packet that arrived
  bool used_ = false;      // kept_ is a packet that was handed out
};

}  // namespace sudare
