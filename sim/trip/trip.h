// A trip as the traffic is made from: simulated by sim/car or read from a file by sim/trip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/world/geometry.h"
#include "sim/world/road_network.h"

namespace sudare::sim {

// What the receiver reports at one moment.
struct Fix {
  std::int64_t time_ms = 0;  // unix
  Place place;
  double altitude_meters = 0;
  double heading_degrees = 0;
  double speed_kmh = 0;
  double accuracy_meters = 0;
  unsigned satellites = 0;
  RoadClass road_class = RoadClass::kResidential;
  std::uint64_t link = 0;  // 0: not matched to a map
};

enum class HarshKind : std::uint8_t { kBraking, kAcceleration, kCornering, kSpeeding };

struct HarshEvent {
  HarshKind kind = HarshKind::kBraking;
  std::size_t fix = 0;  // where it happened
  double peak_ms2 = 0;
  unsigned duration_ms = 0;
};

struct Trip {
  std::vector<Fix> fixes;  // at least one; times rise
  std::vector<HarshEvent> events;
  std::string destination;
  std::string vehicle;  // as a recording names it, where it does
  double distance_meters = 0;
};

// Trips in the order of time, one after the other; nothing: there are no more.
class TripSource {
 public:
  virtual ~TripSource() = default;
  [[nodiscard]] virtual std::optional<Trip> next() = 0;
};

}  // namespace sudare::sim
