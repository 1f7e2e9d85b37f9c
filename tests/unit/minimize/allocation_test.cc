// In a steady state the stage allocates nothing: the Release is reused. Replaces the program's
// operator new, so it is a program of its own.
#include <gtest/gtest.h>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/testkit/allocations.h"
#include "tests/testkit/sanitized.h"
#include "tests/unit/minimize/car.h"

namespace sudare {
namespace {

using testkit::coarsen;
using testkit::keep;
using testkit::SourceBuilder;

// What minimize allocates for one more message, after some.
std::size_t allocations_of(testkit::Car& car, const std::string& topic,
                           const std::string& payload) {
  for (int i = 0; i < 3; ++i) car.send(topic, payload);
  EXPECT_GT(testkit::allocations(), 0U) << "operator new is not ours";
  const std::size_t before = testkit::allocations();
  const Outcome outcome = car.minimizer().minimize(car.record(), 0, car.told);
  const std::size_t after = testkit::allocations();
  EXPECT_TRUE(outcome.release);
  return after - before;
}

TEST(MinimizeAllocation, AProtobufPositionTakesNothing) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer owns operator new";
  SourceBuilder source("vehicle/position", *vehicle::v1::Position::descriptor());
  source.field("latitude_e7", keep()).field("longitude_e7", keep()).field("time_ms", keep());
  source.field("speed_kmh", coarsen(5));
  source.release.cell = v1::M1000;
  source.release.bucket_ms = 60'000;
  testkit::Car car({source.build()});
  vehicle::v1::Position position;
  position.set_latitude_e7(351'234'567);
  position.set_longitude_e7(1'371'234'567);
  position.set_speed_kmh(50);
  position.set_time_ms(1'700'000'000'000);
  EXPECT_EQ(allocations_of(car, "vehicle/position", position.SerializeAsString()), 0U);
}

TEST(MinimizeAllocation, AJsonPositionTakesNothing) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer owns operator new";
  SourceBuilder source("vehicle/position");
  source.field("lat", keep()).classify("lat", v1::LATITUDE, v1::DEGREES, 1);
  source.field("lon", keep()).classify("lon", v1::LONGITUDE, v1::DEGREES, 1);
  source.field("at", keep()).classify("at", v1::TIMESTAMP, v1::MILLISECONDS);
  source.release.cell = v1::M1000;
  source.release.bucket_ms = 60'000;
  testkit::Car car({source.build()});
  EXPECT_EQ(allocations_of(car, "vehicle/position", R"({"lat":35.1,"lon":"137.2","at":123456})"),
            0U);
}

// Takes no memory of its own for what it is told.
struct Silent final : ReleaseSink {
  void at_once(const Release& /*release*/) override { ++releases; }
  void cleared(const Release& /*release*/) override { ++releases; }
  void discarded(PurposeIndex /*purpose*/, Reason /*reason*/, std::uint64_t rows) override {
    lost += rows;
  }
  std::uint64_t releases = 0;
  std::uint64_t lost = 0;
};

TEST(MinimizeAllocation, ATripUnderHoldBackTakesNothing) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer owns operator new";
  SourceBuilder source("vehicle/position", *vehicle::v1::Position::descriptor());
  source.field("latitude_e7", keep()).field("longitude_e7", keep());
  source.release.cell = v1::EXACT;
  source.release.exact_time = true;
  source.release.hold_back = {v1::M1000, 300'000, v1::M1000};
  testkit::Car car({source.build()});
  std::vector<Record> trip;
  vehicle::v1::Position position;
  for (int i = 0; i < 2000; ++i) {
    position.set_latitude_e7(351'234'567);
    position.set_longitude_e7(1'371'234'567 + 2000 * i);
    (void)car.send("vehicle/position", position.SerializeAsString(), 1000 * i);
    trip.push_back(car.record());
    trip.back().time_ms = 1000 * i + 5'000'000;
  }
  Silent sink;
  const std::size_t before = testkit::allocations();
  for (const Record& record : trip) (void)car.minimizer().minimize(record, 0, sink);
  car.minimizer().driving(false, sink);
  EXPECT_EQ(testkit::allocations() - before, 0U);
  EXPECT_GT(sink.releases, 1500U);
  EXPECT_GT(sink.lost, 50U);
}

}  // namespace
}  // namespace sudare
