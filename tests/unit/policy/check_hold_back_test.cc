#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

constexpr const char* kHold = "hold_back { ring: M1000 }";

// Exact positions for "probe", whose ceiling asks for rings of 1 km.
std::string probe_purpose(const std::string& pseudonym = "rotate_days: 28",
                          const std::string& ceiling = "cell: EXACT hold_back: M1000") {
  return "purpose { name: \"probe\" recipient: \"" + recipient(5) + "\" pseudonym { " + pseudonym +
         " } consent: OPT_IN ceiling { " + ceiling +
         " allow: [ODOMETER, TRIP_DISTANCE] } linger_ms: 900000 batch_bytes_max: 16384 "
         "keep_hours: 24 }\n";
}

std::string position(const std::string& location, const std::string& topic = "p",
                     const std::string& bucket_ms = "60000") {
  return "source { topic: \"" + topic +
         "\" codec: PROTOBUF message: \"sudare.vehicle.v1.Position\" release { to: \"probe" +
         "\" field { path: \"latitude_e7\" } field { path: \"longitude_e7\" } location { " +
         location + " } time { bucket_ms: " + bucket_ms + " } } }\n";
}

std::string trip(const std::string& fields, const std::string& bucket_ms) {
  return "source { topic: \"t\" codec: PROTOBUF message: \"sudare.vehicle.v1.Trip\" release { to: "
         "\"probe\" " +
         fields + " time { bucket_ms: " + bucket_ms + " } } }\n";
}

std::string policy(const std::string& sources) { return with_sources(probe_purpose() + sources); }

TEST(PolicyHoldBackTest, ExactPositionsForAServiceNeedIt) {
  expect_accepted(policy(position(std::string("cell: EXACT ") + kHold)));
  expect_refused(policy(position("cell: ^EXACT")), "only between the ends of trips");
  expect_refused(with_sources(probe_purpose("rotate_days: 28", "cell: ^EXACT") +
                              position(std::string("cell: EXACT ") + kHold)),
                 "exact positions for purpose");
}

TEST(PolicyHoldBackTest, TheRingIsNoSmallerThanTheCeilingOrTheCellsSay) {
  expect_refused(policy(position("cell: EXACT ^hold_back { }")), "no size of a ring");
  expect_refused(policy(position("cell: EXACT ^hold_back { ring: M250 }")), "no size of a ring");
  expect_refused(policy(position("cell: EXACT hold_back { ring: ^M500 }")),
                 "smaller than the ceiling");
  expect_refused(policy(position("cell: M2000 hold_back { ring: ^M1000 }")),
                 "smaller than the cells");
}

TEST(PolicyHoldBackTest, WhatGoesOutAtOnceIsNewsAndNoFinerThanTheRing) {
  const auto with = [](const std::string& at_once, const std::string& source) {
    const std::string location = "cell: EXACT hold_back { ring: M1000 at_once: " + at_once + " }";
    return policy(replaced(position(location), "source {", source));
  };
  expect_accepted(with("M1000", "source { urgent: true"));
  expect_refused(with("^M500", "source { urgent: true"), "finer than the ring that hides it");
  expect_refused(with("^M1000", "source {"), "not urgent");
}

TEST(PolicyHoldBackTest, LongPseudonymsDoNotGetFinePositions) {
  const std::string fine = position(std::string("cell: EXACT ^") + kHold);
  for (const char* pseudonym : {"rotate_days: 91", "rotate_days: 364", "until_transfer {}"}) {
    expect_refused(with_sources(probe_purpose(pseudonym) + fine), "for more than 28 days");
  }
}

TEST(PolicyHoldBackTest, ASourceMayTellNothingButTheIgnition) {
  const std::string source =
      "^source { topic: \"s\" codec: PROTOBUF message: \"sudare.vehicle.v1.VehicleStatus\" ";
  expect_accepted(policy(replaced(source, "^", "") + "ignition_field: \"ignition\" }"));
  expect_refused(policy(source + "}"), "releases nothing");
}

