// Judges a Mosquitto configuration by what it says: who reaches the broker, who is let in, what
// each may do, what it keeps. What is running is asked by check_local.h and check_cloud.h.
#pragma once

#include <string>
#include <vector>

#include "fleet/doctor/mosquitto_acl.h"
#include "fleet/doctor/mosquitto_config.h"
#include "fleet/doctor/report.h"

namespace sudare::doctor {

enum class BrokerRole : std::uint8_t {
  kVehicle,  // carries what the car says, in the clear: this machine alone, nothing on disk
  kCloud     // carries sealed batches: TLS 1.3 and certificates, and it must not lose them
};

// Names of the configuration that the judgement needs; of a unit's gateway.textproto, or defaults.
struct BrokerNames {
  std::string gateway_user = "sudare-gateway";
  std::string consent_topic = "vehicle/consent";
  std::string receipt_topic = "vehicle/receipt";
  std::string policy_topic = "sudare/policy";
  // Of the sources of the unit's policy, as subscriptions; empty: they are not known.
  std::vector<std::string> source_filters;
};

// A broker with a listener that has a certificate is taken for a cloud broker.
[[nodiscard]] BrokerRole role_of(const BrokerConfig& config);

// Checks broker.config to broker.tls. Reads the files that the configuration names.
void check_broker_config(const BrokerConfig& config, BrokerRole role, const BrokerNames& names,
                         Report& report);

// check_acl.cc: rules of one access list.
void check_acl(const AclFile& acl, BrokerRole role, const BrokerNames& names, Check& check);

}  // namespace sudare::doctor
