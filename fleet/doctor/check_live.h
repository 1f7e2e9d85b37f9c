// Asks the running brokers: can the gateway reach and use them, and who else can.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "fleet/doctor/report.h"
#include "gateway/config/config_plan.h"

namespace sudare::doctor {

// Checks local.*: the in-vehicle broker, as the gateway and as strangers. Publishes an empty
// message below "sudare-doctor/" and one below the receipt topic, to see whether they are refused.
// `broker_ports`: all that the broker's configuration opens, if one was read. `proc`: "/proc".
void check_local(const LocalPlan& local, const std::set<std::uint16_t>& broker_ports,
                 const std::string& receipt_topic, const std::string& proc, Report& report);

// Checks cloud.*. `tls_time_ms`: unix ms by which certificates are judged.
void check_cloud(const MqttPeer& peer, std::int64_t tls_time_ms, Report& report);

void skip_local(const std::string& why, Report& report);
void skip_cloud(const std::string& why, Report& report);

}  // namespace sudare::doctor
