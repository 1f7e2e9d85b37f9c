#include "fleet/cli/broker_options.h"

#include <CLI/CLI.hpp>

namespace sudare::cli {

void add_broker_options(CLI::App& command, const std::string& url_option, BrokerOptions& options) {
  command.add_option(url_option, options.url, "broker: mqtt://HOST:PORT or mqtts://HOST:PORT")
      ->type_name("URL");
  command.add_option("--ca", options.ca_file, "certificate authority of the broker (mqtts)")
      ->check(CLI::ExistingFile);
  command.add_option("--cert", options.cert_file, "own certificate")->check(CLI::ExistingFile);
  command.add_option("--key", options.key_file, "its private key")->check(CLI::ExistingFile);
  command.add_option("--username", options.username, "user at the broker");
  command.add_option("--password-file", options.password_file, "file that holds the password")
      ->check(CLI::ExistingFile);
  command.add_option("--mqtt-version", options.mqtt_version, "5, or 3 for MQTT 3.1.1")
      ->check(CLI::IsMember({3, 5}))
      ->capture_default_str();
}

Result<MqttPeer> broker_peer(const BrokerOptions& options) {
  MqttPeer peer;
  TRY(peer.endpoint, parse_mqtt_url(options.url));
  if (peer.endpoint.tls && options.ca_file.empty()) {
    return fail(ErrorCode::kRefused, "broker: mqtts needs --ca");
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return fail(ErrorCode::kRefused, "broker: --cert and --key go together");
  }
  peer.version = options.mqtt_version == 3 ? MqttVersion::k311 : MqttVersion::k5;
  peer.username = options.username;
  peer.password_file = options.password_file;
  peer.ca_file = options.ca_file;
  peer.cert_file = options.cert_file;
  peer.key_file = options.key_file;
  return peer;
}

}  // namespace sudare::cli
