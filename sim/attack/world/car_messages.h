// A car's outings as the messages that a policy may take: vehicle/position, vehicle/status,
// vehicle/driving, vehicle/trip, in the order of time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gateway/policy/policy.h"
#include "sim/attack/world/world.h"
#include "sim/random.h"
#include "sim/traffic/messages.h"

namespace sudare::sim::attack {

// Which topics have a source in the policy, and status more often than the ignition changes.
struct WantedTopics {
  bool position = false;
  bool ignition = false;  // vehicle/status when the ignition comes on and goes off
  bool status = false;    // every 10 s too
  bool driving = false;
  bool trip = false;
};
[[nodiscard]] inline bool has_rule(const WantedTopics& wanted, std::string_view topic) {
  return topic == "vehicle/position"  ? wanted.position
         : topic == "vehicle/driving" ? wanted.driving
         : topic == "vehicle/trip"    ? wanted.trip
                                      : wanted.status;
}

// Those that have a rule for the purpose; `ignition` wherever the policy has the topic, as rules
// of other topics may depend on it.
[[nodiscard]] WantedTopics wanted_topics(const Policy& policy, PurposeIndex purpose);

// The ignition is on from the first fix of a trip to the last.
using MessageSink =
    std::function<void(const char* topic, std::string payload, std::int64_t time_ms, bool driven)>;

// Keeps the odometer and the tank from outing to outing. Not thread-safe.
class CarMessages {
 public:
  CarMessages(const WantedTopics& wanted, Random random);

  void send(const Outing& outing, const MessageSink& sink);

 private:
  void send_fix(const Trip& trip, const Fix& fix, const MessageSink& sink);
  void send_parked(const Outing& outing, const MessageSink& sink) const;

  WantedTopics wanted_;
  Random random_;
  CarState state_;
};

}  // namespace sudare::sim::attack
