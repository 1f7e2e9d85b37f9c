#include "sim/car/drive.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sudare::sim {

namespace {

// Accelerations are computed ten times a second, as a car's own sensors do.
constexpr double kStepSeconds = 0.1;
constexpr double kParkingKmh = 12;
constexpr double kTurnKmh = 16;
constexpr double kTurnDegrees = 40;
// A trip that takes longer is a bug of the model: the loop ends all the same.
constexpr double kTripSecondsMax = 6 * 3600;
// What driving diagnosis calls harsh.
constexpr double kHarshMs2 = 3.0;

// A stretch between two points of the route, and what waits at its end.
struct Leg {
  Point from;
  Point to;
  double meters = 0;
  double limit_ms = 0;
  double end_ms = 0;        // highest speed at the end; 0: stop
  double wait_seconds = 0;  // after the stop
  RoadClass road_class = RoadClass::kResidential;
  std::uint64_t link = 0;
};

double turn_degrees(const Leg& before, const Leg& after) {
  const double turn =
      std::abs(heading_degrees(before.from, before.to) - heading_degrees(after.from, after.to));
  return std::min(turn, 360 - turn);
}

std::vector<Leg> legs_of(const RoadNetwork& network, const v1::Driver& driver, const Stop& from,
                         const Stop& to, Random& random) {
  const auto route = quickest_route(network, from.junction, to.junction);
  std::vector<Leg> legs;
  const auto& junctions = network.junctions();
  const auto add_lane = [&](Point a, Point b) {
    if (distance_meters(a, b) < 1) return;
    legs.push_back(
        {a, b, distance_meters(a, b), kParkingKmh / 3.6, 0, 0, RoadClass::kResidential, 0});
  };
  add_lane(from.at, route.empty() ? to.at : junctions[route.front()].at);
  for (std::size_t i = 1; i < route.size(); ++i) {
    const Road& road = road_between(network, route[i - 1], route[i]);
    Leg leg{junctions[route[i - 1]].at,
            junctions[route[i]].at,
            road.meters,
            road.limit_kmh * driver.speed_share() / 3.6,
            0,
            0,
            road.road_class,
            road.link};
    leg.end_ms = leg.limit_ms;
    if (junctions[route[i]].signal && random.chance(driver.red_share())) {
      leg.end_ms = 0;
      leg.wait_seconds = random.between(5, std::max(5.0, driver.signal_wait_s_max()));
    }
    legs.push_back(leg);
  }
  if (!route.empty()) add_lane(junctions[route.back()].at, to.at);
  for (std::size_t i = 0; i + 1 < legs.size(); ++i) {
    if (turn_degrees(legs[i], legs[i + 1]) > kTurnDegrees) {
      legs[i].end_ms = std::min(legs[i].end_ms, kTurnKmh / 3.6);
    }
    legs[i].end_ms = std::min(legs[i].end_ms, legs[i + 1].limit_ms);
  }
  // Parked where it is going to: a metre of rolling.
  if (legs.empty()) legs.push_back({from.at, to.at, 1, kParkingKmh / 3.6});
  legs.back().end_ms = 0;
  return legs;
}

// The car on its way: one step is a tenth of a second.
class Drive {
 public:
  Drive(std::vector<Leg> legs, const v1::Driver& driver, Random& random)
      : legs_(std::move(legs)), driver_(driver), random_(random) {}

  [[nodiscard]] bool arrived() const { return leg_ >= legs_.size(); }
  [[nodiscard]] double speed_ms() const { return speed_ms_; }
  [[nodiscard]] double driven_meters() const { return driven_meters_; }
  [[nodiscard]] const Leg& leg() const { return legs_[std::min(leg_, legs_.size() - 1)]; }
  [[nodiscard]] Point at() const {
    const double share = arrived() ? 1 : on_leg_meters_ / leg().meters;
    return {leg().from.east + share * (leg().to.east - leg().from.east),
            leg().from.north + share * (leg().to.north - leg().from.north)};
  }

  // Advances; returns the harsh manoeuvre that began in this step, if one did.
  std::optional<HarshEvent> step() {
    if (waiting_seconds_ > 0) {
      waiting_seconds_ -= kStepSeconds;
      return std::nullopt;
    }
    std::optional<HarshEvent> harsh;
    if (harsh_seconds_ <= 0 && speed_ms_ > 6 &&
        random_.chance(driver_.harsh_events_per_hour() * kStepSeconds / 3600)) {
      harsh = begin_harsh();
    }
    const double target = allowed_ms();
    if (harsh_seconds_ > 0) {
      harsh_seconds_ -= kStepSeconds;
      speed_ms_ = std::max(0.5, speed_ms_ + harsh_ms2_ * kStepSeconds);
    } else if (target < speed_ms_) {
      speed_ms_ = target;
    } else {
      speed_ms_ = std::min(target, speed_ms_ + driver_.acceleration_ms2() * kStepSeconds);
    }
    advance(speed_ms_ * kStepSeconds);
    return harsh;
  }

