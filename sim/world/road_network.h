// An irregular road network made from a seed: jittered blocks, arterials every few blocks, missing
// links, one connected whole. It looks like a Japanese suburb to a privacy attacker (dead ends,
// cells with few roads); it is no map of any real place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/random.h"
#include "sim/world/geometry.h"

namespace sudare::sim {

enum class RoadClass : std::uint8_t { kTrunk, kArterial, kResidential };

struct Road {
  std::size_t to = 0;  // index of the node at its end
  double meters = 0;
  double limit_kmh = 0;
  RoadClass road_class = RoadClass::kResidential;
  std::uint64_t link = 0;  // id as a map-matcher would report; both directions share it
};

struct Junction {
  Point at;
  bool signal = false;
  std::vector<Road> roads;
};

struct NetworkShape {
  std::size_t blocks = 50;  // per side
  double block_meters = 320;
  double missing_share = 0.18;  // of residential links
};

// Any other network, as its maker lays it out.
struct RoadPlan {
  struct Link {
    std::size_t from = 0;  // indices into junctions
    std::size_t to = 0;
    RoadClass road_class = RoadClass::kResidential;
  };
  std::vector<Junction> junctions;  // without roads
  std::vector<Link> links;          // no two between the same junctions
  double extent_meters = 0;         // half the side
};

// Immutable once made; any thread.
class RoadNetwork {
 public:
  RoadNetwork(const NetworkShape& shape, Random random);
  // Junctions outside the largest connected part lose their roads.
  explicit RoadNetwork(RoadPlan plan);

  [[nodiscard]] const std::vector<Junction>& junctions() const { return junctions_; }
  // Half the side of the network.
  [[nodiscard]] double extent_meters() const { return extent_meters_; }

 private:
  void connect(std::size_t from, std::size_t to, RoadClass road_class);
  void keep_largest_part();

  std::vector<Junction> junctions_;
  double extent_meters_ = 0;
  std::uint64_t next_link_ = 1;
};

// Seconds of free driving from `start` to every junction; infinity where no road leads.
[[nodiscard]] std::vector<double> travel_seconds(const RoadNetwork& network, std::size_t start);

// The quickest way: junctions from `start` to `end`, both included (A*); empty where none exists.
[[nodiscard]] std::vector<std::size_t> quickest_route(const RoadNetwork& network, std::size_t start,
                                                      std::size_t end);

// The road between two neighbours on a route.
[[nodiscard]] const Road& road_between(const RoadNetwork& network, std::size_t from,
                                       std::size_t to);

}  // namespace sudare::sim
