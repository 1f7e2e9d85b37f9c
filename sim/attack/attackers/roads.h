// The road network as an attacker uses it: the nearest road, places along roads, and the ways that
// lead back from a point on a road.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sim/world/geometry.h"
#include "sim/world/road_network.h"

namespace sudare::sim::attack {

// Metres around Fleet::origin; closed.
struct Area {
  Point south_west;
  Point north_east;
};

[[nodiscard]] inline bool contains(const Area& box, Point at) {
  return at.east >= box.south_west.east && at.east <= box.north_east.east &&
         at.north >= box.south_west.north && at.north <= box.north_east.north;
}
[[nodiscard]] inline Point middle_of(const Area& box) {
  return {(box.south_west.east + box.north_east.east) / 2,
          (box.south_west.north + box.north_east.north) / 2};
}
[[nodiscard]] inline Area grown(const Area& box, double meters) {
  return {{box.south_west.east - meters, box.south_west.north - meters},
          {box.north_east.east + meters, box.north_east.north + meters}};
}

// A road between two junctions, once for both directions.
struct Edge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double meters = 0;
  double seconds = 0;  // at the speed limit
  RoadClass road_class = RoadClass::kResidential;
};

// A place on an edge: so far from its `from`.
struct Spot {
  std::uint32_t edge = 0;
  double along_meters = 0;
};

// Immutable once made; any thread. Points to the network.
class Roads {
 public:
  explicit Roads(const RoadNetwork& network);

  [[nodiscard]] const RoadNetwork& network() const { return *network_; }
  [[nodiscard]] const std::vector<Edge>& edges() const { return edges_; }
  [[nodiscard]] Point at(Spot spot) const;
  // The nearest road within `meters_most` (a few hundred); nothing: there is none.
  [[nodiscard]] std::optional<Spot> nearest(Point at, double meters_most) const;
  // +1 where a car at `spot` that goes towards `heading` (a vector) drives from `from` to `to`.
  [[nodiscard]] int direction(Spot spot, Point heading) const;
  // Places every `step_meters` along the roads in a box: all of them, or those where people live
  // (residential ones).
  enum class Which : std::uint8_t { kAll, kResidential };
  void spots_in(const Area& box, double step_meters, Which which, std::vector<Spot>& spots) const;
  // Residential places, 20 m apart or as far as it takes for at most `most` of them.
  void some_spots_in(const Area& box, std::size_t most, std::vector<Spot>& spots) const;
  // Distance to the nearest road from a raster of kPixelMeters; a large number outside.
  [[nodiscard]] float meters_to_road(Point at) const;

  static constexpr double kPixelMeters = 20;

 private:
  static constexpr double kCellMeters = 150;

  void index_edges();
  void make_raster();
  [[nodiscard]] std::pair<std::ptrdiff_t, std::ptrdiff_t> cell_of(Point at) const;

  const RoadNetwork* network_;
  std::vector<Edge> edges_;
  Point corner_;  // south-west, with a margin
  std::ptrdiff_t columns_ = 0;
  std::ptrdiff_t rows_ = 0;
  std::vector<std::uint32_t> cell_begin_;  // into cell_edges_, by cell
  std::vector<std::uint32_t> cell_edges_;
  std::ptrdiff_t pixel_columns_ = 0;
  std::ptrdiff_t pixel_rows_ = 0;
  std::vector<float> raster_;
};

// The quickest way to somewhere; infinite where there is none within the search.
struct Way {
  double seconds = std::numeric_limits<double>::infinity();
  double meters = std::numeric_limits<double>::infinity();
};

// Quickest ways from one place, or the nearest of several, to all others (Dijkstra). Roads are as
// quick in both directions. Not thread-safe; reuses its memory.
class Reach {
 public:
  explicit Reach(const Roads& roads);

  // Searches end once the ways to all of these are known. Empty: they go on to their limit.
  void want(const std::vector<Spot>& spots);
  // Starts anew from `spot`. direction: 0 both ways; +1 only towards the edge's `to`, -1 `from`.
  void search(Spot spot, int direction, double seconds_most);
  // From whichever of the spots is nearest.
  void search(const std::vector<Spot>& spots, double seconds_most);
  [[nodiscard]] Way to(Spot spot) const;

 private:
  void clear();
  void offer(std::uint32_t junction, Way way);
  void start_at(Spot spot, int direction);
  void settle(double seconds_most);

  const Roads* roads_;
  std::vector<Way> ways_;               // by junction
  std::vector<std::uint32_t> touched_;  // junctions whose way is not infinite
  std::vector<std::pair<double, std::uint32_t>> open_;
  std::vector<std::pair<Spot, int>> sources_;
  std::vector<bool> wanted_;  // by junction
  std::size_t wanted_count_ = 0;
};

}  // namespace sudare::sim::attack
