// A small town for tests of attackers: cars that commute along quickest ways on a generated
// network, and a fleet of what a mechanism of the test's own lets out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/attack/attackers/roads.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

struct ToyFix {
  std::int64_t time_ms = 0;
  Point at;
  double meters = 0;  // driven since the trip's start
};

// One drive, a fix every 5 s.
struct ToyTrip {
  std::vector<ToyFix> fixes;
  Point home;
  double odometer_meters = 0;  // at its start
};

class Toy {
 public:
  // Deterministic. Cars leave home at about 8 h, Japan time, and work at about 18 h.
  Toy(std::size_t cars, std::size_t days);

  [[nodiscard]] const RoadNetwork& network() const { return network_; }
  // `release` gets a trip and says what is let out of it; `parked` is called once an hour where the
  // car stands, if given.
  using Release = std::function<std::vector<Seen>(const ToyTrip&)>;
  using Parked = std::function<std::optional<Seen>(std::int64_t time_ms, Point at)>;
  [[nodiscard]] Fleet fleet(const Release& release, const Parked& parked = nullptr) const;

 private:
  struct Car {
    std::vector<ToyTrip> trips;
    Point home;
    Point work;
  };

  [[nodiscard]] std::vector<Point> way(Spot from, Spot to) const;
  [[nodiscard]] std::optional<Car> make_car(std::size_t days, Random& random) const;

  RoadNetwork network_;
  Roads roads_;
  std::vector<Car> cars_;
};

[[nodiscard]] Place toy_origin();
[[nodiscard]] Seen seen_at(std::int64_t time_ms, Point at);

// 2024-01-08, a Monday, 00 h Japan time.
inline constexpr std::int64_t kToyStartMs = 1'704'639'600'000;
inline constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace sudare::sim::attack
