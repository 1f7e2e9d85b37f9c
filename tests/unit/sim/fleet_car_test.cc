// One car of a fleet without a network: what its outbox holds is handed to the receiving side by
// hand, whole or tampered with, and the judgement must say so.
#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/compare/expected.h"
#include "sim/fleet/car.h"
#include "sim/fleet/link.h"
#include "sim/fleet/receiving_side.h"
#include "sim/profile.h"

namespace sudare::sim::fleet {
namespace {

constexpr std::int64_t kStartMs = 1'790'000'000'000;
constexpr std::int64_t kRunMs = 10 * 60'000;

struct Delivered {
  std::string topic;
  std::string payload;
};

class FleetCar : public testing::Test {
 protected:
  FleetCar() {
    log_setup(LogFormat::kText, LogLevel::kError);
    for (const PurposePlan& purpose : keys_.policy->purposes) {
      plan_.traffic.consents.push_back(purpose.name);
    }
    plan_.traffic.end_ms = kStartMs + kRunMs;
    canaries_.emplace(plan_, std::vector<CarNumber>{0});
    receiving_.emplace(keys_, reckoning_, *canaries_);
  }
  // Ten minutes of driving, and everything that then leaves.
  std::vector<Delivered> drive(CarNumber number) {
    auto car = *Car::create(plan_, number, reckoning_);
    car->run(kStartMs + kRunMs);
    car->finish();
    std::vector<Delivered> all;
    while (const MemoryStore::Row* row = car->next_to_send()) {
      all.push_back({cloud_topic(row->meta), row->bytes});
      const RowId id = row->meta.id;
      car->outbox().sent(id);
      car->acknowledged(id);
    }
    car->settle();
    EXPECT_TRUE(car->account().adds_up());
    delivered_rows_ = car->account().total().by_fate[static_cast<std::size_t>(Fate::kDelivered)];
    return all;
  }
  void receive(const std::vector<Delivered>& all) {
    for (const Delivered& one : all) receiving_->take(one.topic, one.payload);
  }
  PurposeReckoning judged() const {
    PurposeReckoning total;
    for (const PurposeReckoning& one : reckoning_.result()) total += one;
    return total;
  }

  PolicyKeys keys_ = *fresh_policy();
  AnyFieldKeys field_keys_{*keys_.policy};
  RoadNetwork roads_{network_shape(default_profile()), Random(1)};
  CarPlan plan_{default_profile(), *keys_.policy, field_keys_, roads_, {}, 1,
                kStartMs,          0.0,           nullptr};
  Reckoning reckoning_{*keys_.policy, false};
  std::optional<Canaries> canaries_;
  std::optional<ReceivingSide> receiving_;
  std::int64_t delivered_rows_ = 0;
};

TEST_F(FleetCar, EverythingThatLeavesIsWhatThePolicySays) {
  receive(drive(0));
  const PurposeReckoning total = judged();
  EXPECT_GT(total.expected, 15U);
  EXPECT_EQ(total.opened, total.expected);
  EXPECT_EQ(static_cast<std::uint64_t>(delivered_rows_), total.expected);
  EXPECT_EQ(total.lost + total.duplicated + total.altered, 0U);
  EXPECT_EQ(canaries_->findings().leaked(), 0U);
  EXPECT_GT(canaries_->findings().planted_positions, 500U);
  EXPECT_EQ(receiving_->counts().unopened, 0U);
}

TEST_F(FleetCar, ABatchThatDoesNotArriveIsLost) {
  std::vector<Delivered> all = drive(0);
  all.erase(all.begin());
  receive(all);
  EXPECT_GT(judged().lost, 0U);
  EXPECT_EQ(judged().altered, 0U);
}

TEST_F(FleetCar, ABatchThatComesAgainIsDroppedByItsIdAndNoDuplicate) {
  const std::vector<Delivered> all = drive(0);
  receive(all);
  receive(all);
  EXPECT_EQ(receiving_->counts().again, all.size());
  EXPECT_EQ(judged().duplicated, 0U);
}

TEST_F(FleetCar, RecordsThatAreSealedTwiceAreDuplicated) {
  receive(drive(0));
  // A recipient that forgot which batches it had.
  ReceivingSide forgetful(keys_, reckoning_, *canaries_);
  for (const Delivered& one : drive(1)) {
    receiving_->take(one.topic, one.payload);
    forgetful.take(one.topic, one.payload);
  }
  EXPECT_GT(judged().duplicated, 0U);
}

TEST_F(FleetCar, ABatchThatWasChangedOnItsWayDoesNotOpen) {
  std::vector<Delivered> all = drive(0);
  all.front().payload.back() ^= 1;
  receive(all);
  EXPECT_EQ(receiving_->counts().unopened, 1U);
  EXPECT_GT(judged().lost, 0U);
}

TEST_F(FleetCar, AnotherFleetsBatchesDoNotOpen) {
  const PolicyKeys others = *fresh_policy();
  ReceivingSide other_side(others, reckoning_, *canaries_);
  for (const Delivered& one : drive(0)) other_side.take(one.topic, one.payload);
  EXPECT_GT(other_side.counts().unopened, 5U);
  EXPECT_EQ(other_side.counts().records, 0U);
}

// The control: what the car says inside, delivered as it is, must be found.
TEST_F(FleetCar, WhatACarSaysInTheClearIsFoundOnTheWayAndInOpenedRecords) {
  const auto vehicle = make_vehicle(plan_, 0);
  while (const auto message = vehicle->messages().next()) {
    receiving_->take(message->topic, message->payload);
    canaries_->opened(0, message->topic, message->payload);
  }
  const CanaryFindings findings = canaries_->findings();
  EXPECT_GT(findings.delivered, findings.planted_positions / 2);
  EXPECT_GT(findings.identifiers, 3U);
  EXPECT_GT(findings.positions, findings.planted_positions / 2);
}

TEST_F(FleetCar, ItsMessagesFollowFromSeedAndNumberAlone) {
  const auto one = make_vehicle(plan_, 3);
  const auto same = make_vehicle(plan_, 3);
  const auto other = make_vehicle(plan_, 4);
  bool differs = false;
  for (int i = 0; i < 300; ++i) {
    const auto message = one->messages().next();
    ASSERT_TRUE(message);
    ASSERT_EQ(message->payload, same->messages().next()->payload);
    differs = differs || message->payload != other->messages().next()->payload;
  }
  EXPECT_TRUE(differs);
}

TEST_F(FleetCar, NothingComesAfterTheRunsEnd) {
  const auto vehicle = make_vehicle(plan_, 3);
  std::int64_t last_ms = 0;
  while (const auto message = vehicle->messages().next()) last_ms = message->time_ms;
  EXPECT_LE(last_ms, kStartMs + kRunMs);
  EXPECT_GT(last_ms, kStartMs + kRunMs - 2000);
}

}  // namespace
}  // namespace sudare::sim::fleet
