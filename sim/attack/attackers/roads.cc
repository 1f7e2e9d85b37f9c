#include "sim/attack/attackers/roads.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace sudare::sim::attack {

namespace {

constexpr double kMarginMeters = 600;
constexpr float kFarMeters = 1e4F;

struct Projected {
  double along_share = 0;
  double meters = 0;
};

Projected project(Point a, Point b, Point at) {
  const double east = b.east - a.east;
  const double north = b.north - a.north;
  const double square = east * east + north * north;
  double share = 0;
  if (square > 0) share = ((at.east - a.east) * east + (at.north - a.north) * north) / square;
  share = std::clamp(share, 0.0, 1.0);
  return {share, distance_meters(at, Point{a.east + share * east, a.north + share * north})};
}

// One pass of a distance transform: steps of 1 and √2 pixels (chamfer; 4 % too long at worst).
void relax(std::vector<float>& raster, std::ptrdiff_t columns, std::ptrdiff_t rows, bool forward) {
  const auto straight = static_cast<float>(Roads::kPixelMeters);
  const float diagonal = straight * std::sqrt(2.0F);
  const std::ptrdiff_t sign = forward ? -1 : 1;
  const auto value = [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
    return inside ? raster[static_cast<std::size_t>(row * columns + column)] : kFarMeters;
  };
  for (std::ptrdiff_t i = 0; i < rows * columns; ++i) {
    const std::ptrdiff_t at = forward ? i : rows * columns - 1 - i;
    const std::ptrdiff_t row = at / columns;
    const std::ptrdiff_t column = at % columns;
    float& here = raster[static_cast<std::size_t>(at)];
    here = std::min({here, value(row, column + sign) + straight,
                     value(row + sign, column) + straight, value(row + sign, column - 1) + diagonal,
                     value(row + sign, column + 1) + diagonal});
  }
}

}  // namespace

Roads::Roads(const RoadNetwork& network) : network_(&network) {
  const auto& junctions = network.junctions();
  corner_ = {1e18, 1e18};
  Point far{-1e18, -1e18};
  for (std::size_t i = 0; i < junctions.size(); ++i) {
    const Point at = junctions[i].at;
    corner_ = {std::min(corner_.east, at.east), std::min(corner_.north, at.north)};
    far = {std::max(far.east, at.east), std::max(far.north, at.north)};
    for (const Road& road : junctions[i].roads) {
      if (road.to < i) continue;
      edges_.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(road.to),
                        road.meters, road.meters / (road.limit_kmh / 3.6), road.road_class});
    }
  }
  if (junctions.empty()) corner_ = far = {0, 0};
  corner_ = {corner_.east - kMarginMeters, corner_.north - kMarginMeters};
  const double width = far.east + kMarginMeters - corner_.east;
  const double height = far.north + kMarginMeters - corner_.north;
  columns_ = static_cast<std::ptrdiff_t>(width / kCellMeters) + 1;
  rows_ = static_cast<std::ptrdiff_t>(height / kCellMeters) + 1;
  pixel_columns_ = static_cast<std::ptrdiff_t>(width / kPixelMeters) + 1;
  pixel_rows_ = static_cast<std::ptrdiff_t>(height / kPixelMeters) + 1;
  index_edges();
  make_raster();
}

std::pair<std::ptrdiff_t, std::ptrdiff_t> Roads::cell_of(Point at) const {
  return {static_cast<std::ptrdiff_t>(std::floor((at.east - corner_.east) / kCellMeters)),
          static_cast<std::ptrdiff_t>(std::floor((at.north - corner_.north) / kCellMeters))};
}

// Every cell that the bounding box of an edge touches lists it.
void Roads::index_edges() {
  const auto& junctions = network_->junctions();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> entries;  // cell, edge
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const auto a = cell_of(junctions[edges_[i].from].at);
    const auto b = cell_of(junctions[edges_[i].to].at);
    for (auto row = std::min(a.second, b.second); row <= std::max(a.second, b.second); ++row) {
      for (auto column = std::min(a.first, b.first); column <= std::max(a.first, b.first);
           ++column) {
        entries.emplace_back(static_cast<std::uint32_t>(row * columns_ + column),
                             static_cast<std::uint32_t>(i));
      }
    }
  }
  std::sort(entries.begin(), entries.end());
  cell_begin_.assign(static_cast<std::size_t>(columns_ * rows_) + 1, 0);
  for (const auto& [cell, edge] : entries) ++cell_begin_[cell + 1];
  for (std::size_t i = 1; i < cell_begin_.size(); ++i) cell_begin_[i] += cell_begin_[i - 1];
  cell_edges_.reserve(entries.size());
  for (const auto& [cell, edge] : entries) cell_edges_.push_back(edge);
}

