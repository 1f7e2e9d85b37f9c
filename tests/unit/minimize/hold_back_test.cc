// Hold-back through the minimizer: what waits, what leaves at once, what is lost. The trip's logic
// is trip_ends_test's.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "gateway/minimize/delay_line.h"
#include "gateway/minimize/neighbours.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "tests/unit/minimize/position_messages.h"

namespace sudare {
namespace {

using testkit::Car;
using testkit::keep;
using testkit::kTopic;
using testkit::position_source;
using testkit::SourceBuilder;
using testkit::VehiclePosition;

constexpr double kDegreesPerSecond = 0.0002;  // 18 m/s eastward

SourceBuilder held_source() {
  SourceBuilder source = position_source(v1::EXACT);
  source.field("speed_kmh", keep()).field("time_ms", keep());
  source.release.exact_time = true;
  source.release.hold_back = {v1::M1000, 300'000, v1::CELL_UNSPECIFIED};
  return source;
}

SourcePlan hazard_source() {
  SourceBuilder source("vehicle/driving", *vehicle::v1::Driving::descriptor());
  source.field("event.kind", keep()).field("event.latitude_e7", keep());
  source.field("event.longitude_e7", keep());
  source.release.cell = v1::EXACT;
  source.release.exact_time = true;
  source.release.hold_back = {v1::M1000, 300'000, v1::M1000};
  return source.build();
}

class HoldBackTest : public ::testing::Test {
 protected:
  Outcome go(double longitude) {
    now_ms_ += 1000;
    VehiclePosition position;
    position.set_latitude_e7(350'050'000);
    position.set_longitude_e7(static_cast<std::int32_t>(longitude * 1e7));
    position.set_speed_kmh(60);
    position.set_time_ms(now_ms_);
    return car.send(kTopic, position.SerializeAsString(), now_ms_);
  }
  Outcome drive(double from, double to) {
    Outcome last;
    for (double longitude = from; longitude < to; longitude += kDegreesPerSecond) {
      last = go(longitude);
    }
    return last;
  }
  Outcome hazard(double longitude) {
    vehicle::v1::Driving message;
    message.mutable_event()->set_kind(vehicle::v1::DrivingEvent::HARSH_BRAKING);
    message.mutable_event()->set_latitude_e7(350'050'000);
    message.mutable_event()->set_longitude_e7(static_cast<std::int32_t>(longitude * 1e7));
    return car.send("vehicle/driving", message.SerializeAsString(), now_ms_);
  }
  static double longitude_of(const Release::Content& content) {
    VehiclePosition position;
    EXPECT_TRUE(position.ParseFromString(content.payload));
    return position.longitude_e7() * 1e-7;
  }

  std::int64_t now_ms_ = 1'700'000'000'000;
  Car car{{held_source().build(), hazard_source()}};
};

TEST_F(HoldBackTest, AtTheStartNothingLeavesAndNothingWaits) {
  EXPECT_EQ(testkit::reason_of(go(136.5)), Reason::kTripEnd);
  EXPECT_EQ(testkit::reason_of(drive(136.5, 136.51)), Reason::kTripEnd);
  EXPECT_TRUE(car.told.late.empty());
}

TEST_F(HoldBackTest, AFixWaitsAndLeavesAsItCame) {
  const Outcome outcome = drive(136.5, 136.56);
  EXPECT_EQ(outcome.release, nullptr);
  EXPECT_EQ(outcome.fate, Fate::kHeldBack);
  drive(136.56, 136.62);
  ASSERT_GT(car.told.late.size(), 100U);
  const double first = longitude_of(car.told.late.front());
  EXPECT_GT(first, 136.5125);
  EXPECT_NEAR(longitude_of(car.told.late[1]) - first, kDegreesPerSecond, 2e-7);
  EXPECT_EQ(car.told.late.front().topic, kTopic);
  EXPECT_GT(car.told.late[1].time_ms, car.told.late[0].time_ms);
}

TEST_F(HoldBackTest, IgnitionOffLosesWhatWaits) {
  drive(136.5, 136.6);
  const std::size_t before = car.told.late.size();
  car.minimizer().driving(false, car.told);
  EXPECT_GT(car.told.lost[Reason::kTripEnd], 50U);
  EXPECT_GT(car.told.late.size(), before) << "what lay before the ring's entry leaves";
  EXPECT_LT(longitude_of(car.told.late.back()), 136.5875) << "the ring around 136.6";
  EXPECT_EQ(testkit::reason_of(go(136.6)), Reason::kTripEnd);
}

TEST_F(HoldBackTest, GivingUpLosesWhatWaitsAndBeginsInHold) {
  drive(136.5, 136.6);
  const std::size_t before = car.told.late.size();
  car.minimizer().give_up(0, Reason::kRestart, car.told);
  EXPECT_GT(car.told.lost[Reason::kRestart], 50U);
  EXPECT_EQ(car.told.late.size(), before);
  EXPECT_EQ(testkit::reason_of(go(136.6)), Reason::kTripEnd);
}

// Twenty minutes round and round a block: more fixes than the memory holds. What is left of them
// draws the road all the same.
TEST_F(HoldBackTest, OverflowDropsNeverReleases) {
  drive(136.5, 136.545);
  Outcome last;
  for (int i = 0; i < 1500; ++i) {
    const int phase = i % 100;
    last = go(136.545 + 0.0001 * (phase < 50 ? phase : 100 - phase));
  }
  EXPECT_EQ(testkit::reason_of(last), Reason::kHeldTooLong);
  EXPECT_EQ(car.told.late.size(), 0U);
  EXPECT_TRUE(car.told.lost.empty());
  drive(136.545, 136.6);
  EXPECT_GT(car.told.late.size(), 400U);
}

TEST_F(HoldBackTest, EveryRowIsToldExactlyOnce) {
  std::mt19937_64 random(5);
  std::uint64_t waited = 0;
  double longitude = 136.5;
  for (int i = 0; i < 20'000; ++i) {
    longitude += kDegreesPerSecond * (random() % 4 == 0 ? -1 : 1);
    if (random() % 4000 == 0) car.minimizer().driving(false, car.told);
    if (random() % 6000 == 0) longitude += 0.5;
    if (go(longitude).fate == Fate::kHeldBack) ++waited;
  }
  car.minimizer().give_up(0, Reason::kRestart, car.told);
  std::uint64_t lost = 0;
  for (const auto& [reason, rows] : car.told.lost) lost += rows;
  EXPECT_EQ(waited, car.told.late.size() + lost);
  EXPECT_GT(car.told.late.size(), 5000U);
}

TEST_F(HoldBackTest, AHazardGoesOutAtOnceAsACellAndFineAfterClearance) {
  drive(136.5, 136.56);
  const Outcome outcome = hazard(136.56);
  EXPECT_EQ(outcome.fate, Fate::kHeldBack);
  ASSERT_EQ(car.told.early.size(), 1U);
  vehicle::v1::Driving coarse;
  ASSERT_TRUE(coarse.ParseFromString(car.told.early[0].payload));
  EXPECT_EQ(coarse.event().longitude_e7(), 1'365'562'500) << "the middle of the cell of 1 km";
  drive(136.56, 136.62);
  bool refined = false;
  for (const Release::Content& late : car.told.late) {
    vehicle::v1::Driving fine;
    if (late.topic != "vehicle/driving" || !fine.ParseFromString(late.payload)) continue;
    refined |= fine.event().longitude_e7() == 1'365'600'000;
  }
  EXPECT_TRUE(refined);
}

TEST_F(HoldBackTest, AHazardAtTheStartIsNothingButACell) {
  go(136.5);
  EXPECT_EQ(testkit::reason_of(hazard(136.5)), Reason::kTripEnd);
  EXPECT_EQ(car.told.early.size(), 1U);
}

TEST_F(HoldBackTest, WhatGoesOutAtOnceObeysTheRate) {
  SourcePlan source = hazard_source();
  source.releases[0].min_interval_ms = 5000;
  Car other({source});
  vehicle::v1::Driving message;
  message.mutable_event()->set_latitude_e7(350'050'000);
  message.mutable_event()->set_longitude_e7(1'365'000'000);
  for (int second = 0; second < 10; ++second) {
    (void)other.send("vehicle/driving", message.SerializeAsString(), now_ms_ + second * 1000);
  }
  EXPECT_EQ(other.told.early.size(), 2U);
}

TEST_F(HoldBackTest, ARecordWithoutAPositionDoesNotLeave) {
  VehiclePosition position;
  position.set_speed_kmh(50);
  EXPECT_EQ(testkit::reason_of(car.send(kTopic, position.SerializeAsString(), now_ms_)),
            Reason::kBadPosition);
}

TEST_F(HoldBackTest, AnEventTimeOutOfThisWorldDropsTheRecord) {
  SourceBuilder source = held_source();
  source.release.exact_time = false;
  source.release.bucket_ms = 60'000;
  Car other({source.build()});
  EXPECT_EQ(other.send(kTopic, testkit::position_payload(35, 136), INT64_MIN).reason,
            Reason::kBadTime);
}

TEST_F(HoldBackTest, APositionThatIsNoneDropsTheRecord) {
  EXPECT_EQ(car.send(kTopic, testkit::position_payload(95, 136), now_ms_).reason,
            Reason::kBadPosition);
}

TEST_F(HoldBackTest, TwoPositionsAreNoFix) {
  SourceBuilder source = testkit::json_position_source(v1::EXACT);
  source.field("to.lat", keep()).classify("to.lat", v1::LATITUDE, v1::DEGREES, 2);
  source.field("to.lon", keep()).classify("to.lon", v1::LONGITUDE, v1::DEGREES, 2);
  source.release.hold_back = {v1::M1000, 300'000, v1::CELL_UNSPECIFIED};
  Car two({source.build()});
  EXPECT_EQ(two.send("json", R"({"lat":35,"lon":136,"to":{"lat":36,"lon":137}})", 1).reason,
            Reason::kBadPosition);
}

TEST_F(HoldBackTest, WhatWaitsObeysTheRate) {
  SourceBuilder source = held_source();
  source.release.min_interval_ms = 10'000;
  Car slow({source.build()});
  std::map<Reason, int> reasons;
  for (int i = 0; i < 400; ++i) {
    const Outcome outcome = slow.send(
        kTopic, testkit::position_payload(35.005, 136.5 + kDegreesPerSecond * i), 1000 * i + 1);
    if (outcome.fate != Fate::kHeldBack) ++reasons[outcome.reason];
  }
  EXPECT_GT(reasons[Reason::kTooSoon], 200);
}

TEST_F(HoldBackTest, IgnitionOnLosesNothingAndOtherPurposesHaveNothingToLose) {
  SourceBuilder plain("plain");
  plain.field("x", keep());
  plain.release.purpose = 1;
  Car both({held_source().build(), plain.build()});
  for (int i = 0; i < 400; ++i) {
    (void)both.send(kTopic, testkit::position_payload(35.005, 136.5 + kDegreesPerSecond * i),
                    1000 * i + 1);
  }
  both.minimizer().give_up(1, Reason::kNoPolicy, both.told);
  both.minimizer().driving(true, both.told);
  EXPECT_TRUE(both.told.lost.empty());
  both.minimizer().driving(false, both.told);
  EXPECT_GT(both.told.lost[Reason::kTripEnd], 0U);
}

TEST(DelayLine, KeepsOrderAndBytesWhateverTheirSizes) {
  std::mt19937_64 random(11);
  DelayLine line;
  Release::Content content;
  FixNumber in = 0;
  FixNumber out = 0;
  const auto text_of = [](FixNumber number) {
    return std::string(number * 37 % 400, static_cast<char>('a' + number % 26));
  };
  for (int i = 0; i < 20'000; ++i) {
    content = {"t/" + std::to_string(in + 1), static_cast<std::int64_t>(in), Codec::kJson,
               text_of(in + 1)};
    if (random() % 3 != 0 && line.push(in + 1, content)) ++in;
    const FixNumber up_to = out + random() % 3;
    while (line.pop_up_to(std::min(up_to, in), content)) {
      ++out;
      ASSERT_EQ(content.topic, "t/" + std::to_string(out));
      ASSERT_EQ(content.payload, text_of(out));
      ASSERT_EQ(content.codec, Codec::kJson);
    }
  }
  EXPECT_GT(out, 5000U);
  EXPECT_EQ(line.size(), in - out);
  EXPECT_EQ(line.clear(), in - out);
  EXPECT_FALSE(line.pop_up_to(in, content));
}

TEST(DelayLine, ThinsOutFromHalfFullOn) {
  DelayLine line;
  std::size_t offered = 0;
  while (line.size() < kWaitingFixesMax) (void)line.push(++offered, {"t", 0, Codec::kJson, "x"});
  EXPECT_GE(offered, 256U + 2 * 128 + 4 * 127);
  EXPECT_FALSE(line.push(offered + 1, {"t", 0, Codec::kJson, "x"}));
}

TEST(DelayLine, WhatIsLargerThanItsMemoryDoesNotFit) {
  DelayLine line;
  EXPECT_FALSE(line.push(1, {"t", 0, Codec::kJson, std::string(kWaitingBytesMax, 'x')}));
  EXPECT_TRUE(line.push(1, {"t", 0, Codec::kJson, std::string(kWaitingBytesMax - 1, 'x')}));
  EXPECT_FALSE(line.push(1, {"", 0, Codec::kJson, "x"}));
}

}  // namespace
}  // namespace sudare
