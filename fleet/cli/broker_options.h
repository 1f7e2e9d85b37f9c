// The options by which every tool names a broker: --mqtt URL --ca --cert --key --username
// --password-file --mqtt-version.
#pragma once

#include <string>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

namespace CLI {
class App;
}

namespace sudare::cli {

struct BrokerOptions {
  std::string url;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string username;
  std::string password_file;
  int mqtt_version = 5;
};

// Adds the options to a command; `options` must outlive its parsing. `url_option`: "--mqtt".
void add_broker_options(CLI::App& command, const std::string& url_option, BrokerOptions& options);

// What is told beside an error of broker_peer(), instead of the URL: a password may be in it.
inline constexpr const char* kBrokerHint =
    "mqtt://HOST:PORT, or mqtts://HOST:PORT with --ca --cert --key; --username and --password-file";

// Errors of parse_mqtt_url; kRefused for TLS without --ca, and for --cert without --key.
Result<MqttPeer> broker_peer(const BrokerOptions& options);

}  // namespace sudare::cli
