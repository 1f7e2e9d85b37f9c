// Villages, the roads between them, farms.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "sim/world/road_plans.h"

namespace sudare::sim {

namespace {

constexpr double kVillageSpacingMeters = 1900;
// Darts that hit no free spot before the land counts as full.
constexpr int kDartsMissedMax = 400;
constexpr double kRoadMetersMax = 7000;
constexpr double kMinorRoadShare = 0.4;  // of the second-best connections
constexpr double kBendMeters = 280;
constexpr double kBendSidewaysMeters = 45;
constexpr double kTrackShare = 0.4;  // of bends
constexpr double kTrunkBandMeters = 1400;
constexpr double kSignalShare = 0.04;

constexpr std::size_t kVillageJunctionsLeast = 12;
constexpr std::size_t kVillageJunctionsMost = 42;
constexpr double kStreetLeastMeters = 60;
constexpr double kStreetMostMeters = 130;
constexpr double kBetweenStreetsMeters = 48;
constexpr std::size_t kStreetsPerJunction = 4;

class Country {
 public:
  Country(const PlanShape& shape, Random& random)
      : extent_(shape.side_meters / 2), random_(random) {
    plan_.extent_meters = extent_;
  }

  RoadPlan plan() {
    found_villages();
    const std::size_t count = villages_.size();
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b) {
        if (distance_meters(villages_[a], villages_[b]) > kRoadMetersMax) continue;
        if (!neighbours(a, b, kGabriel)) continue;
        const bool main = neighbours(a, b, kRelative);
        if (main || random_.chance(kMinorRoadShare)) build_road(a, b, main);
      }
    }
    for (std::size_t village = 0; village < count; ++village) build_village(village);
    return std::move(plan_);
  }

 private:
  enum Nearness : std::uint8_t { kGabriel, kRelative };

  [[nodiscard]] Point place_of(std::size_t junction) const { return plan_.junctions[junction].at; }

  std::size_t add_junction(Point at) {
    Junction junction;
    junction.at = at;
    junction.signal = random_.chance(kSignalShare);
    plan_.junctions.push_back(std::move(junction));
    return plan_.junctions.size() - 1;
  }

  // The first junctions are the villages' centres.
  void found_villages() {
    for (int missed = 0; missed < kDartsMissedMax;) {
      const Point at{random_.between(-extent_, extent_), random_.between(-extent_, extent_)};
      const bool free = std::none_of(villages_.begin(), villages_.end(), [&](Point other) {
        return distance_meters(at, other) < kVillageSpacingMeters;
      });
      if (free) {
        villages_.push_back(at);
        add_junction(at);
      }
      missed = free ? 0 : missed + 1;
    }
  }

  // Whether no third village lies in the circle between the two (Gabriel graph), or nearer to both
  // than they are to each other (relative neighbourhood graph). Both graphs are connected.
  [[nodiscard]] bool neighbours(std::size_t a, std::size_t b, Nearness nearness) const {
    const double between = distance_meters(villages_[a], villages_[b]);
    return std::none_of(villages_.begin(), villages_.end(), [&](Point other) {
      const double to_a = distance_meters(villages_[a], other);
      const double to_b = distance_meters(villages_[b], other);
      if (to_a == 0 || to_b == 0) return false;
      if (nearness == kRelative) return std::max(to_a, to_b) < between;
      return to_a * to_a + to_b * to_b < between * between;
    });
  }

  // Two trunk roads cross the country in its middle.
  [[nodiscard]] RoadClass class_between(Point a, Point b, bool main) const {
    if (!main) return RoadClass::kResidential;
    const Point middle{(a.east + b.east) / 2, (a.north + b.north) / 2};
    const bool along_axis =
        std::min(std::abs(middle.east), std::abs(middle.north)) < kTrunkBandMeters;
    return along_axis ? RoadClass::kTrunk : RoadClass::kArterial;
  }

  void build_road(std::size_t from, std::size_t to, bool main) {
    const Point a = villages_[from];
    const Point b = villages_[to];
    const RoadClass road_class = class_between(a, b, main);
    const double meters = distance_meters(a, b);
    const auto bends = static_cast<std::size_t>(meters / kBendMeters);
    const Point across{(b.north - a.north) / meters, (a.east - b.east) / meters};
    std::size_t last = from;
    double sideways = 0;
    for (std::size_t i = 1; i < bends; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(bends);
      sideways = 0.8 * sideways + random_.between(-kBendSidewaysMeters, kBendSidewaysMeters);
      const std::size_t bend =
          add_junction({a.east + share * (b.east - a.east) + sideways * across.east,
                        a.north + share * (b.north - a.north) + sideways * across.north});
      plan_.links.push_back({last, bend, road_class});
      if (random_.chance(kTrackShare)) build_track(bend, across);
      last = bend;
    }
    plan_.links.push_back({last, to, road_class});
  }

  // To a farm.
  void build_track(std::size_t from, Point across) {
    const double side = random_.chance(0.5) ? 1 : -1;
    const double meters = random_.between(90, 450);
    const Point at = place_of(from);
    const std::size_t end =
        add_junction({at.east + side * meters * across.east + random_.between(-40, 40),
                      at.north + side * meters * across.north + random_.between(-40, 40)});
    plan_.links.push_back({from, end, RoadClass::kResidential});
  }

  // Streets grow from the centre, each off one that is there.
  void build_village(std::size_t centre) {
    const std::size_t wanted =
        kVillageJunctionsLeast + random_.below(kVillageJunctionsMost - kVillageJunctionsLeast + 1);
    std::vector<std::size_t> own{centre};
    std::vector<std::size_t> streets{0};
    for (std::size_t attempt = 0; own.size() < wanted && attempt < 20 * wanted; ++attempt) {
      const std::size_t pick = random_.below(own.size());
      if (streets[pick] >= kStreetsPerJunction) continue;
      const double meters = random_.between(kStreetLeastMeters, kStreetMostMeters);
      const double angle = random_.between(0, 2 * std::numbers::pi);
      const Point from = place_of(own[pick]);
      const Point at{from.east + meters * std::sin(angle), from.north + meters * std::cos(angle)};
      const bool free = std::none_of(own.begin(), own.end(), [&](std::size_t other) {
        return distance_meters(at, place_of(other)) < kBetweenStreetsMeters;
      });
      if (!free) continue;
      own.push_back(add_junction(at));
      streets.push_back(1);
      ++streets[pick];
      plan_.links.push_back({own[pick], own.back(), RoadClass::kResidential});
    }
  }

  double extent_;
  Random& random_;
  RoadPlan plan_;
  std::vector<Point> villages_;
};

}  // namespace

RoadPlan plan_rural(const PlanShape& shape, Random random) { return Country(shape, random).plan(); }

}  // namespace sudare::sim
