// What a broker may send, and what none may: packets of every type as the standard has them, and
// the same with something wrong. All that is random follows from the generator that is passed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/faults/network/random.h"

namespace sudare::faults {

namespace grammar {

enum : unsigned {
  kConnect = 0x10,
  kConnack = 0x20,
  kPublish = 0x30,
  kPuback = 0x40,
  kPubrec = 0x50,
  kPubrel = 0x62,
  kPubcomp = 0x70,
  kSubscribe = 0x82,
  kSuback = 0x90,
  kUnsubscribe = 0xa2,
  kUnsuback = 0xb0,
  kPingreq = 0xc0,
  kPingresp = 0xd0,
  kDisconnect = 0xe0,
  kAuth = 0xf0,
};

[[nodiscard]] std::string number(std::uint64_t value, unsigned bytes);  // big end first
[[nodiscard]] std::string text(std::string_view value);                 // with its length
// A fixed header that claims so many bytes, in as few or more bytes than it takes.
[[nodiscard]] std::string header(unsigned first, std::uint64_t claims, unsigned length_bytes);
[[nodiscard]] std::string packet(unsigned first, const std::string& body);

// MQTT 5, without properties.
[[nodiscard]] std::string connack(bool session_present, unsigned reason);
[[nodiscard]] std::string publish(std::string_view topic, std::string_view payload, unsigned qos,
                                  unsigned id, bool retained);
[[nodiscard]] std::string answer(unsigned first, unsigned id, unsigned reason);  // PUBACK and such
[[nodiscard]] std::string suback(unsigned id, unsigned reason, unsigned count);

// Any packet of a broker's, valid for itself if not for its place.
[[nodiscard]] std::string any_packet(Random& random);
// One with something wrong: lengths, flags, types, ids, UTF-8, properties repeated, cut or unknown.
[[nodiscard]] std::string broken_packet(Random& random);

}  // namespace grammar
}  // namespace sudare::faults
