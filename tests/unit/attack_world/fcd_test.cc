#include <gmock/gmock.h>

#include "sim/trip/read_trips.h"
#include "sim/trip/sumo_fcd.h"

namespace sudare::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(std::string_view text, const FcdOptions& options = {}) {
  const auto trips = parse_fcd("f.xml", text, options);
  return trips ? "no error" : trips.error().to_string();
}

constexpr const char* kTwoVehicles = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- <configuration> and <gpx> in a comment are none -->
<fcd-export>
  <timestep time="0.00">
    <vehicle id="b" x="137.160000" y="35.090000" angle="180.00" speed="8.30" lane="e_0"/>
    <vehicle id="a" x="137.156000" y="35.083000" angle="90.00" speed="0.00"/>
  </timestep>
  <timestep time="1.50">
    <vehicle id="a" lon="137.156020" lat="35.083000" angle="90.00" speed="2.00"/>
    <person id="p" x="137" y="35"/>
  </timestep>
  <timestep time="2.00"/>
</fcd-export>)";

TEST(SimFcd, ErrorsNameTheLine) {
  EXPECT_THAT(error_of("<gpx/>"), HasSubstr("no <fcd-export> element"));
  EXPECT_THAT(error_of("<fcd-export>\n\n<timestep time='x'></timestep></fcd-export>"),
              StartsWith("error: f.xml:3:"));
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'>\n<vehicle x='1' y='2'/></timestep>"),
              AllOf(StartsWith("error: f.xml:2:"), HasSubstr("without an id")));
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'>\n\n<vehicle id='a' x='1' y='n'/>"
                       "</timestep></fcd-export>"),
              AllOf(StartsWith("error: f.xml:3:"), HasSubstr("x and y")));
}

TEST(SimFcd, TextThatStopsInTheMiddleIsRefused) {
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'><vehicle id='a' x='1' y='2'/>"),
              HasSubstr("doesn't end"));
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'></timestep>"),
              HasSubstr("before </fcd-export>"));
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'><vehicle</timestep></fcd-export>"),
              StartsWith("error: f.xml:1:"));
}

TEST(SimFcd, MetresWithoutAnOriginSayWhatWouldHelp) {
  EXPECT_THAT(error_of("<fcd-export><timestep time='0'><vehicle id='a' x='5120.5' y='300'/>"
                       "</timestep></fcd-export>"),
              AllOf(HasSubstr("outside the earth"), HasSubstr("--fcd-output.geo")));
}

TEST(SimFcd, ReadsVehiclesByIdWithDegreesSpeedAndHeading) {
  const auto trips = parse_fcd("f.xml", kTwoVehicles, {});
  ASSERT_TRUE(trips);
  ASSERT_EQ(trips->size(), 2U);
  const Trip& a = (*trips)[0];
  EXPECT_EQ(a.vehicle, "a");
  ASSERT_EQ(a.fixes.size(), 2U);
  EXPECT_DOUBLE_EQ(a.fixes[1].place.longitude, 137.15602);
  EXPECT_DOUBLE_EQ(a.fixes[1].speed_kmh, 7.2);
  EXPECT_DOUBLE_EQ(a.fixes[1].heading_degrees, 90);
  EXPECT_EQ(a.fixes[1].time_ms - a.fixes[0].time_ms, 1500);
  EXPECT_EQ((*trips)[1].vehicle, "b");
}

TEST(SimFcd, AnOriginMakesPlacesOfMetresAndAnOffsetMovesTime) {
  FcdOptions options;
  options.origin = {35, 137};
  options.time_offset_ms = 1'000'000'000'000;
  const auto trips = parse_fcd("f.xml",
                               "<fcd-export><timestep time='10'>"
                               "<vehicle id='a' x='0' y='1000'/></timestep></fcd-export>",
                               options);
  ASSERT_TRUE(trips);
  const Fix& fix = trips->front().fixes.front();
  EXPECT_NEAR(distance_meters(fix.place, {35, 137}), 1000, 1);
  EXPECT_EQ(fix.time_ms, 1'000'000'010'000);
}

TEST(SimFcd, ReplayTakesItForWhatItIs) {
  const auto trips = parse_trips("f.xml", kTwoVehicles);
  ASSERT_TRUE(trips);
  EXPECT_EQ(trips->size(), 2U);
  // A comment that names it makes no GPX an FCD.
  EXPECT_FALSE(is_fcd("<!-- <fcd-export> --><gpx/>"));
}

TEST(SimFcd, AVehicleThatIsGoneForFiveMinutesMakesTwoTrips) {
  const auto trips = parse_fcd("f.xml",
                               "<fcd-export><timestep time='0'><vehicle id='a' x='1' y='2'/>"
                               "</timestep><timestep time='400'><vehicle id='a' x='1' y='2'/>"
                               "</timestep></fcd-export>",
                               {});
  ASSERT_TRUE(trips);
  EXPECT_EQ(trips->size(), 2U);
}

}  // namespace
}  // namespace sudare::sim