TEST(PolicyHoldBackTest, TheRestIsMinutes) {
  expect_accepted(policy(position("cell: EXACT hold_back { ring: M1000 rest_ms: 60000 }")));
  expect_refused(policy(position("cell: EXACT hold_back { ring: M1000 rest_ms: ^59999 }")),
                 "out of range");
}

TEST(PolicyHoldBackTest, AFinerCellThatIsNotHeldBackUndoesIt) {
  const std::string held = position(std::string("cell: EXACT ") + kHold);
  expect_refused(policy(held + position("cell: ^M500", "q", "900000")),
                 "only between the ends of trips");
  expect_refused(policy(held + replaced(position("cell: M1000", "q"), "time {", "^time {")),
                 "tells when a trip began");
  expect_accepted(policy(held + position("cell: M1000", "q", "900000")));
}

TEST(PolicyHoldBackTest, OneTripHasOneEnd) {
  expect_refused(policy(position("cell: EXACT hold_back { ring: M1000 }") +
                        position("cell: EXACT ^hold_back { ring: M2000 }", "q")),
                 "another ring or rest");
}

TEST(PolicyHoldBackTest, StartTimesAndDurationsUndoIt) {
  const std::string held = position(std::string("cell: EXACT ") + kHold);
  const std::string time = "field { path: \"start_time_ms\" }";
  expect_refused(policy(held + replaced(trip(time, "60000"), "time {", "^time {")),
                 "tells when a trip began");
  expect_accepted(policy(held + trip(time, "900000")));
  expect_refused(
      policy(held + trip("field { path: ^\"duration_s\" coarsen { step: 60 } }", "900000")),
      "how far away a trip began");
  expect_accepted(
      policy(held + trip("field { path: \"duration_s\" coarsen { step: 900 } }", "900000")));
}

// However coarse: beside a fine position, the moment at which it steps is exact.
TEST(PolicyHoldBackTest, NoDistanceIsReleasedBesideIt) {
  const std::string held = position(std::string("cell: EXACT ") + kHold);
  for (const char* step : {"2", "1000"}) {
    const std::string field =
        std::string("field { path: ^\"odometer_km\" coarsen { step: ") + step + " } }";
    expect_refused(policy(held + trip(field, "900000")), "measures the way");
  }
}

TEST(PolicyHoldBackTest, WhatStandsInTheHeldRecordsThemselvesCountsToo) {
  const auto source = [](const std::string& step) {
    return "source { topic: \"j\" codec: JSON classify { path: \"lat\" class: LATITUDE unit: "
           "DEGREES } classify { path: \"lon\" class: LONGITUDE unit: DEGREES } classify { path: "
           "\"elapsed\" class: DURATION unit: SECONDS } release { to: \"probe\" field { path: "
           "\"lat\" } field { path: \"lon\" } field { path: ^\"elapsed\" coarsen { step: " +
           step +
           " } } location { cell: EXACT hold_back { ring: M1000 } } time { bucket_ms: 60000 } } "
           "}\n";
  };
  expect_refused(policy(source("60")), "how far away a trip began");
  expect_accepted(replaced(policy(source("900")), "^", ""));
}

// Whoever opens both purposes joins them by time.
TEST(PolicyHoldBackTest, WhatAnotherPurposeOfTheSameRecipientGetsIsBesideIt) {
  const std::string other = replaced(replaced(probe_purpose(), "\"probe\"", "\"wear\""),
                                     "cell: EXACT hold_back: M1000", "");
  const std::string fine = "field { path: ^\"odometer_km\" coarsen { step: 2 } }";
  const std::string held = position(std::string("cell: EXACT ") + kHold);
  const std::string trips = replaced(trip(fine, "900000"), "\"probe\"", "\"wear\"");
  expect_refused(policy(other + held + trips), "measures the way");
  const std::string start =
      replaced(trip("field { path: \"start_time_ms\" }", "60000"), "\"probe\"", "\"wear\"");
  expect_refused(policy(other + held + replaced(start, "time {", "^time {")),
                 "tells when a trip began");
  // With a recipient of its own it is another purpose's affair.
  expect_accepted(
      policy(replaced(other, recipient(5), recipient(6)) + held + replaced(trips, "^", "")));
}