void Roads::make_raster() {
  raster_.assign(static_cast<std::size_t>(pixel_columns_ * pixel_rows_), kFarMeters);
  for (std::uint32_t i = 0; i < edges_.size(); ++i) {
    for (double along = 0; along <= edges_[i].meters; along += kPixelMeters / 2) {
      const Point point = at({i, along});
      const auto column = static_cast<std::ptrdiff_t>((point.east - corner_.east) / kPixelMeters);
      const auto row = static_cast<std::ptrdiff_t>((point.north - corner_.north) / kPixelMeters);
      raster_[static_cast<std::size_t>(row * pixel_columns_ + column)] = 0;
    }
  }
  relax(raster_, pixel_columns_, pixel_rows_, true);
  relax(raster_, pixel_columns_, pixel_rows_, false);
}

Point Roads::at(Spot spot) const {
  const Edge& edge = edges_[spot.edge];
  const Point a = network_->junctions()[edge.from].at;
  const Point b = network_->junctions()[edge.to].at;
  const double share = edge.meters > 0 ? spot.along_meters / edge.meters : 0;
  return {a.east + share * (b.east - a.east), a.north + share * (b.north - a.north)};
}

std::optional<Spot> Roads::nearest(Point at, double meters_most) const {
  const auto& junctions = network_->junctions();
  const auto [column, row] = cell_of(at);
  const auto rings = static_cast<std::ptrdiff_t>(meters_most / kCellMeters) + 1;
  std::optional<Spot> best;
  double best_meters = meters_most;
  for (std::ptrdiff_t ring = 0; ring <= rings; ++ring) {
    // Everything in this ring of cells is at least so far away.
    if (best_meters < static_cast<double>(ring - 1) * kCellMeters) break;
    for (auto r = std::max<std::ptrdiff_t>(row - ring, 0); r <= std::min(row + ring, rows_ - 1);
         ++r) {
      const bool whole = r == row - ring || r == row + ring;
      for (auto c = column - ring; c <= column + ring; c += whole || ring == 0 ? 1 : 2 * ring) {
        if (c < 0 || c >= columns_) continue;
        const auto cell = static_cast<std::size_t>(r * columns_ + c);
        for (auto i = cell_begin_[cell]; i < cell_begin_[cell + 1]; ++i) {
          const Edge& edge = edges_[cell_edges_[i]];
          const Projected hit = project(junctions[edge.from].at, junctions[edge.to].at, at);
          if (hit.meters >= best_meters) continue;
          best_meters = hit.meters;
          best = Spot{cell_edges_[i], hit.along_share * edge.meters};
        }
      }
    }
  }
  return best;
}

int Roads::direction(Spot spot, Point heading) const {
  const Edge& edge = edges_[spot.edge];
  const Point a = network_->junctions()[edge.from].at;
  const Point b = network_->junctions()[edge.to].at;
  const double along = (b.east - a.east) * heading.east + (b.north - a.north) * heading.north;
  return along >= 0 ? 1 : -1;
}

