// make_world: generated networks and the cars on them.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "sim/attack/world/car_plan.h"
#include "sim/attack/world/journey.h"
#include "sim/attack/world/settle.h"
#include "sim/attack/world/world.h"
#include "sim/world/road_plans.h"
#include "sim/world/routes.h"

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kParkedMs = 60'000;
constexpr double kGnssErrorMeters = 2.5;
constexpr double kAltitudeMeters = 45;

constexpr double kHomesSideLeastMeters = 2000;
constexpr double kTripKmLeast = 2;
constexpr double kTripKmMost = 30;
// A network as wide as this many mean trips has places at all distances that are wanted.
constexpr double kTripsAcross = 2.6;
constexpr double kMarginMeters = 2000;

struct KindData {
  const char* name;
  Place origin;
  double cars_per_km2;
  double crow_share;  // the crow's way, of the road's; measured
  double drive_most_meters;
  RoadPlan (*plan)(const PlanShape&, Random);
};

const KindData& data_of(WorldKind kind) {
  static constexpr KindData kGridData{"grid", {35.083, 137.156}, 7, 0.75, 20, &plan_grid};
  static constexpr KindData kTownData{"town", {36.362, 139.214}, 3.5, 0.70, 25, &plan_town};
  static constexpr KindData kRuralData{"rural", {37.742, 140.127}, 0.8, 0.75, 60, &plan_rural};
  switch (kind) {
    case WorldKind::kGrid: return kGridData;
    case WorldKind::kTown: return kTownData;
    case WorldKind::kRural: break;
  }
  return kRuralData;
}

PlanShape shape_of(const KindData& kind, const WorldOptions& options) {
  const double homes =
      std::max(kHomesSideLeastMeters,
               1000 * std::sqrt(static_cast<double>(options.cars) / kind.cars_per_km2));
  return {std::max(homes + kMarginMeters, kTripsAcross * 1000 * options.mean_trip_km), homes};
}

class SimulatedWorld final : public World {
 public:
  SimulatedWorld(WorldKind kind, const WorldOptions& options)
      : kind_(data_of(kind)), days_(options.days), random_(options.seed) {
    const PlanShape shape = shape_of(kind_, options);
    network_.emplace(kind_.plan(shape, random_.fork()));
    cars_ = settle(*network_,
                   {options.cars, options.days, 1000 * options.mean_trip_km, kind_.crow_share,
                    shape.homes_side_meters, kind_.drive_most_meters},
                   random_.fork());
  }

  [[nodiscard]] std::string name() const override { return kind_.name; }
  [[nodiscard]] Place origin() const override { return kind_.origin; }
  [[nodiscard]] const RoadNetwork* network() const override { return &*network_; }
  [[nodiscard]] std::size_t cars() const override { return cars_.size(); }
  [[nodiscard]] Place home(std::size_t car) const override {
    return to_place(kind_.origin, cars_[car].places.at[CarPlaces::kHome].at);
  }
  [[nodiscard]] Place work(std::size_t car) const override {
    return to_place(kind_.origin, cars_[car].places.at[CarPlaces::kWork].at);
  }
  [[nodiscard]] std::unique_ptr<CarDays> days(std::size_t car) const override;

 private:
  const KindData& kind_;
  std::size_t days_;
  Random random_;
  std::optional<RoadNetwork> network_;
  std::vector<Car> cars_;
};

// Routes are found once and driven many times.
class CarRoutes {
 public:
  CarRoutes(const RoadNetwork& network, const CarPlaces& places)
      : places_(places),
        from_home_(network, places.at[CarPlaces::kHome]),
        from_work_(network, places.at[CarPlaces::kWork]) {}

  // One of the ends is home or work.
  const Route& route(std::size_t from, std::size_t to) {
    const auto known = routes_.find({from, to});
    if (known != routes_.end()) return known->second;
    Route route;
    if (from == CarPlaces::kHome) {
      route = from_home_.route_to(places_.at[to]);
    } else if (to == CarPlaces::kHome) {
      route = reversed(from_home_.route_to(places_.at[from]));
    } else {
      assert(from == CarPlaces::kWork);
      route = from_work_.route_to(places_.at[to]);
    }
    return routes_.emplace(std::make_pair(from, to), std::move(route)).first->second;
  }

 private:
  const CarPlaces& places_;
  RouteTree from_home_;
  RouteTree from_work_;
  std::map<std::pair<std::size_t, std::size_t>, Route> routes_;
};

class SimulatedDays final : public CarDays {
 public:
  SimulatedDays(const RoadNetwork& network, Place origin, const Car& car, std::size_t days)
      : origin_(origin),
        places_(car.places),
        routes_(network, car.places),
        calendar_(calendar_of(car, days, random_)),
        gnss_(kGnssErrorMeters, kAltitudeMeters, random_.fork()) {
    driver_.speed_share = random_.between(0.88, 1.08);
    driver_.acceleration_ms2 = random_.between(1.2, 2.0);
    driver_.braking_ms2 = random_.between(1.4, 2.2);
  }

  bool next(Outing& outing) override {
    const Leaving* const leaving = calendar_.next();
    if (leaving == nullptr) return false;
    const std::int64_t start_ms = leave_ms(*leaving);
    if (start_ms >= calendar_.end_ms()) return false;
    const std::size_t to = leaving->to;
    calendar_.pop();
    const Route& route = routes_.route(at_, to);
    outing.trip.destination.clear();
    drive_route(route, driver_, origin_, start_ms, gnss_, random_, outing.trip);
    outing.driven = driven_of(route, outing.trip);
    at_ = to;
    arrived_ms_ = outing.driven.end_ms;
    const Leaving* const after = calendar_.next();
    const std::int64_t until_ms =
        std::min(after == nullptr ? calendar_.end_ms() : leave_ms(*after), calendar_.end_ms());
    outing.stay = {to_place(origin_, places_.at[at_].at), arrived_ms_,
                   std::max(arrived_ms_, until_ms)};
    park(outing);
    return true;
  }

 private:
  [[nodiscard]] std::int64_t leave_ms(const Leaving& leaving) const {
    return std::max(leaving.not_before_ms, arrived_ms_ + leaving.stay_ms);
  }

  void park(Outing& outing) {
    outing.parked.clear();
    const Fix& last = outing.trip.fixes.back();
    for (std::int64_t at_ms = arrived_ms_ + kParkedMs; at_ms < outing.stay.until_ms;
         at_ms += kParkedMs) {
      Fix& fix = outing.parked.emplace_back();
      fix.time_ms = at_ms;
      gnss_.observe(origin_, places_.at[at_].at, static_cast<double>(kParkedMs) / 1000, fix);
      fix.heading_degrees = last.heading_degrees;
    }
  }

  Place origin_;
  const CarPlaces& places_;
  CarRoutes routes_;
  Random random_{0};  // of the car, from calendar_of
  CarCalendar calendar_;
  Gnss gnss_;
  Driver driver_;
  std::size_t at_ = CarPlaces::kHome;
  std::int64_t arrived_ms_ = 0;
};

std::unique_ptr<CarDays> SimulatedWorld::days(std::size_t car) const {
  return std::make_unique<SimulatedDays>(*network_, kind_.origin, cars_[car], days_);
}

}  // namespace

std::unique_ptr<World> make_world(WorldKind kind, const WorldOptions& options) {
  WorldOptions bounded = options;
  bounded.mean_trip_km = std::clamp(options.mean_trip_km, kTripKmLeast, kTripKmMost);
  return std::make_unique<SimulatedWorld>(kind, bounded);
}

}  // namespace sudare::sim::attack