TEST(PolicyHoldBackTest, TheImagesCeilingBoundsIt) {
  const std::string text =
      "purpose { name: \"probe\" ceiling { cell: EXACT hold_back: M1000 allow: [ODOMETER, "
      "TRIP_DISTANCE] } longest_pseudonym { rotate_days: 28 } keep_hours_max: 24 }\n";
  std::string all = text;
  for (const char* name : {"service", "anonymous", "owner", "rescue"}) {
    all += "purpose { name: \"" + std::string(name) +
           "\" ceiling { cell: EXACT } longest_pseudonym { until_transfer {} } keep_hours_max: "
           "10000 }\n";
  }
  const CeilingLoad ceiling = load_ceiling("ceiling", all);
  ASSERT_NE(ceiling.ceiling, nullptr) << printed(ceiling.diagnostics);
  const PolicyLoad loose =
      load(with_sources(probe_purpose("rotate_days: 28", "cell: M500") + position("cell: M500")),
           ceiling.ceiling.get());
  EXPECT_THAT(printed(loose.diagnostics), testing::HasSubstr("only between the ends of trips"));
}

// --- totals

std::string driving(const std::string& rest) {
  return "source { topic: \"d\" codec: PROTOBUF message: \"sudare.vehicle.v1.Driving\" release { "
         "to: \"probe\" time { bucket_ms: 900000 } " +
         rest + " } }\n";
}
const std::string kSum =
    "field { path: \"summary.distance_m\" coarsen { step: 2000 } combine: SUM } ";

TEST(PolicyAggregateTest, EveryFieldSaysHowItIsCombined) {
  expect_accepted(policy(driving(kSum + "aggregate { days: 7 }")));
  expect_refused(policy(driving("field { path: ^\"summary.distance_m\" coarsen { step: 2000 } } "
                                "aggregate { days: 7 }")),
                 "doesn't say how");
  expect_refused(policy(driving("field { path: \"summary.distance_m\" coarsen { step: 2000 } "
                                "combine: ^SUM }")),
                 "without aggregate");
}

TEST(PolicyAggregateTest, WhatAddsUpIsCoarsened) {
  expect_refused(policy(driving("field { path: \"summary.distance_m\" combine: ^SUM } "
                                "aggregate { days: 7 }")),
                 "on the car's disk");
  expect_refused(policy(driving("field { path: \"summary.distance_m\" combine: ^MEAN } "
                                "aggregate { days: 7 }")),
                 "on the car's disk");
  expect_accepted(
      policy(driving("field { path: \"summary.distance_m\" coarsen { step: 2000 } combine: LEAST } "
                     "aggregate { days: 7 }")));
}

TEST(PolicyAggregateTest, OnlyNumbersThatOccurOnce) {
  expect_refused(policy("source { topic: \"p\" codec: PROTOBUF message: "
                        "\"sudare.vehicle.v1.Position\" release { to: \"probe\" time { bucket_ms: "
                        "900000 } field { path: \"road_class\" combine: ^SUM } aggregate { days: 7 "
                        "} } }\n"),
                 "no number");
  expect_refused(policy("source { topic: \"s\" codec: PROTOBUF message: "
                        "\"sudare.vehicle.v1.VehicleStatus\" release { to: \"probe\" time { "
                        "bucket_ms: 900000 } field { path: \"tyre_pressures_kpa\" combine: ^SUM } "
                        "aggregate { days: 7 } } }\n"),
                 "list or map");
}

TEST(PolicyAggregateTest, AWindowLiesWithinOnePseudonym) {
  expect_refused(policy(driving(kSum + "aggregate { days: ^5 }")), "change of the pseudonym");
  expect_refused(policy(driving(kSum + "^aggregate { }")), "out of range");
  expect_accepted(policy(driving(kSum + "aggregate { days: 28 }")));
}

TEST(PolicyAggregateTest, RulesThatCannotBeReachedAreRefused) {
  expect_refused(policy(driving(kSum + "aggregate { days: 7 } ^rate { min_interval_ms: 1 }")),
                 "can't be reached");
}

}  // namespace
}  // namespace sudare::policy_test
