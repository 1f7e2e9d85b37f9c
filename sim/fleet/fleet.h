// `sudare-sim fleet`: many cars in one process, each with the gateway's own pipeline and an MQTT
// connection of its own, in simulated time; and the receiving side that judges what arrives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/account.h"
#include "gateway/mqtt/endpoint.h"
#include "sim/error.h"
#include "sim/fleet/canaries.h"
#include "sim/fleet/connections.h"
#include "sim/fleet/policy_keys.h"
#include "sim/fleet/receiving_side.h"
#include "sim/fleet/reckoning.h"

namespace sudare::sim::fleet {

inline constexpr std::uint32_t kCarsMax = 100'000;

struct FleetPlan {
  MqttPeer cloud;
  v1::Profile profile;
  PolicyKeys keys;
  std::uint32_t cars = 0;  // of the whole fleet
  // This process simulates the cars whose number leaves this remainder.
  std::uint32_t shard = 0;
  std::uint32_t shards = 1;
  std::uint64_t seed = 1;
  std::int64_t start_ms = 0;
  std::int64_t duration_ms = 0;
  std::optional<double> together_seconds;
  double speed = 1;  // simulated seconds in a second; 0: as fast as it goes
  bool receive = true;
  std::uint32_t canaries = 1;
  std::string truth_file;  // empty: none
};

struct FleetSummary {
  std::uint32_t cars = 0;  // of this process
  CarCounts sent;          // by all cars
  FateCounts account;      // of all cars, after everything that the broker acknowledged
  bool account_adds_up = true;
  ConnectionCounts connections;
  LinkCounts links;
  std::uint64_t undelivered_rows = 0;  // that the broker never acknowledged
  bool received = false;               // there was a receiving side: the following are known
  ReceivedCounts receiving;
  std::vector<PurposeReckoning> purposes;  // by PurposeIndex
  CanaryFindings canaries;
  bool others = false;  // other shards sent over the same broker
  std::int64_t simulated_ms = 0;
  std::int64_t took_ms = 0;
  std::int64_t setup_ms = 0;  // of it, until the first message
  double cpu_seconds = 0;
  std::uint64_t peak_resident_kib = 0;
  bool stopped = false;  // by a signal

  [[nodiscard]] PurposeReckoning total() const;
  // Nothing lost, duplicated, altered, leaked or unexplained, and every account adds up.
  [[nodiscard]] bool clean() const;
};

// Called some times a second while the fleet is on its way.
struct FleetProgress {
  const char* phase = "";
  std::uint32_t cars = 0;  // made, driving or finished
  std::int64_t simulated_ms = 0;
  std::uint64_t messages = 0;
  std::size_t connected = 0;
  std::uint64_t delivered = 0;    // batches
  std::uint64_t outstanding = 0;  // expected records that have not arrived
};
using ShowFleetProgress = std::function<void(const FleetProgress&)>;

// Returns when every car has driven for the duration and what it released has arrived, or nothing
// arrives any more; earlier after stop_requested(). An error: the broker can't be reached at all,
// too few descriptors, a policy that no car can use.
[[nodiscard]] Parsed<FleetSummary> run_fleet(const FleetPlan& plan, const ShowFleetProgress& show);

}  // namespace sudare::sim::fleet