 private:
  HarshEvent begin_harsh() {
    HarshEvent event;
    event.kind = static_cast<HarshKind>(random_.below(4));
    event.peak_ms2 = kHarshMs2 + random_.between(0.1, 2.5);
    event.duration_ms = static_cast<unsigned>(random_.between(300, 1400));
    harsh_seconds_ = event.duration_ms / 1000.0;
    harsh_ms2_ = 0;
    if (event.kind == HarshKind::kBraking) harsh_ms2_ = -event.peak_ms2;
    if (event.kind == HarshKind::kAcceleration) harsh_ms2_ = event.peak_ms2;
    return event;
  }

  // The highest speed from which every limit ahead can still be met.
  [[nodiscard]] double allowed_ms() const {
    // Beyond this distance no limit matters at 100 km/h and the gentlest braking.
    constexpr double kAheadMeters = 400;
    double allowed = leg().limit_ms;
    double ahead_meters = leg().meters - on_leg_meters_;
    for (std::size_t i = leg_; i < legs_.size() && ahead_meters < kAheadMeters; ++i) {
      const double end_ms = legs_[i].end_ms;
      allowed =
          std::min(allowed, std::sqrt(end_ms * end_ms + 2 * driver_.braking_ms2() * ahead_meters));
      if (i + 1 < legs_.size()) ahead_meters += legs_[i + 1].meters;
    }
    // Creeps rather than stand a hair before the line for ever.
    return std::max(allowed, 0.5);
  }

  void advance(double meters) {
    driven_meters_ += meters;
    on_leg_meters_ += meters;
    while (!arrived() && on_leg_meters_ >= leg().meters) {
      if (leg().end_ms == 0) {
        on_leg_meters_ = leg().meters;
        speed_ms_ = 0;
      }
      waiting_seconds_ = leg().wait_seconds;
      on_leg_meters_ -= leg().meters;
      ++leg_;
    }
  }

  std::vector<Leg> legs_;
  const v1::Driver& driver_;
  Random& random_;
  std::size_t leg_ = 0;
  double on_leg_meters_ = 0;
  double driven_meters_ = 0;
  double speed_ms_ = 0;
  double waiting_seconds_ = 0;
  double harsh_seconds_ = 0;
  double harsh_ms2_ = 0;
};

}  // namespace

Trip drive(const RoadNetwork& network, const v1::Profile& profile, const Stop& from, const Stop& to,
           std::int64_t start_ms, Gnss& gnss, Random& random) {
  const Place origin{profile.network().latitude(), profile.network().longitude()};
  const double hertz = profile.rates().position_hz() > 0 ? profile.rates().position_hz() : 1;
  const double interval_seconds = std::max(kStepSeconds, 1 / hertz);
  Trip trip;
  trip.destination = to.name;
  Drive car(legs_of(network, profile.driver(), from, to, random), profile.driver(), random);
  double next_fix_seconds = 0;
  const auto add_fix = [&](double seconds) {
    Fix fix;
    fix.time_ms = start_ms + std::llround(seconds * 1000);
    gnss.observe(origin, car.at(), interval_seconds, fix);
    fix.heading_degrees = heading_degrees(car.leg().from, car.leg().to);
    fix.speed_kmh = car.speed_ms() * 3.6;
    fix.road_class = car.leg().road_class;
    fix.link = car.leg().link;
    trip.fixes.push_back(fix);
  };
  double seconds = 0;
  for (std::int64_t step = 0; !car.arrived() && seconds < kTripSecondsMax; ++step) {
    seconds = static_cast<double>(step) * kStepSeconds;
    if (seconds >= next_fix_seconds - kStepSeconds / 2) {
      add_fix(seconds);
      next_fix_seconds += interval_seconds;
    }
    if (auto harsh = car.step()) {
      harsh->fix = trip.fixes.size() - 1;
      trip.events.push_back(*harsh);
    }
  }
  add_fix(std::max(next_fix_seconds, seconds));
  trip.distance_meters = car.driven_meters();
  return trip;
}

}  // namespace sudare::sim
