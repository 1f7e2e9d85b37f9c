// `sudare doctor`: is a unit, or a broker, fit to go live? Each check is made whatever the others
// find. Nothing is written, and a running gateway is not disturbed; brokers are connected to, and
// two empty messages are published (check_live.h).
#pragma once

#include <optional>
#include <string>

#include "fleet/doctor/check_unit.h"
#include "fleet/doctor/report.h"
#include "gateway/mqtt/endpoint.h"

namespace sudare::doctor {

struct Subject {
  std::string config_file;         // gateway.textproto of a unit; empty: none
  std::string broker_config_file;  // empty: beside config_file, or Debian's, if there is one
  std::optional<MqttPeer> broker;  // without config_file: a broker to ask
  SystemPlaces places;
};

// Blocks for a minute at most, where neither broker answers. One thread.
void examine(const Subject& subject, Report& report);

// What systemd hands to a running service (/run/credentials/SERVICE/NAME) is not there before: then
// the file of the same name beside the configuration, which the shipped service takes it from.
[[nodiscard]] std::string credential_source(const std::string& path,
                                            const std::string& config_file);

}  // namespace sudare::doctor
