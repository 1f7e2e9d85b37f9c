#include <gtest/gtest.h>

#include <cmath>

#include "sim/world/road_plans.h"
#include "sim/world/routes.h"

namespace sudare::sim {
namespace {

constexpr PlanShape kShape{6000, 3000};

RoadNetwork network(RoadPlan (*plan)(const PlanShape&, Random), std::uint64_t seed = 1) {
  return RoadNetwork(plan(kShape, Random(seed)));
}

// By number of roads: how many junctions.
std::vector<std::size_t> degrees(const RoadNetwork& network) {
  std::vector<std::size_t> count(12);
  for (const Junction& junction : network.junctions()) ++count[junction.roads.size()];
  return count;
}

double share_of_dead_ends(const RoadNetwork& network) {
  const auto count = degrees(network);
  const std::size_t unused = count[0];
  return static_cast<double>(count[1]) / static_cast<double>(network.junctions().size() - unused);
}

class RoadPlans : public testing::TestWithParam<RoadPlan (*)(const PlanShape&, Random)> {};

TEST_P(RoadPlans, AreConnectedAndTheSameForASeed) {
  const RoadNetwork roads = network(GetParam());
  const RoadNetwork again = network(GetParam());
  std::size_t start = 0;
  while (roads.junctions()[start].roads.empty()) ++start;
  const auto seconds = travel_seconds(roads, start);
  ASSERT_EQ(roads.junctions().size(), again.junctions().size());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    EXPECT_EQ(std::isfinite(seconds[i]), !roads.junctions()[i].roads.empty());
    EXPECT_EQ(roads.junctions()[i].at.east, again.junctions()[i].at.east);
    EXPECT_EQ(roads.junctions()[i].roads.size(), again.junctions()[i].roads.size());
  }
}

TEST_P(RoadPlans, HaveTrunkRoadsArterialsAndStreets) {
  std::size_t roads[3] = {};
  const RoadNetwork made = network(GetParam());
  for (const Junction& junction : made.junctions()) {
    for (const Road& road : junction.roads) ++roads[static_cast<std::size_t>(road.road_class)];
  }
  for (const std::size_t count : roads) EXPECT_GT(count, 20U);
}

TEST_P(RoadPlans, HaveNoTwoRoadsBetweenTheSameJunctions) {
  const RoadNetwork roads = network(GetParam());
  for (const Junction& junction : roads.junctions()) {
    for (std::size_t i = 0; i < junction.roads.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_NE(junction.roads[i].to, junction.roads[j].to);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RoadPlans, testing::Values(&plan_grid, &plan_town, &plan_rural));

TEST(RoadPlan, AnotherSeedIsAnotherNetwork) {
  EXPECT_NE(network(&plan_town, 1).junctions()[5].at.east,
            network(&plan_town, 2).junctions()[5].at.east);
}

TEST(RoadPlan, ATownEndsInCulDeSacsAndAGridDoesNot) {
  EXPECT_GT(share_of_dead_ends(network(&plan_town)), 0.11);
  EXPECT_LT(share_of_dead_ends(network(&plan_grid)), 0.02);
}

TEST(RoadPlan, ARuralNetworkHasFewJunctions) {
  EXPECT_LT(network(&plan_rural).junctions().size() * 2, network(&plan_grid).junctions().size());
}

// A square of four roads; places in the middle of two that lie opposite.
RoadNetwork square() {
  RoadPlan plan;
  for (const Point at : {Point{0, 0}, Point{100, 0}, Point{100, 100}, Point{0, 100}}) {
    plan.junctions.push_back({at, at.north > 0, {}});
  }
  plan.links = {{0, 1, RoadClass::kResidential},
                {1, 2, RoadClass::kArterial},
                {2, 3, RoadClass::kResidential},
                {3, 0, RoadClass::kResidential}};
  return RoadNetwork(std::move(plan));
}
constexpr RoadPlace kSouth{0, 1, 50, {50, -10}};
constexpr RoadPlace kNorth{2, 3, 50, {50, 110}};

TEST(RouteTree, TakesTheQuickerEndOfTheRoad) {
  const RoadNetwork roads = square();
  const RouteTree tree(roads, kSouth);
  const Route route = tree.route_to(kNorth);
  EXPECT_DOUBLE_EQ(tree.meters_to(kNorth), 200);
  ASSERT_EQ(route.stretches.size(), 5U);
  EXPECT_EQ(route.stretches[2].road_class, RoadClass::kArterial);
  EXPECT_DOUBLE_EQ(length_meters(route), 220);
  EXPECT_DOUBLE_EQ(route.stretches.back().end.north, 110);
}

TEST(RouteTree, TheWayBackIsTheSameRoadsWithTheSignalsOfItsOwnEnds) {
  const RoadNetwork roads = square();
  const Route there = RouteTree(roads, kSouth).route_to(kNorth);
  const Route back = reversed(there);
  EXPECT_DOUBLE_EQ(length_meters(back), length_meters(there));
  EXPECT_DOUBLE_EQ(back.stretches.back().end.north, -10);
  // The junctions in the north have signals: each way passes one of them once.
  EXPECT_TRUE(there.stretches[2].signal);
  EXPECT_TRUE(back.stretches[1].signal);
  EXPECT_FALSE(back.stretches[2].signal);
}

}  // namespace
}  // namespace sudare::sim
