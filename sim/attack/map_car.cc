#include "sim/attack/map_car.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "gateway/minimize/cell.h"

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kMapMs = std::int64_t{3} * 86'400'000;
constexpr double kSpacingMeters = 60;
constexpr std::size_t kPointsMax = 600;
constexpr int kLinesEachWay = 25;

// To a metre: no picture shows more.
Place rounded(Place place) {
  const auto round = [](double degrees) { return std::round(degrees * 1e5) / 1e5; };
  return {round(place.latitude), round(place.longitude)};
}

void add(Place place, std::vector<Place>& places) {
  if (places.size() >= kPointsMax) return;
  if (!places.empty() && distance_meters(places.back(), place) < kSpacingMeters) return;
  places.push_back(rounded(place));
}

// Stays within 100 m or so are at one place.
Place home_of(const std::vector<Outing>& outings) {
  std::map<std::pair<long, long>, std::pair<std::int64_t, Place>> spent;
  std::pair<std::int64_t, Place> longest;
  for (const Outing& outing : outings) {
    const Place place = outing.stay.place;
    auto& [ms, at] = spent[{std::lround(place.latitude * 1e3), std::lround(place.longitude * 1e3)}];
    ms += outing.stay.until_ms - outing.stay.from_ms;
    at = place;
    if (ms > longest.first) longest = {ms, place};
  }
  return longest.second;
}

void draw_grid(const Knowledge& knowledge, MapCar& map) {
  const bool ringed = knowledge.ring != v1::CELL_UNSPECIFIED;
  const v1::Cell level = ringed && knowledge.cell == v1::EXACT ? knowledge.ring : knowledge.cell;
  const auto cell = cell_of({to_e7(map.home.latitude), to_e7(map.home.longitude)}, level);
  if (!cell) return;  // exact positions: there are no cells
  const CellSides sides = sides_of(*cell);
  const double south = static_cast<double>(sides.south_e7) / 1e7;
  const double west = static_cast<double>(sides.west_e7) / 1e7;
  const double high = static_cast<double>(sides.north_e7 - sides.south_e7) / 1e7;
  const double wide = static_cast<double>(sides.width_e7) / 1e7;
  for (int i = -kLinesEachWay; i <= kLinesEachWay; ++i) {
    map.cell_latitudes.push_back(std::round((south + i * high) * 1e6) / 1e6);
    map.cell_longitudes.push_back(std::round((west + i * wide) * 1e6) / 1e6);
  }
  if (ringed) {
    map.ring = {{south - high, west - wide}, {south + 2 * high, west + 2 * wide}};
  }
}

}  // namespace

MapCar map_car(const CarView& view, const Knowledge& knowledge) {
  MapCar map;
  if (view.outings->empty()) return map;
  map.home = rounded(home_of(*view.outings));
  const auto first = std::find_if(view.outings->begin(), view.outings->end(),
                                  [](const Outing& one) { return !one.trip.fixes.empty(); });
  if (first == view.outings->end()) return map;
  const std::int64_t until_ms = first->trip.fixes.front().time_ms + kMapMs;
  for (const Outing& outing : *view.outings) {
    for (const Fix& fix : outing.trip.fixes) {
      if (fix.time_ms < until_ms) add(fix.place, map.raw);
    }
  }
  for (const Seen& seen : *view.released) {
    if (seen.time_ms >= until_ms || (seen.latitude_e7 == 0 && seen.longitude_e7 == 0)) continue;
    add({static_cast<double>(seen.latitude_e7) / 1e7, static_cast<double>(seen.longitude_e7) / 1e7},
        map.released);
  }
  draw_grid(knowledge, map);
  return map;
}

}  // namespace sudare::sim::attack
