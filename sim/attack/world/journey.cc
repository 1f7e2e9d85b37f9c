#include "sim/attack/world/journey.h"

#include <algorithm>
#include <cmath>

namespace sudare::sim::attack {

namespace {

constexpr double kTurnDegrees = 40;
constexpr double kTurnMs = 16 / 3.6;
constexpr double kRedShare = 0.45;
constexpr double kWaitLeastSeconds = 5;
constexpr double kWaitMostSeconds = 45;
// Slower than this is standing: no division by it.
constexpr double kCreepMs = 0.5;
constexpr double kHarshPerHour = 4;
constexpr double kHarshLeastKmh = 20;

// Motion along one stretch: accelerate, cruise, brake, wait.
struct Motion {
  double enter_ms = 0;
  double peak_ms = 0;
  double leave_ms = 0;
  double speed_up_seconds = 0;
  double cruise_seconds = 0;
  double brake_seconds = 0;
  double wait_seconds = 0;

  [[nodiscard]] double driving_seconds() const {
    return speed_up_seconds + cruise_seconds + brake_seconds;
  }
};

double turn_degrees(double before, double after) {
  const double turn = std::abs(before - after);
  return std::min(turn, 360 - turn);
}

class Journey {
 public:
  Journey(const Route& route, const Driver& driver, Random& random) : route_(route) {
    const std::size_t count = route.stretches.size();
    motions_.resize(count);
    headings_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      headings_[i] = heading_degrees(start_of(i), route.stretches[i].end);
    }
    limit_speeds(driver, random);
    for (std::size_t i = 0; i < count; ++i) plan(i, driver);
  }

  [[nodiscard]] bool arrived() const { return at_ >= motions_.size(); }
  [[nodiscard]] const Stretch& stretch() const { return route_.stretches[at_]; }
  [[nodiscard]] double heading() const { return headings_[at_]; }

  void advance(double seconds) {
    on_stretch_seconds_ += seconds;
    while (!arrived()) {
      const double length = motions_[at_].driving_seconds() + motions_[at_].wait_seconds;
      if (on_stretch_seconds_ < length) return;
      on_stretch_seconds_ -= length;
      ++at_;
    }
  }

  [[nodiscard]] double speed_ms() const {
    const Motion& motion = motions_[at_];
    double t = on_stretch_seconds_;
    if (t >= motion.driving_seconds()) return 0;
    if (t < motion.speed_up_seconds) {
      return motion.enter_ms + (motion.peak_ms - motion.enter_ms) * t / motion.speed_up_seconds;
    }
    t -= motion.speed_up_seconds + motion.cruise_seconds;
    if (t < 0) return motion.peak_ms;
    return motion.peak_ms + (motion.leave_ms - motion.peak_ms) * t / motion.brake_seconds;
  }

  [[nodiscard]] Point at() const {
    const Point from = start_of(at_);
    const Point to = stretch().end;
    const double share =
        stretch().meters > 0 ? std::min(1.0, meters_on_stretch() / stretch().meters) : 1;
    return {from.east + share * (to.east - from.east),
            from.north + share * (to.north - from.north)};
  }

 private:
  [[nodiscard]] Point start_of(std::size_t i) const {
    return i == 0 ? route_.start : route_.stretches[i - 1].end;
  }

  [[nodiscard]] double meters_on_stretch() const {
    const Motion& motion = motions_[at_];
    const double speed_up = std::min(on_stretch_seconds_, motion.speed_up_seconds);
    const double cruise =
        std::clamp(on_stretch_seconds_ - motion.speed_up_seconds, 0.0, motion.cruise_seconds);
    const double brake =
        std::clamp(on_stretch_seconds_ - motion.speed_up_seconds - motion.cruise_seconds, 0.0,
                   motion.brake_seconds);
    double meters = cruise * motion.peak_ms;
    if (speed_up > 0) {
      const double rise = (motion.peak_ms - motion.enter_ms) / motion.speed_up_seconds;
      meters += speed_up * (motion.enter_ms + rise * speed_up / 2);
    }
    if (brake > 0) {
      const double fall = (motion.peak_ms - motion.leave_ms) / motion.brake_seconds;
      meters += brake * (motion.peak_ms - fall * brake / 2);
    }
    return meters;
  }

