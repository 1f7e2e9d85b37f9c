#include "sim/fleet/car.h"

#include <cassert>
#include <utility>
#include <vector>

#include "fleet/authority/car_pseudonyms.h"
#include "gateway/seal/epochs.h"

namespace sudare::sim::fleet {

namespace {

// Of ciphertext that waits: the longest outage of a profile at the default rates fills a twentieth.
constexpr std::uint64_t kQueueBytesMax = 8ULL << 20U;
// How long a unit stays awake after its last message, as one with a modem does.
constexpr std::int64_t kAwakeMs = 5 * 60'000;
constexpr std::int64_t kRetryMs = 1000;

// Splitmix64's step: neighbours have nothing in common.
std::uint64_t seed_of(std::uint64_t fleet_seed, CarNumber number) {
  std::uint64_t mixed = fleet_seed + (number + 1) * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

// Independent of the vehicle's own streams.
Random stream_of(const CarPlan& plan, CarNumber number) {
  return Random(seed_of(~plan.seed, number));
}

std::vector<PurposeRotation> rotations_of(const Policy& policy) {
  std::vector<PurposeRotation> rotations;
  for (const PurposePlan& purpose : policy.purposes) {
    if (purpose.pseudonym == PseudonymKind::kNone) continue;
    const bool rotates = purpose.pseudonym == PseudonymKind::kRotate;
    rotations.push_back({purpose.name, rotates ? purpose.rotate_days : kUntilTransfer});
  }
  return rotations;
}

}  // namespace

std::unique_ptr<Vehicle> make_vehicle(const CarPlan& plan, CarNumber number) {
  VehicleTime time{plan.start_ms, true};
  if (plan.together_seconds) {
    const double offset_ms = stream_of(plan, number).between(0, *plan.together_seconds * 1000);
    time = {plan.start_ms + std::llround(offset_ms), false};
  }
  return std::make_unique<Vehicle>(plan.profile, seed_of(plan.seed, number), time, plan.traffic,
                                   &plan.roads);
}

CarCounts& CarCounts::operator+=(const CarCounts& other) {
  messages += other.messages;
  payload_bytes += other.payload_bytes;
  positions += other.positions;
  outages += other.outages;
  failed_commits += other.failed_commits;
  return *this;
}

Car::Car(const CarPlan& plan, CarNumber number, Reckoning& reckoning)
    : plan_(plan),
      number_(number),
      reckoning_(reckoning),
      clock_(plan.start_ms),
      store_(kQueueBytesMax),
      vehicle_(make_vehicle(plan, number)),
      preview_(plan.policy, plan.preview_keys),
      outages_(plan.profile.link(), stream_of(plan, number).fork()) {}

Result<std::unique_ptr<Car>> Car::create(const CarPlan& plan, CarNumber number,
                                         Reckoning& reckoning) {
  std::unique_ptr<Car> car(new Car(plan, number, reckoning));
  TRY(car->start());
  return car;
}

Status Car::start() {
  const std::int64_t day = plan_.start_ms / kMsPerDay;
  CommitGroup provisioning;
  ProvisionedCar provisioned;
  provisioned.day = day;
  TRY(provisioned.root, Epochs::provision(day, provisioning.state));
  TRY(store_.commit(provisioning));
  wipe_values(provisioning.state);
  // A trip past midnight may end on the day after.
  const DaySpan days{day, plan_.traffic.end_ms / kMsPerDay + 1};
  TRY(for_each_pseudonym(provisioned, rotations_of(plan_.policy), days,
                         [this](const CarPseudonym& one) -> Status {
                           reckoning_.know(one.pseudonym, number_);
                           return Done{};
                         }));
  TRY(time_, TrustedTime::load(store_, clock_, day));
  PolicyEnd shared;
  shared.shared = true;
  TRY(pipeline_, Pipeline::create({{&plan_.policy, shared}, false}, store_, *time_, clock_,
                                  "vehicle/consent", "vehicle/network"));
  if (plan_.truth != nullptr) {
    for (const Planted& planted : planted_identifiers(vehicle_->identity())) {
      plan_.truth->planted(planted);
    }
  }
  next_ = vehicle_->messages().next();
  return Done{};
}

void Car::run(std::int64_t until_ms) {
  for (;;) {
    const std::int64_t message_ms = next_ ? next_->time_ms : kNever;
    const std::int64_t due_ms = std::min(message_ms, commit_due_ms_);
    if (due_ms > until_ms) break;
    clock_.advance_to(due_ms);
    if (commit_due_ms_ <= due_ms) {
      commit(false);
    } else {
      take();
    }
  }
  clock_.advance_to(until_ms);
}

void Car::take() {
  const Outgoing outgoing = *std::exchange(next_, vehicle_->messages().next());
  ++counts_.messages;
  counts_.payload_bytes += outgoing.payload.size();
  counts_.positions += outgoing.positions.size();
  last_message_ms_ = outgoing.time_ms;
  if (outages_.drive(outgoing.time_ms)) ++counts_.outages;
  expect(outgoing);
  if (plan_.truth != nullptr) {
    const std::uint64_t sequence = (std::uint64_t{number_} << 32U) + counts_.messages;
    plan_.truth->message(sequence, outgoing, outgoing.time_ms, number_);
    plan_.truth->acknowledged(sequence);
  }
  Message message;
  message.topic.set(outgoing.topic);
  message.payload.set(outgoing.payload);
  message.received_ms = outgoing.time_ms;
  message.retained = outgoing.retained;
  pipeline_->take(message, false);
  if (pipeline_->commit_at_once()) return commit(false);
  const std::int64_t in_ms = pipeline_->next_commit_in_ms();
  commit_due_ms_ = in_ms < 0 ? kNever : clock_.wall_ms() + in_ms;
}

// The driver has said yes to every purpose before the first of these.
void Car::expect(const Outgoing& outgoing) {
  if (outgoing.retained) return;
  for (const PreviewRow& row : preview_.run(outgoing.topic, outgoing.payload, outgoing.time_ms)) {
    if (!row.has_purpose || row.fate != Fate::kQueued) continue;
    reckoning_.expect(row.purpose, number_,
                      {row.content.topic, row.content.time_ms, row.content.payload});
  }
}

void Car::commit(bool close_all) {
  if (!acknowledged_.empty()) pipeline_->delivered(acknowledged_);
  acknowledged_.clear();
  const auto committed = pipeline_->commit(close_all);
  if (!committed) ++counts_.failed_commits;
  pipeline_->begin_round();
  const std::int64_t in_ms = pipeline_->next_commit_in_ms();
  commit_due_ms_ = kNever;
  if (!committed) {
    commit_due_ms_ = clock_.wall_ms() + kRetryMs;
  } else if (in_ms >= 0) {
    commit_due_ms_ = clock_.wall_ms() + std::max<std::int64_t>(in_ms, 1);
  }
}

void Car::finish() {
  next_.reset();
  commit(true);
  commit_due_ms_ = kNever;
  finished_ = true;
}

std::int64_t Car::wake_ms() const {
  if (finished_) return kNever;
  std::int64_t wake_ms = std::min(next_ ? next_->time_ms : kNever, commit_due_ms_);
  if (outages_.away(clock_.wall_ms())) wake_ms = std::min(wake_ms, outages_.until_ms());
  const std::int64_t asleep_ms = last_message_ms_ + kAwakeMs;
  if (asleep_ms > clock_.wall_ms()) wake_ms = std::min(wake_ms, asleep_ms);
  const std::int64_t send_ms = store_.next_send_ms();
  // One whose time has come waits for the connection, not for the clock.
  if (send_ms > clock_.monotonic_ms() && send_ms != kNever) {
    wake_ms = std::min(wake_ms, clock_.wall_ms() + send_ms - clock_.monotonic_ms());
  }
  return wake_ms;
}

const MemoryStore::Row* Car::next_to_send() const {
  return store_.next_to_send(finished_ ? kNever : clock_.monotonic_ms());
}

void Car::acknowledged(RowId id) {
  store_.acknowledged(id);
  acknowledged_.push_back(id);
}

bool Car::wants_connection() const {
  if (away()) return false;
  if (finished_) return store_.undelivered() > 0;
  const bool awake = counts_.messages > 0 && clock_.wall_ms() - last_message_ms_ < kAwakeMs;
  return awake || next_to_send() != nullptr;
}

}  // namespace sudare::sim::fleet
