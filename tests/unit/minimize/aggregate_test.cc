// Totals of messages of both codecs: which values count, what fits the field, what another policy
// and a restart make of them.
#include "gateway/minimize/aggregate.h"

#include <gtest/gtest.h>

#include "gateway/store/little_endian.h"
#include "shapes.pb.h"
#include "tests/unit/minimize/position_messages.h"

namespace sudare {
namespace {

using test::Shapes;
using testkit::Car;
using testkit::coarsen;
using testkit::keep;
using testkit::reason_of;
using testkit::SourceBuilder;

constexpr std::int64_t kDayMs = kMsPerDay;
constexpr const char* kStateKey = "total/purpose-0/json";

FieldRule combined(FieldRule rule, v1::Field::Combine combine) {
  rule.combine = combine;
  return rule;
}

SourceBuilder daily(SourceBuilder source) {
  source.release.aggregate_days = 1;
  source.release.bucket_ms = static_cast<std::uint32_t>(kDayMs);
  return source;
}

SourceBuilder sum_of(const FieldRule& rule) {
  return daily(SourceBuilder("json").field("km", combined(rule, v1::Field::SUM)));
}

// What one day's messages leave.
std::string day_of(Car& car, const std::vector<std::string>& payloads, std::int64_t day = 20'000) {
  for (const std::string& payload : payloads) {
    EXPECT_EQ(reason_of(car.send("json", payload, day * kDayMs)), Reason::kAggregated);
  }
  const Outcome outcome = car.send("json", "{}", (day + 1) * kDayMs);
  return outcome.release != nullptr ? testkit::content(outcome).payload : "nothing";
}

std::string day_of(const SourceBuilder& source, const std::vector<std::string>& payloads) {
  Car car({source.build()});
  return day_of(car, payloads);
}

TEST(AggregateValues, WhatIsNoNumberDoesNotCount) {
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":"5"})", R"({"km":null})", R"({"km":{"km":5}})"}),
            "nothing");
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":"5"})", R"({"km":2})"}), R"({"km":2})");
}

TEST(AggregateValues, NumbersOfEveryKindCount) {
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":-3})", R"({"km":18})", R"({"km":true})"}),
            R"({"km":16})");
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":1.5})", R"({"km":2.25})"}), R"({"km":3.75})");
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":1.5})", R"({"km":2.5})"}), R"({"km":4})");
  EXPECT_EQ(day_of(sum_of(keep()), {R"({"km":[1,2,[3]]})"}), R"({"km":6})");
}

TEST(AggregateValues, WhatIsNotCombinedDoesNotLeave) {
  SourceBuilder source("json");
  source.field("trip.km", combined(keep(), v1::Field::SUM)).field("trip.note", keep());
  source.field("driver.name", keep());
  EXPECT_EQ(day_of(daily(source), {R"({"trip":{"km":5,"note":"n"},"driver":{"name":"x"}})"}),
            R"({"trip":{"km":5}})");
}

TEST(AggregateValues, ATotalThatItsRuleRefusesDoesNotLeave) {
  EXPECT_EQ(day_of(sum_of(coarsen(0)), {R"({"km":5})"}), "nothing");
  EXPECT_EQ(day_of(sum_of(coarsen(10)), {R"({"km":57})"}), R"({"km":50})");
  EXPECT_EQ(day_of(sum_of(coarsen(0.5)), {R"({"km":5.75})"}), R"({"km":5.5})");
}

TEST(AggregateValues, ATotalThatDoesNotFitItsFieldDoesNotLeave) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("uint32_value", combined(keep(), v1::Field::SUM));
  source.field("double_value", combined(keep(), v1::Field::SUM));
  source.field("float_value", combined(keep(), v1::Field::MEAN));
  Car car({daily(source).build()});
  Shapes in;
  in.set_uint32_value(3'000'000'000);
  in.set_double_value(2.5);
  in.set_float_value(0.25F);
  for (int i = 0; i < 2; ++i) (void)car.send("shapes", in.SerializeAsString(), kDayMs);
  const Outcome outcome = car.send("shapes", "", 2 * kDayMs);
  ASSERT_NE(outcome.release, nullptr);
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(testkit::content(outcome).payload));
  EXPECT_EQ(out.uint32_value(), 0U) << "6,000,000,000";
  EXPECT_EQ(out.double_value(), 5.0);
  EXPECT_EQ(out.float_value(), 0.25F);
}

TEST(AggregateValues, DaysBefore1970AreDays) {
  Car car({sum_of(keep()).build()});
  EXPECT_EQ(reason_of(car.send("json", R"({"km":1})", -kDayMs)), Reason::kAggregated);
  EXPECT_EQ(reason_of(car.send("json", R"({"km":2})", -1)), Reason::kAggregated);
  const Outcome outcome = car.send("json", "{}", 0);
  ASSERT_NE(outcome.release, nullptr);
  EXPECT_EQ(testkit::content(outcome).payload, R"({"km":3})");
  EXPECT_EQ(testkit::content(outcome).time_ms, -kDayMs);
}

