// Cars whose truth is known: on generated road networks, or read from recordings. A World holds
// where cars live and how they drive, not their fixes: it makes those anew, car by car, as often
// as they are asked for. What a policy lets out of them is release.h's; naive.h has the mechanisms
// that must be broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/attack/data.h"
#include "sim/trip/trip.h"
#include "sim/world/geometry.h"
#include "sim/world/road_network.h"

namespace sudare::sim::attack {

// A trip and the stay that follows it.
struct Outing {
  Trip trip;                // 1 Hz where simulated; fixes with road class and link
  std::vector<Fix> parked;  // once a minute until the next trip; empty for recordings
  DrivenTrip driven;
  Stay stay;  // until the next trip starts; the last one ends with the last day
};

// One car's days, outing by outing, in the order of time. Not thread-safe.
class CarDays {
 public:
  virtual ~CarDays() = default;
  // False: there are no more. Reuses the memory of `outing`.
  [[nodiscard]] virtual bool next(Outing& outing) = 0;
};

// Immutable; any thread, unless said otherwise.
class World {
 public:
  virtual ~World() = default;

  [[nodiscard]] virtual std::string name() const = 0;  // "grid", "town", "rural"; of a data set
  [[nodiscard]] virtual Place origin() const = 0;      // of the plane to compute in
  [[nodiscard]] virtual const RoadNetwork* network() const = 0;  // null for recordings
  [[nodiscard]] virtual std::size_t cars() const = 0;
  [[nodiscard]] virtual Place home(std::size_t car) const = 0;
  [[nodiscard]] virtual Place work(std::size_t car) const = 0;
  // A new run over the car's days: every run gives the same. Valid as long as the World.
  [[nodiscard]] virtual std::unique_ptr<CarDays> days(std::size_t car) const = 0;
};

enum class WorldKind : std::uint8_t {
  kGrid,   // a city of regular blocks; homes of 400 cars fill 57 km², 7 cars/km²
  kTown,   // bent streets, trees of cul-de-sacs between arterials; 3.5 cars/km²
  kRural,  // villages and farms along few roads; 0.8 cars/km²
};

struct WorldOptions {
  std::size_t cars = 400;
  std::size_t days = 30;
  double mean_trip_km = 7.8;  // 2 … 30: the network grows with it, the area of homes doesn't
  std::uint64_t seed = 1;
};

// The same options give the same world on every machine. Takes a second at 400 cars. A generated
// network is no map of a real place.
[[nodiscard]] std::unique_ptr<World> make_world(WorldKind kind, const WorldOptions& options);

}  // namespace sudare::sim::attack
