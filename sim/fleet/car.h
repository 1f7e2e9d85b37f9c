// One car of a fleet: its traffic, the gateway's own pipeline with keys of its own, a store in
// memory, and what the policy should let out of it. Its time is simulated; how it reaches the
// broker is link.h's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "fleet/preview/preview.h"
#include "gateway/pipeline.h"
#include "sim/car/vehicle.h"
#include "sim/fleet/memory_store.h"
#include "sim/fleet/outages.h"
#include "sim/fleet/reckoning.h"
#include "sim/truth.h"

namespace sudare::sim::fleet {

// What all cars of a run share; outlives them.
struct CarPlan {
  v1::Profile profile;
  const Policy& policy;
  const FieldKeys& preview_keys;
  const RoadNetwork& roads;
  TrafficOptions traffic;  // with the run's end
  std::uint64_t seed = 1;
  std::int64_t start_ms = 0;
  // All cars drive off within so many seconds; nothing: each at its own hour of the day.
  std::optional<double> together_seconds;
  TruthWriter* truth = nullptr;  // null: none is written
};

// The traffic of car `number`: the same bytes whoever asks.
[[nodiscard]] std::unique_ptr<Vehicle> make_vehicle(const CarPlan& plan, CarNumber number);

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(std::int64_t start_ms) : start_ms_(start_ms), now_ms_(start_ms) {}
  void advance_to(std::int64_t time_ms) { now_ms_ = std::max(now_ms_, time_ms); }
  [[nodiscard]] std::int64_t wall_ms() const override { return now_ms_; }
  // A row's not_before_ms 0 means at once: this clock starts later.
  [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_ - start_ms_ + 1; }

 private:
  std::int64_t start_ms_;
  std::int64_t now_ms_;
};

struct CarCounts {
  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t positions = 0;
  std::uint64_t outages = 0;
  std::uint64_t failed_commits = 0;

  CarCounts& operator+=(const CarCounts& other);
};

// Not thread-safe.
class Car {
 public:
  // Provisioned at plan.start_ms; `reckoning` learns its pseudonyms, and later every record that
  // it should release. Errors of the pipeline: the policy is one that no car can use.
  static Result<std::unique_ptr<Car>> create(const CarPlan& plan, CarNumber number,
                                             Reckoning& reckoning);
  Car(const Car&) = delete;
  Car& operator=(const Car&) = delete;

  // Drives on until `until_ms`: takes messages and commits as they are due.
  void run(std::int64_t until_ms);
  // When run() has something to do again, or the link: an outage ends, a row's time has come, the
  // unit falls asleep. kNever: nothing any more.
  [[nodiscard]] std::int64_t wake_ms() const;
  // No more messages: what waits is sealed, and may be sent at once.
  void finish();
  [[nodiscard]] bool finished() const { return finished_; }
  // Takes what was acknowledged out of the store; the account is then final.
  void settle() { commit(true); }

  // --- the publisher's side
  [[nodiscard]] MemoryStore& outbox() { return store_; }
  // The row to send now; null: none.
  [[nodiscard]] const MemoryStore::Row* next_to_send() const;
  void acknowledged(RowId id);
  // In a tunnel.
  [[nodiscard]] bool away() const { return !finished_ && outages_.away(clock_.wall_ms()); }
  // Its unit is awake, or has something to send.
  [[nodiscard]] bool wants_connection() const;

  [[nodiscard]] const CarCounts& counts() const { return counts_; }
  [[nodiscard]] Account account() const { return store_.account(); }

 private:
  Car(const CarPlan& plan, CarNumber number, Reckoning& reckoning);
  Status start();
  void take();
  void expect(const Outgoing& outgoing);
  void commit(bool close_all);

  const CarPlan& plan_;
  CarNumber number_;
  Reckoning& reckoning_;
  SimulatedClock clock_;
  MemoryStore store_;
  std::unique_ptr<TrustedTime> time_;
  std::unique_ptr<Vehicle> vehicle_;
  std::unique_ptr<Pipeline> pipeline_;
  Preview preview_;
  Outages outages_;
  std::optional<Outgoing> next_;
  std::int64_t commit_due_ms_ = kNever;
  std::int64_t last_message_ms_ = 0;
  std::vector<RowId> acknowledged_;  // since the last commit
  bool finished_ = false;
  CarCounts counts_;
};

}  // namespace sudare::sim::fleet
