#include "sim/attack/world/recorded.h"

#include <gmock/gmock.h>

#include <fstream>

#include "sim/attack/world/release.h"
#include "sim/attack/world/trip_ends.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/unit/attack_world/policies.h"

namespace sudare::sim::attack {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr Place kNest{50.013, 0.5467};
constexpr Place kOffice{50.063, 0.5467};
constexpr Place kShop{50.033, 0.5767};

// A straight trip of ten fixes.
Trip trip(const std::string& vehicle, std::int64_t start_ms, Place from, Place to) {
  Trip trip;
  trip.vehicle = vehicle;
  for (int i = 0; i < 10; ++i) {
    Fix fix;
    fix.time_ms = start_ms + i * 60'000;
    fix.place = {from.latitude + (to.latitude - from.latitude) * i / 9,
                 from.longitude + (to.longitude - from.longitude) * i / 9};
    trip.fixes.push_back(fix);
  }
  trip.distance_meters = distance_meters(from, to);
  return trip;
}

// Works at the office, shops at noon from there and back: most ends are at the office.
std::vector<Trip> days(const std::string& vehicle, int count) {
  std::vector<Trip> trips;
  for (int day = 1; day <= count; ++day) {
    const std::int64_t midnight_ms = 20'000 * kDayMs + day * kDayMs;
    trips.push_back(trip(vehicle, midnight_ms + 8 * kHourMs, kNest, kOffice));
    trips.push_back(trip(vehicle, midnight_ms + 12 * kHourMs, kOffice, kShop));
    trips.push_back(trip(vehicle, midnight_ms + 13 * kHourMs, kShop, kOffice));
    trips.push_back(trip(vehicle, midnight_ms + 18 * kHourMs, kOffice, kNest));
  }
  return trips;
}

TEST(HomeAndWork, HomeIsWhereDaysBeginAndEndNotWhereMostTripsDo) {
  const HomeAndWork places = home_and_work(days("a", 3));
  EXPECT_LT(distance_meters(places.home, kNest), 1);
  EXPECT_LT(distance_meters(places.work, kOffice), 1);
}

TEST(HomeAndWork, EndsWithinAHundredMetresAreOnePlace) {
  std::vector<Trip> trips = days("a", 3);
  trips.back().fixes.back().place.latitude += 60 / 111'195.0;
  EXPECT_LT(distance_meters(home_and_work(trips).home, kNest), 15);
}

TEST(HomeAndWork, ASingleTripIsAtHomeWhereItStarts) {
  const HomeAndWork places = home_and_work({trip("a", kDayMs, kNest, kOffice)});
  EXPECT_LT(distance_meters(places.home, kNest), 1);
  EXPECT_LT(distance_meters(places.work, kOffice), 1);
}

TEST(RecordedWorld, CarsWithFewEndsAreLeftOut) {
  std::vector<Trip> trips = days("a", 2);
  trips.push_back(trip("b", kDayMs, kNest, kOffice));
  EXPECT_EQ(recorded_world("test", trips, kTripEndsLeast)->cars(), 1U);
  EXPECT_EQ(recorded_world("test", trips, 0)->cars(), 2U);
}

TEST(RecordedWorld, OfTripsThatOverlapTheLaterIsLeftOut) {
  std::vector<Trip> trips = days("a", 1);
  trips.push_back(trip("a", trips[0].fixes[3].time_ms, kShop, kNest));
  const auto world = recorded_world("test", trips, 0);
  const auto days = world->days(0);
  std::size_t count = 0;
  for (Outing outing; days->next(outing);) ++count;
  EXPECT_EQ(count, 4U);
}

TEST(RecordedWorld, ItsOriginIsNobodysPlace) {
  const auto world = recorded_world("test", days("a", 2), 0);
  EXPECT_GT(distance_meters(world->origin(), kNest), 1000);
  EXPECT_NEAR(world->origin().latitude * 10, std::round(world->origin().latitude * 10), 1e-6);
}

TEST(RecordedWorld, GoesThroughThePipelineLikeASimulatedOne) {
  const auto world = recorded_world("test", days("a", 2), 0);
  const auto released = release(*world, *policy(), kTraffic, {});
  ASSERT_TRUE(released);
  EXPECT_EQ(released->counts.messages, 80U);
  EXPECT_EQ(released->counts.rejected, 0U);
  EXPECT_GT(released->counts.released, 70U);
}

TEST(UserMap, ErrorsNameTheLine) {
  EXPECT_THAT(parse_user_map("m.csv", "track_id,user\n1").error().to_string(),
              HasSubstr("m.csv:2:"));
  EXPECT_THAT(parse_user_map("m.csv", "track_id,user\n1,a,1\n,b").error().to_string(),
              HasSubstr("m.csv:3:"));
}

TEST(UserMap, JoinsTracksToUsers) {
  const auto users = parse_user_map("m.csv", "track_id,user,kind\r\n1,a,1\r\n\n2,a,1\n3,b");
  ASSERT_TRUE(users);
  EXPECT_EQ(*users, (std::map<std::string, std::string>{{"1", "a"}, {"2", "a"}, {"3", "b"}}));
}

TEST(RealWorld, FilesThatAreMissingAreNoError) {
  const auto world = real_world(DataSet::kUci354, "/nowhere");
  ASSERT_TRUE(world);
  EXPECT_EQ(*world, nullptr);
}

TEST(RealWorld, EveryDataSetHasUsersWhoseTripsGoThroughThePipeline) {
  SUDARE_FIXTURE_OR_SKIP(folder, "trajectories");
  for (const DataSet data_set :
       {DataSet::kUci354, DataSet::kEnvirocarMunster, DataSet::kEnvirocarAll}) {
    const auto world = real_world(data_set, folder.parent_path());
    ASSERT_TRUE(world) << "file or line only";
    ASSERT_NE(*world, nullptr);
    EXPECT_GE((*world)->cars(), 5U) << name_of(data_set);
    const auto released = release(**world, *policy(), kTraffic, {});
    EXPECT_GT(released->counts.released, 100U);
    EXPECT_EQ(released->counts.rejected, 0U);
  }
}

TEST(SumoWorld, EachVehicleIsACar) {
  const testkit::TemporaryDirectory directory;
  const std::string file = (directory.path() / "fcd.xml").string();
  std::ofstream(file) << "<fcd-export><timestep time='0'><vehicle id='a' x='0' y='0'/>"
                         "<vehicle id='b' x='50' y='50'/></timestep><timestep time='1'>"
                         "<vehicle id='a' x='10' y='0'/></timestep></fcd-export>";
  FcdOptions options;
  options.origin = kNest;
  const auto world = sumo_world(file, options);
  ASSERT_TRUE(world);
  ASSERT_EQ((*world)->cars(), 2U);
  EXPECT_LT(distance_meters((*world)->home(0), kNest), 10);
}

TEST(SumoWorld, AFileWithoutVehiclesSaysSo) {
  const testkit::TemporaryDirectory directory;
  const std::string file = (directory.path() / "fcd.xml").string();
  std::ofstream(file) << "<fcd-export/>";
  EXPECT_THAT(sumo_world(file, {}).error().to_string(), HasSubstr("holds no trip"));
  EXPECT_THAT(sumo_world("/nowhere.xml", {}).error().to_string(), HasSubstr("/nowhere.xml"));
}

}  // namespace
}  // namespace sudare::sim::attack
