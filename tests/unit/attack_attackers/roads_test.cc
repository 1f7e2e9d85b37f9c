#include "sim/attack/attackers/roads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "sim/attack/attackers/plane.h"

namespace sudare::sim::attack {
namespace {

class RoadsTest : public ::testing::Test {
 protected:
  RoadNetwork network_{NetworkShape{10, 300, 0}, Random(3)};
  Roads roads_{network_};
  Reach reach_{roads_};
};

TEST_F(RoadsTest, FarFromEveryRoadThereIsNone) {
  EXPECT_FALSE(roads_.nearest({50'000, 0}, 200).has_value());
  EXPECT_GT(roads_.meters_to_road({50'000, 0}), 1000);
}

TEST_F(RoadsTest, EveryEdgeIsListedOnce) {
  std::size_t roads = 0;
  for (const Junction& junction : network_.junctions()) roads += junction.roads.size();
  EXPECT_EQ(roads_.edges().size(), roads / 2);
}

TEST_F(RoadsTest, NearestFindsThePlaceOnTheRoad) {
  const Spot spot{5, roads_.edges()[5].meters / 3};
  const auto found = roads_.nearest(roads_.at(spot), 50);
  ASSERT_TRUE(found.has_value());
  EXPECT_LT(distance_meters(roads_.at(*found), roads_.at(spot)), 0.01);
  EXPECT_LT(roads_.meters_to_road(roads_.at(spot)), Roads::kPixelMeters + 1);
}

TEST_F(RoadsTest, ReachAgreesWithTheNetworksOwnTimes) {
  const auto seconds = travel_seconds(network_, roads_.edges()[0].from);
  reach_.search({0, 0}, 0, 1e9);
  for (std::uint32_t i = 1; i < roads_.edges().size(); i += 7) {
    EXPECT_NEAR(reach_.to({i, 0}).seconds, seconds[roads_.edges()[i].from], 1e-6);
  }
}

TEST_F(RoadsTest, OneWayOutOfASpotIsShut) {
  const double half = roads_.edges()[0].meters / 2;
  reach_.search({0, half}, -1, 1e9);
  EXPECT_NEAR(reach_.to({0, half / 2}).meters, half / 2, 1e-9);
  EXPECT_GT(reach_.to({0, half * 1.5}).meters, half);  // round the block
}

TEST_F(RoadsTest, SearchEndsWithWhatIsWanted) {
  reach_.search({0, 0}, 0, 1e9);
  const Spot there{40, 10};
  const double seconds = reach_.to(there).seconds;
  reach_.want({there});
  reach_.search({0, 0}, 0, 1e9);
  EXPECT_DOUBLE_EQ(reach_.to(there).seconds, seconds);
}

// A box with more roads than places asked for made the search for a step endless.
TEST_F(RoadsTest, FewerPlacesThanRoadsAreLeftOut) {
  std::vector<Spot> spots;
  roads_.some_spots_in({{-5000, -5000}, {5000, 5000}}, 10, spots);
  EXPECT_EQ(spots.size(), 10U);
  roads_.some_spots_in({{-5000, -5000}, {5000, 5000}}, 100'000, spots);
  EXPECT_GT(spots.size(), 1000U);
}

TEST(PlaneTest, DiscInsideABoxIsItsAreaOverTheBoxs) {
  const Area box{{0, 0}, {1000, 1000}};
  EXPECT_NEAR(disc_share(box, {500, 500}, 100), std::numbers::pi * 0.01, 1e-4);
  EXPECT_NEAR(disc_share(box, {0, 0}, 100), std::numbers::pi * 0.0025, 1e-4);
  EXPECT_NEAR(disc_share(box, {500, 500}, 2000), 1, 1e-9);
  EXPECT_EQ(disc_share(box, {5000, 500}, 100), 0);
}

TEST(PlaneTest, GeometricMedianWithstandsAnOutlier) {
  const Point at = geometric_median({{{0, 0}}, {{1, 0}}, {{0, 1}}, {{1, 1}}, {{9000, 9000}}});
  EXPECT_LT(distance_meters(at, Point{0.5, 0.5}), 2);
}

TEST(PlaneTest, CellOfAPointHoldsIt) {
  const Plane plane(Place{35.08, 137.15});
  const auto box = cell_box(plane, v1::M1000, {1234, -567});
  ASSERT_TRUE(box.has_value());
  EXPECT_TRUE(contains(*box, {1234, -567}));
  EXPECT_NEAR(box->north_east.north - box->south_west.north, 926.6, 1);
  EXPECT_FALSE(cell_box(plane, v1::EXACT, {0, 0}).has_value());
}

}  // namespace
}  // namespace sudare::sim::attack
