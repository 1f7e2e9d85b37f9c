// A message of proto/sudare/vehicle/v1 as the bytes of an MQTT payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace google::protobuf {
class Message;
}

namespace sudare::sim {

enum class PayloadCodec : std::uint8_t { kProtobuf, kJson };

// Deterministic: maps are sorted. JSON uses the schema's field names, numbers for 64-bit integers
// and names for enums; fields that are not set are left out. Where the payload is shorter than
// `bytes_least`, an unknown field (Protobuf number 15000, JSON key "padding") fills it up: a policy
// must drop that like any other.
[[nodiscard]] std::string encode(const google::protobuf::Message& message, PayloadCodec codec,
                                 std::size_t bytes_least);

}  // namespace sudare::sim