  // The speeds at which stretches meet: for turns, lights and limits, then so that braking and
  // accelerating suffice.
  void limit_speeds(const Driver& driver, Random& random) {
    const std::size_t count = motions_.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Stretch& stretch = route_.stretches[i];
      Motion& motion = motions_[i];
      motion.peak_ms = stretch.limit_kmh / 3.6 * driver.speed_share;
      motion.leave_ms = motion.peak_ms;
      if (i + 1 == count) {
        motion.leave_ms = 0;
      } else if (turn_degrees(headings_[i], headings_[i + 1]) > kTurnDegrees) {
        motion.leave_ms = std::min(motion.leave_ms, kTurnMs);
      }
      if (stretch.signal && random.chance(kRedShare)) {
        motion.leave_ms = 0;
        motion.wait_seconds = random.between(kWaitLeastSeconds, kWaitMostSeconds);
      }
    }
    for (std::size_t i = 0; i + 1 < count; ++i) {
      motions_[i].leave_ms = std::min(motions_[i].leave_ms, motions_[i + 1].peak_ms);
    }
    for (std::size_t i = count; i-- > 1;) {
      const double most = std::sqrt(motions_[i].leave_ms * motions_[i].leave_ms +
                                    2 * driver.braking_ms2 * route_.stretches[i].meters);
      motions_[i - 1].leave_ms = std::min(motions_[i - 1].leave_ms, most);
    }
    double enter_ms = 0;
    for (std::size_t i = 0; i < count; ++i) {
      motions_[i].enter_ms = enter_ms;
      const double most =
          std::sqrt(enter_ms * enter_ms + 2 * driver.acceleration_ms2 * route_.stretches[i].meters);
      enter_ms = motions_[i].leave_ms = std::min(motions_[i].leave_ms, most);
    }
  }

  void plan(std::size_t i, const Driver& driver) {
    Motion& motion = motions_[i];
    const double meters = route_.stretches[i].meters;
    const double up = driver.acceleration_ms2;
    const double down = driver.braking_ms2;
    const double enter2 = motion.enter_ms * motion.enter_ms;
    const double leave2 = motion.leave_ms * motion.leave_ms;
    // Where accelerating until one must brake stays below the limit, there is no cruise.
    const double top2 = (2 * up * down * meters + down * enter2 + up * leave2) / (up + down);
    const double least_ms = std::max({motion.enter_ms, motion.leave_ms, kCreepMs});
    motion.peak_ms = std::max(least_ms, std::min(motion.peak_ms, std::sqrt(std::max(0.0, top2))));
    const double peak2 = motion.peak_ms * motion.peak_ms;
    const double cruise_meters =
        meters - (peak2 - enter2) / (2 * up) - (peak2 - leave2) / (2 * down);
    motion.speed_up_seconds = (motion.peak_ms - motion.enter_ms) / up;
    motion.cruise_seconds = std::max(0.0, cruise_meters / motion.peak_ms);
    motion.brake_seconds = (motion.peak_ms - motion.leave_ms) / down;
  }

  const Route& route_;
  std::vector<Motion> motions_;
  std::vector<double> headings_;
  std::size_t at_ = 0;
  double on_stretch_seconds_ = 0;
};

// Events of the kind that vehicle/driving reports, where the car is under way.
void add_harsh_events(Random& random, Trip& trip) {
  const double hours = static_cast<double>(trip.fixes.size()) / 3600;
  for (int n = random.poisson(std::min(20.0, kHarshPerHour * hours)); n > 0; --n) {
    HarshEvent event;
    event.kind = static_cast<HarshKind>(random.below(4));
    event.fix = random.below(trip.fixes.size());
    event.peak_ms2 = 3 + random.between(0.1, 2.5);
    event.duration_ms = static_cast<unsigned>(random.between(300, 1400));
    if (trip.fixes[event.fix].speed_kmh >= kHarshLeastKmh) trip.events.push_back(event);
  }
}

}  // namespace

void drive_route(const Route& route, const Driver& driver, Place origin, std::int64_t start_ms,
                 Gnss& gnss, Random& random, Trip& trip) {
  trip.fixes.clear();
  trip.events.clear();
  trip.distance_meters = length_meters(route);
  Journey car(route, driver, random);
  std::int64_t time_ms = start_ms;
  const auto observe = [&](Point at) -> Fix& {
    Fix& fix = trip.fixes.emplace_back();
    fix.time_ms = time_ms;
    gnss.observe(origin, at, 1, fix);
    time_ms += 1000;
    return fix;
  };
  for (; !car.arrived(); car.advance(1)) {
    Fix& fix = observe(car.at());
    fix.heading_degrees = car.heading();
    fix.speed_kmh = car.speed_ms() * 3.6;
    fix.road_class = car.stretch().road_class;
    fix.link = car.stretch().link;
  }
  const double heading = trip.fixes.back().heading_degrees;
  observe(route.stretches.back().end).heading_degrees = heading;
  add_harsh_events(random, trip);
}

DrivenTrip driven_of(const Route& route, const Trip& trip) {
  DrivenTrip driven{trip.fixes.front().time_ms, trip.fixes.back().time_ms, trip.distance_meters, 0};
  for (const Stretch& stretch : route.stretches) {
    if (stretch.road_class != RoadClass::kResidential) driven.arterial_meters += stretch.meters;
  }
  return driven;
}

}  // namespace sudare::sim::attack
