// Where a broker is and how this unit shows itself to it: "mqtt://HOST:PORT", "mqtts://HOST:PORT"
// and what belongs to it. Every program that takes a broker's URL reads it here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sudare {

struct MqttEndpoint {
  std::string host;  // name or address, without brackets
  std::uint16_t port = 0;
  bool tls = false;
};

// 1883 and 8883 where the URL names no port. kMalformed; kUnsupported for another scheme; kRefused
// where the URL holds a user or password: it would show in process lists and logs. Pure.
[[nodiscard]] Result<MqttEndpoint> parse_mqtt_url(std::string_view url);

// localhost, 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(const MqttEndpoint& endpoint);

enum class MqttVersion : std::uint8_t { k311, k5 };

// Paths are empty where not used. The password is read when a connection is made, so that it can be
// replaced while the program runs, and is not kept.
struct MqttPeer {
  MqttEndpoint endpoint;
  MqttVersion version = MqttVersion::k5;
  std::string username;
  std::string password_file;
  std::string ca_file;
  std::string cert_file;
  // A path; or where the key lies in a chip that it does not leave (hardware_key.h): "pkcs11:…",
  // "handle:0x81…".
  std::string key_file;
  std::string key_pin_file;
  std::string key_module;                    // PKCS#11: the token's library
  std::vector<std::string> key_store_paths;  // what that opens while the program runs
};

}  // namespace sudare