// --- another policy

class AggregatePolicyTest : public testing::Test {
 protected:
  AggregatePolicyTest() : car_({sum_of(coarsen(10)).build()}) {
    (void)car_.send("json", R"({"km":57.25})", 20'000 * kDayMs);
  }
  // The first day's end under another policy.
  std::string ends_as(const SourceBuilder& source) {
    const Policy other = testkit::policy_of({source.build()});
    Minimizer carried(other, car_.keys(), &car_.minimizer());
    Car clock({source.build()});
    (void)clock.send("json", "{}", 20'001 * kDayMs);
    const Outcome outcome = carried.minimize(clock.record(), 0, car_.told);
    return outcome.release != nullptr ? testkit::content(outcome).payload : "nothing";
  }
  Car car_;
};

TEST_F(AggregatePolicyTest, TheSameTotalGoesOnExactly) {
  EXPECT_EQ(ends_as(sum_of(keep())), R"({"km":57.25})");
}

TEST_F(AggregatePolicyTest, ASumIsNotTakenForAMean) {
  EXPECT_EQ(ends_as(daily(SourceBuilder("json").field("km", combined(keep(), v1::Field::MEAN)))),
            "nothing");
}

TEST_F(AggregatePolicyTest, WindowsOfAnotherLengthBeginAnew) {
  SourceBuilder weekly = sum_of(keep());
  weekly.release.aggregate_days = 7;
  EXPECT_EQ(ends_as(weekly), "nothing");
}

TEST_F(AggregatePolicyTest, WithoutTotalsThereIsNothingToGoOnWith) {
  SourceBuilder plain("json");
  plain.field("km", keep());
  EXPECT_EQ(ends_as(plain), "nothing");
}

// --- the disk

std::string on_disk(Car& car) {
  std::vector<StateEntry> entries;
  car.minimizer().take_changes(true, entries);
  for (const StateEntry& entry : entries) {
    if (entry.key == kStateKey) return entry.value;
  }
  return "";
}

std::string restored_day(const SourceBuilder& source, const std::string& state) {
  Car car({source.build()});
  car.minimizer().restore({{"minimize", kStateKey, state}});
  return day_of(car, {});
}

TEST(AggregateState, AnExtremeIsAsCoarseOnTheDiskAsItsStep) {
  for (const v1::Field::Combine combine : {v1::Field::LEAST, v1::Field::MOST}) {
    const SourceBuilder coarse =
        daily(SourceBuilder("json").field("km", combined(coarsen(10), combine)));
    const SourceBuilder fine = daily(SourceBuilder("json").field("km", combined(keep(), combine)));
    Car car({coarse.build()});
    (void)car.send("json", R"({"km":57})", 20'000 * kDayMs);
    EXPECT_EQ(restored_day(fine, on_disk(car)), R"({"km":50})");
  }
}

TEST(AggregateState, ANegativeMeanIsWithinAStep) {
  const auto mean_of = [](const FieldRule& rule) {
    return daily(SourceBuilder("json").field("km", combined(rule, v1::Field::MEAN)));
  };
  Car car({mean_of(coarsen(10)).build()});
  (void)car.send("json", R"({"km":-55})", 20'000 * kDayMs);
  (void)car.send("json", R"({"km":-57})", 20'000 * kDayMs);
  const std::string day = restored_day(mean_of(keep()), on_disk(car));
  ASSERT_EQ(day.substr(0, 6), R"({"km":)");
  EXPECT_NEAR(std::stod(day.substr(6)), -56, 5.01);
}

TEST(AggregateState, AStepThatIsNoneChangesNothing) {
  Car car({sum_of(coarsen(std::numeric_limits<double>::infinity())).build()});
  (void)car.send("json", R"({"km":57})", 20'000 * kDayMs);
  EXPECT_EQ(restored_day(sum_of(keep()), on_disk(car)), R"({"km":57})");
}

TEST(AggregateState, DamagedTotalsAreLeftOut) {
  Car car({sum_of(keep()).build()});
  (void)car.send("json", R"({"km":57})", 20'000 * kDayMs);
  const std::string good = on_disk(car);
  EXPECT_EQ(restored_day(sum_of(keep()), good), R"({"km":57})");
  std::string not_finite = good;
  not_finite.replace(32, 8, std::string("\0\0\0\0\0\0\xf0\x7f", 8));
  std::string long_name = good;
  long_name[24] = '\x7f';
  std::string other_name = good;
  other_name.back() = 'X';
  for (const std::string& damaged : {not_finite, long_name, other_name, good.substr(0, 30)}) {
    EXPECT_EQ(restored_day(sum_of(keep()), damaged), "nothing");
  }
}

}  // namespace
}  // namespace sudare
