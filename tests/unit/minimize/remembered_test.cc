// What is kept across restarts: released cells as tags, running totals.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "gateway/minimize/neighbours.h"
#include "gateway/minimize/released_cells.h"
#include "gateway/store/little_endian.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "tests/unit/minimize/position_messages.h"

namespace sudare {
namespace {

using testkit::Car;
using testkit::coarsen;
using testkit::kTopic;
using testkit::on_move_source;
using testkit::position_payload;
using testkit::reason_of;
using testkit::SourceBuilder;

// The state that one car's minimizer leaves on the disk.
std::vector<StateEntry> state_of(Car& car) {
  std::vector<StateEntry> entries;
  car.minimizer().take_changes(true, entries);
  return entries;
}

TEST(ReleasedCells, AParkedCarRepeatsNothingAfterARestart) {
  Car before({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(before.send(kTopic, position_payload(35.005, 136.505)).release);
  Car after({on_move_source(v1::M1000).build()});
  after.minimizer().restore(state_of(before));
  EXPECT_EQ(reason_of(after.send(kTopic, position_payload(35.005, 136.505))), Reason::kNotMoved);
  EXPECT_TRUE(after.send(kTopic, position_payload(35.105, 136.505)).release);
}

TEST(ReleasedCells, ACarOnABorderIsFoundInTheCellItCountedAsBeingIn) {
  Car before({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(before.send(kTopic, position_payload(35.005, 136.5120)).release);
  Car after({on_move_source(v1::M1000).build()});
  after.minimizer().restore(state_of(before));
  // 20 m on the other side of 136.5125.
  EXPECT_EQ(reason_of(after.send(kTopic, position_payload(35.005, 136.5127))), Reason::kNotMoved);
}

TEST(ReleasedCells, TheDiskHoldsNoPlace) {
  Car car({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(car.send(kTopic, position_payload(35.005, 136.505)).release);
  const auto entries = state_of(car);
  ASSERT_EQ(entries.size(), 2U) << "a tag and the key";
  for (const StateEntry& entry : entries) {
    EXPECT_TRUE(entry.value.size() == kCellTagBytes || entry.value.size() == 32U);
  }
  EXPECT_TRUE(state_of(car).empty()) << "only changes";
  EXPECT_EQ(reason_of(car.send(kTopic, position_payload(35.005, 136.505))), Reason::kNotMoved);
  EXPECT_TRUE(state_of(car).empty());
}

TEST(ReleasedCells, TwoUnitsTagOneCellDifferently) {
  Car one({on_move_source(v1::M1000).build()});
  Car other({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(one.send(kTopic, position_payload(35.005, 136.505)).release);
  EXPECT_TRUE(other.send(kTopic, position_payload(35.005, 136.505)).release);
  EXPECT_NE(state_of(one)[0].value, state_of(other)[0].value);
}

TEST(ReleasedCells, WhatWaitsIsNotRemembered) {
  SourceBuilder source = on_move_source(v1::M125);
  source.release.hold_back = {v1::M1000, 300'000, v1::CELL_UNSPECIFIED};
  Car car({source.build()});
  for (int i = 0; i < 300; ++i) {
    (void)car.send(kTopic, position_payload(35.005, 136.5 + 0.0002 * i), 1000 * i + 1);
  }
  EXPECT_TRUE(state_of(car).empty());
}

TEST(ReleasedCells, WhatGoesOutAtOnceIsRemembered) {
  SourceBuilder source = on_move_source(v1::M125);
  source.release.hold_back = {v1::M1000, 300'000, v1::M10000};
  Car before({source.build()});
  (void)before.send(kTopic, position_payload(35.005, 136.505), 1);
  EXPECT_EQ(before.told.early.size(), 1U);
  const auto entries = state_of(before);
  ASSERT_EQ(entries.size(), 2U) << "the coarse cell's tag and the key";
  Car after({source.build()});
  after.minimizer().restore(entries);
  (void)after.send(kTopic, position_payload(35.005, 136.505), 1);
  EXPECT_TRUE(after.told.early.empty()) << "it has not moved";
  const Policy same = testkit::policy_of({source.build()});
  Minimizer carried(same, before.keys(), &before.minimizer());
  testkit::Told told;
  (void)carried.minimize(before.record(), 0, told);
  EXPECT_TRUE(told.early.empty()) << "nor for another policy";
}

TEST(ReleasedCells, ExactPositionsAreNotRemembered) {
  SourceBuilder source = on_move_source(v1::EXACT);
  source.release.on_move = false;
  Car car({source.build()});
  EXPECT_TRUE(car.send(kTopic, position_payload(35.005, 136.505)).release);
  EXPECT_TRUE(state_of(car).empty());
}

TEST(ReleasedCells, AreHandedOutWhenTheyAreAskedFor) {
  Car car({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(car.send(kTopic, position_payload(35.005, 136.505)).release);
  std::vector<StateEntry> entries;
  car.minimizer().take_changes(false, entries);
  EXPECT_TRUE(entries.empty());
  EXPECT_EQ(state_of(car).size(), 2U);
}

TEST(ReleasedCells, WhatIsOfAnotherSizeOrReleaseIsLeftOut) {
  Car before({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(before.send(kTopic, position_payload(35.005, 136.505)).release);
  const std::vector<StateEntry> entries = state_of(before);
  for (const std::size_t damaged : {0U, 1U}) {
    std::vector<StateEntry> found = entries;
    found.at(damaged).value += "x";
    found.push_back({"minimize", "cell/of-another-release", entries[0].value});
    Car after({on_move_source(v1::M1000).build()});
    after.minimizer().restore(found);
    EXPECT_TRUE(after.send(kTopic, position_payload(35.005, 136.505)).release);
  }
}

TEST(ReleasedCells, AreFoundOutsideTheMeshToo) {
  Car before({on_move_source(v1::M1000).build()});
  EXPECT_TRUE(before.send(kTopic, position_payload(48.137, 11.575)).release);
  Car after({on_move_source(v1::M1000).build()});
  after.minimizer().restore(state_of(before));
  EXPECT_EQ(reason_of(after.send(kTopic, position_payload(48.137, 11.575))), Reason::kNotMoved);
}

// --- totals

constexpr std::int64_t kWeekMs = 7 * kMsPerDay;
constexpr std::int64_t kMonday = 2000 * kWeekMs;

SourcePlan weekly() {
  SourceBuilder source("vehicle/driving", *vehicle::v1::Driving::descriptor());
  const auto combined = [](FieldRule rule, v1::Field::Combine combine) {
    rule.combine = combine;
    return rule;
  };
  source.field("summary.score", combined(coarsen(1), v1::Field::MEAN));
  source.field("summary.distance_m", combined(coarsen(2000), v1::Field::SUM));
  source.field("summary.braking_score", combined(testkit::keep(), v1::Field::LEAST));
  source.field("summary.cornering_score", combined(testkit::keep(), v1::Field::MOST));
  source.release.aggregate_days = 7;
  source.release.bucket_ms = static_cast<std::uint32_t>(kMsPerDay);
  return source.build();
}

std::string summary(std::uint32_t score, std::uint32_t meters) {
  vehicle::v1::Driving message;
  message.mutable_summary()->set_score(score);
  message.mutable_summary()->set_distance_m(meters);
  message.mutable_summary()->set_braking_score(score);
  message.mutable_summary()->set_cornering_score(score);
  return message.SerializeAsString();
}

vehicle::v1::DrivingSummary released(const Outcome& outcome) {
  vehicle::v1::Driving message;
  EXPECT_TRUE(message.ParseFromString(testkit::content(outcome).payload));
  return message.summary();
}

TEST(Aggregate, OneRecordAWeekHoldsItsTotals) {
  Car car({weekly()});
  for (int day = 0; day < 7; ++day) {
    EXPECT_EQ(
        reason_of(car.send("vehicle/driving", summary(70U + static_cast<std::uint32_t>(day), 1500),
                           kMonday + day * kMsPerDay)),
        Reason::kAggregated);
  }
  const Outcome outcome = car.send("vehicle/driving", summary(10, 9000), kMonday + kWeekMs);
  ASSERT_NE(outcome.release, nullptr);
  EXPECT_EQ(released(outcome).score(), 73U);
  EXPECT_EQ(released(outcome).distance_m(), 10'000U) << "the sum of 10,500 m, in steps of 2 km";
  EXPECT_EQ(released(outcome).braking_score(), 70U);
  EXPECT_EQ(released(outcome).cornering_score(), 76U);
  EXPECT_EQ(testkit::content(outcome).time_ms, kMonday);
  EXPECT_EQ(reason_of(car.send("vehicle/driving", summary(1, 1), kMonday + kWeekMs + 1)),
            Reason::kAggregated);
}

// What a process with `entries` on its disk leaves there after a trip of so many metres.
std::vector<StateEntry> after_trip(const std::vector<StateEntry>& entries, std::uint32_t meters) {
  Car car({weekly()});
  car.minimizer().restore(entries);
  (void)car.send("vehicle/driving", summary(60, meters), kMonday);
  std::vector<StateEntry> left;
  car.minimizer().take_changes(true, left);
  return left;
}

vehicle::v1::DrivingSummary week_of(const std::vector<StateEntry>& entries) {
  Car car({weekly()});
  car.minimizer().restore(entries);
  return released(car.send("vehicle/driving", summary(1, 1), kMonday + 2 * kWeekMs));
}

TEST(Aggregate, SurvivesARestartInTheMiddleOfItsWindow) {
  const std::vector<StateEntry> first = after_trip({}, 30'000);
  const vehicle::v1::DrivingSummary week = week_of(after_trip(first, 4000));
  EXPECT_NEAR(week.score(), 60, 2) << "half a step per restart, and down to the step";
  EXPECT_NEAR(week.distance_m(), 33'000, 3000);
  EXPECT_EQ(week.braking_score(), 60U);
}

TEST(Aggregate, RestartsCostNothingOnAverageAlsoWhereTripsAreShorterThanTheStep) {
  constexpr int kWeeks = 2000;
  constexpr int kTrips = 10;
  constexpr std::uint32_t kMeters = 700;  // a third of a step: rounding would lose every one
  double sum = 0;
  for (int week = 0; week < kWeeks; ++week) {
    std::vector<StateEntry> entries;
    for (int trip = 0; trip < kTrips; ++trip) entries = after_trip(entries, kMeters);
    sum += week_of(entries).distance_m();
  }
  // Down to the step takes half a step. Of a week: 10 errors of 0.29 steps; of the mean 1 /
  // sqrt(n).
  const double error_m = 2000 * 0.29 * std::sqrt(kTrips + 1) / std::sqrt(kWeeks);
  EXPECT_NEAR(sum / kWeeks, kTrips * kMeters - 1000, 6 * error_m + 60) << "60: never below 0";
}

TEST(Aggregate, TheDiskHoldsATripsDistanceNoFinerThanItsStep) {
  // Two trips less than a step apart leave what either could have left; the very value is rare.
  const auto on_disk = [](std::uint32_t meters) {
    const std::string value = after_trip({}, meters).at(0).value;
    const std::string name = std::to_string(v1::Field::SUM) + "..summary.distance_m";
    const std::size_t at = value.find(name);
    double number = 0;
    EXPECT_NE(at, std::string::npos);
    std::memcpy(&number, value.data() + at - 16, sizeof(number));
    return number;
  };
  int lower = 0;
  int exact = 0;
  constexpr int kRuns = 400;
  for (int run = 0; run < kRuns; ++run) {
    const double near = on_disk(30'000);
    const double far = on_disk(30'900);
    EXPECT_LE(std::abs(near - 30'000), 1000);
    lower += far < near ? 1 : 0;
    exact += std::abs(near - 30'000) < 1 ? 1 : 0;
  }
  EXPECT_GT(lower, kRuns / 10) << "the order of two trips is often the wrong one";
  EXPECT_LT(exact, kRuns / 10);
}

TEST(Aggregate, ARestartWithoutAMessageChangesNothing) {
  const std::vector<StateEntry> first = after_trip({}, 30'000);
  Car car({weekly()});
  car.minimizer().restore(first);
  std::vector<StateEntry> left;
  car.minimizer().take_changes(true, left);
  EXPECT_TRUE(left.empty());
}

TEST(Aggregate, ADamagedStateIsLeftOut) {
  for (const std::string& damaged :
       {std::string(), std::string(15, 'x'), std::string(16, '\0'), std::string(1000, '\xff'),
        std::string("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 24) +
            std::string(16, '\1')}) {
    Car car({weekly()});
    car.minimizer().restore({{"minimize", "total/purpose-0/vehicle/driving", damaged}});
    EXPECT_EQ(reason_of(car.send("vehicle/driving", summary(60, 4000), kMonday)),
              Reason::kAggregated);
    const Outcome outcome = car.send("vehicle/driving", summary(1, 1), kMonday + kWeekMs);
    ASSERT_NE(outcome.release, nullptr);
    EXPECT_EQ(released(outcome).distance_m(), 4000U);
  }
}

// Taken as it is, no window would ever end again.
TEST(Aggregate, AWindowThatNoTimeReachesIsLeftOut) {
  for (const std::uint64_t window : {std::uint64_t{1} << 62, std::uint64_t{3} << 62}) {
    std::string damaged;
    for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{7}, window}) {
      append_u64(damaged, number);
    }
    Car car({weekly()});
    car.minimizer().restore({{"minimize", "total/purpose-0/vehicle/driving", damaged}});
    (void)car.send("vehicle/driving", summary(60, 4000), kMonday);
    const Outcome outcome = car.send("vehicle/driving", summary(1, 1), kMonday + kWeekMs);
    ASSERT_NE(outcome.release, nullptr);
    EXPECT_EQ(released(outcome).distance_m(), 4000U);
  }
}

TEST(Aggregate, AWrongClockMakesNoRecordPerMessage) {
  Car car({weekly()});
  (void)car.send("vehicle/driving", summary(60, 1000), kMonday);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reason_of(car.send("vehicle/driving", summary(60, 1000), 5)), Reason::kAggregated);
    EXPECT_EQ(reason_of(car.send("vehicle/driving", summary(60, 1000), kMonday)),
              Reason::kAggregated);
  }
}

TEST(Aggregate, ARecordThatCameLateCountsInTheCurrentWindow) {
  Car car({weekly()});
  (void)car.send("vehicle/driving", summary(60, 1000), kMonday);
  EXPECT_EQ(reason_of(car.send("vehicle/driving", summary(60, 1000), kMonday - 5)),
            Reason::kAggregated);
  const Outcome outcome = car.send("vehicle/driving", summary(1, 1), kMonday + kWeekMs);
  EXPECT_EQ(released(outcome).distance_m(), 2000U);
}

TEST(Aggregate, AnEventWithoutNumbersAddsNothing) {
  Car car({weekly()});
  vehicle::v1::Driving event;
  event.mutable_event()->set_kind(vehicle::v1::DrivingEvent::SPEEDING);
  EXPECT_EQ(reason_of(car.send("vehicle/driving", event.SerializeAsString(), kMonday)),
            Reason::kAggregated);
  EXPECT_EQ(reason_of(car.send("vehicle/driving", event.SerializeAsString(), kMonday + kWeekMs)),
            Reason::kAggregated)
      << "an empty window says nothing";
}

}  // namespace
}  // namespace sudare