void Roads::spots_in(const Area& box, double step_meters, Which which,
                     std::vector<Spot>& spots) const {
  spots.clear();
  std::vector<std::uint32_t> found;
  const auto low = cell_of(box.south_west);
  const auto high = cell_of(box.north_east);
  for (auto row = std::max<std::ptrdiff_t>(low.second, 0); row <= std::min(high.second, rows_ - 1);
       ++row) {
    for (auto column = std::max<std::ptrdiff_t>(low.first, 0);
         column <= std::min(high.first, columns_ - 1); ++column) {
      const auto cell = static_cast<std::size_t>(row * columns_ + column);
      found.insert(found.end(), cell_edges_.begin() + cell_begin_[cell],
                   cell_edges_.begin() + cell_begin_[cell + 1]);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const std::uint32_t edge : found) {
    if (which == Which::kResidential && edges_[edge].road_class != RoadClass::kResidential)
      continue;
    const double meters = edges_[edge].meters;
    const double count = std::max(1.0, std::round(meters / step_meters));
    for (double i = 0; i < count; ++i) {
      const Spot spot{edge, (i + 0.5) * meters / count};
      if (contains(box, at(spot))) spots.push_back(spot);
    }
  }
}

void Roads::some_spots_in(const Area& box, std::size_t most, std::vector<Spot>& spots) const {
  // Every edge has one spot at least, however far the step: beyond this, spots are left out.
  constexpr double kStepMetersMost = 320;
  for (double step = 20; step <= kStepMetersMost; step *= 2) {
    spots_in(box, step, Which::kResidential, spots);
    if (spots.size() <= most) return;
  }
  for (std::size_t i = 0; i < most; ++i) spots[i] = spots[i * spots.size() / most];
  spots.resize(most);
}

float Roads::meters_to_road(Point at) const {
  const auto column = static_cast<std::ptrdiff_t>((at.east - corner_.east) / kPixelMeters);
  const auto row = static_cast<std::ptrdiff_t>((at.north - corner_.north) / kPixelMeters);
  if (column < 0 || column >= pixel_columns_ || row < 0 || row >= pixel_rows_) return kFarMeters;
  return raster_[static_cast<std::size_t>(row * pixel_columns_ + column)];
}

Reach::Reach(const Roads& roads)
    : roads_(&roads), ways_(roads.network().junctions().size()), wanted_(ways_.size(), false) {}

void Reach::want(const std::vector<Spot>& spots) {
  wanted_.assign(wanted_.size(), false);
  wanted_count_ = 0;
  for (const Spot spot : spots) {
    const Edge& edge = roads_->edges()[spot.edge];
    for (const std::uint32_t junction : {edge.from, edge.to}) {
      if (!wanted_[junction]) ++wanted_count_;
      wanted_[junction] = true;
    }
  }
}

void Reach::clear() {
  for (const std::uint32_t junction : touched_) ways_[junction] = {};
  touched_.clear();
  open_.clear();
  sources_.clear();
}

void Reach::offer(std::uint32_t junction, Way way) {
  if (way.seconds >= ways_[junction].seconds) return;
  if (std::isinf(ways_[junction].seconds)) touched_.push_back(junction);
  ways_[junction] = way;
  open_.emplace_back(way.seconds, junction);
  std::push_heap(open_.begin(), open_.end(), std::greater<>());
}

void Reach::start_at(Spot spot, int direction) {
  const Edge& edge = roads_->edges()[spot.edge];
  const double share = edge.meters > 0 ? spot.along_meters / edge.meters : 0;
  sources_.emplace_back(spot, direction);
  if (direction <= 0) offer(edge.from, {share * edge.seconds, spot.along_meters});
  if (direction >= 0) {
    offer(edge.to, {(1 - share) * edge.seconds, edge.meters - spot.along_meters});
  }
}

void Reach::settle(double seconds_most) {
  const auto& junctions = roads_->network().junctions();
  std::size_t missing = wanted_count_;
  while (!open_.empty()) {
    std::pop_heap(open_.begin(), open_.end(), std::greater<>());
    const auto [seconds, here] = open_.back();
    open_.pop_back();
    if (seconds > ways_[here].seconds) continue;
    if (seconds > seconds_most) break;
    if (wanted_[here] && --missing == 0) break;
    const double meters = ways_[here].meters;
    for (const Road& road : junctions[here].roads) {
      offer(static_cast<std::uint32_t>(road.to),
            {seconds + road.meters / (road.limit_kmh / 3.6), meters + road.meters});
    }
  }
}

void Reach::search(Spot spot, int direction, double seconds_most) {
  clear();
  start_at(spot, direction);
  settle(seconds_most);
}

void Reach::search(const std::vector<Spot>& spots, double seconds_most) {
  clear();
  for (const Spot spot : spots) start_at(spot, 0);
  settle(seconds_most);
}

Way Reach::to(Spot spot) const {
  const Edge& edge = roads_->edges()[spot.edge];
  const double share = edge.meters > 0 ? spot.along_meters / edge.meters : 0;
  const Way& from = ways_[edge.from];
  const Way& to = ways_[edge.to];
  Way best{from.seconds + share * edge.seconds, from.meters + spot.along_meters};
  const Way other{to.seconds + (1 - share) * edge.seconds,
                  to.meters + edge.meters - spot.along_meters};
  if (other.seconds < best.seconds) best = other;
  for (const auto& [source, direction] : sources_) {
    if (source.edge != spot.edge) continue;
    const double ahead = spot.along_meters - source.along_meters;
    if (ahead * direction < 0) continue;
    const double meters = std::abs(ahead);
    const double seconds = edge.meters > 0 ? meters / edge.meters * edge.seconds : 0;
    if (seconds < best.seconds) best = {seconds, meters};
  }
  return best;
}

}  // namespace sudare::sim::attack
