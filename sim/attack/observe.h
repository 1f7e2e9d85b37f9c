// What a run over the cars collects beside tracks: utility, hazards, maps. Car by car, from several
// threads.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "base/guarded.h"
#include "sim/attack/attackers/utility.h"
#include "sim/attack/report.h"
#include "sim/attack/world/release.h"

namespace sudare::sim::attack {

// Of a trip this long a recipient of positions should get at least one.
inline constexpr double kSeenTripMetersLeast = 6000;

struct Observed {
  Utility utility;
  std::size_t trips = 0;       // of kSeenTripMetersLeast or more
  std::size_t trips_seen = 0;  // of these: at least one position was released
  std::vector<HazardSeen> hazards;
  std::vector<MapCar> maps;  // by car; network and subject are the caller's to fill in
};

class Observer {
 public:
  // `knowledge` says cells, ring and time bucket; maps are drawn of the first `map_cars` cars.
  Observer(const Knowledge& knowledge, std::size_t map_cars);

  // Any thread; once per car.
  void see(const CarView& view);
  // After all cars.
  [[nodiscard]] Observed result();

 private:
  struct Totals {
    explicit Totals(const Knowledge& knowledge) : meter(knowledge) {}
    UtilityMeter meter;
    std::size_t trips = 0;
    std::size_t trips_seen = 0;
    std::map<std::size_t, std::vector<HazardSeen>> hazards;  // by car
    std::vector<MapCar> maps;
  };

  Knowledge knowledge_;
  Guarded<Totals> totals_;
};

}  // namespace sudare::sim::attack
