#include "sim/attack/observe.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "gateway/minimize/cell.h"
#include "sim/attack/map_car.h"

namespace sudare::sim::attack {

namespace {

Place place_of(const Seen& seen) {
  return {static_cast<double>(seen.latitude_e7) / 1e7,
          static_cast<double>(seen.longitude_e7) / 1e7};
}

bool has_position(const Seen& seen) { return seen.latitude_e7 != 0 || seen.longitude_e7 != 0; }

Result<Cell> cell_at(Place place, v1::Cell level) {
  return cell_of({to_e7(place.latitude), to_e7(place.longitude)}, level);
}

// Whether `place` lies in the 3 x 3 cells around `end`. Columns of two rows of the world grid can
// be numbered differently; simulated cars drive where the mesh is.
bool in_ring(Place place, Place end, v1::Cell level) {
  const auto inner = cell_at(end, level);
  const auto cell = cell_at(place, level);
  return inner && cell && inner->mesh == cell->mesh && std::abs(inner->row - cell->row) <= 1 &&
         std::abs(inner->column - cell->column) <= 1;
}

bool is_centre(Place place, Place of, v1::Cell level) {
  const auto cell = cell_at(of, level);
  if (!cell) return false;
  const Position centre = centre_of(*cell);
  return centre == Position{to_e7(place.latitude), to_e7(place.longitude)};
}

// The released records of one trip: those whose time bucket touches it.
std::vector<Seen> released_of(const Trip& trip, const std::vector<Seen>& released,
                              std::int64_t bucket_ms) {
  const std::int64_t least_ms = trip.fixes.front().time_ms - bucket_ms;
  const std::int64_t most_ms = trip.fixes.back().time_ms;
  const auto before = [](const Seen& seen, std::int64_t time_ms) { return seen.time_ms < time_ms; };
  auto at = std::lower_bound(released.begin(), released.end(), least_ms + 1, before);
  std::vector<Seen> result;
  for (; at != released.end() && at->time_ms <= most_ms; ++at) {
    if (has_position(*at)) result.push_back(*at);
  }
  return result;
}

// Records of a batch without pseudonym arrive in no order. A map matcher finds it again along the
// way, and so does this: by the nearest fix of the same bucket.
void sort_along(const Trip& trip, std::int64_t bucket_ms, std::vector<Seen>& records) {
  const auto before = [](const Fix& fix, std::int64_t time_ms) { return fix.time_ms < time_ms; };
  const double east = std::cos(trip.fixes.front().place.latitude * kDegree);
  std::vector<std::pair<std::int64_t, std::size_t>> order;  // time, record
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Place place = place_of(records[i]);
    auto fix = std::lower_bound(trip.fixes.begin(), trip.fixes.end(), records[i].time_ms, before);
    std::int64_t nearest_ms = records[i].time_ms;
    double nearest = INFINITY;
    for (; fix != trip.fixes.end() && fix->time_ms < records[i].time_ms + bucket_ms; ++fix) {
      const double north_off = fix->place.latitude - place.latitude;
      const double east_off = (fix->place.longitude - place.longitude) * east;
      const double off = north_off * north_off + east_off * east_off;
      if (off >= nearest) continue;
      nearest = off;
      nearest_ms = fix->time_ms;
    }
    order.emplace_back(nearest_ms, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Seen> sorted;
  sorted.reserve(records.size());
  for (const auto& [time_ms, record] : order) sorted.push_back(records[record]);
  records = std::move(sorted);
}

// What became of one hazard: its records are those of its time bucket, the coarse one being the
// centre of its cell.
HazardSeen follow(const Hazard& hazard, const Outing* outing, const std::vector<Seen>& released,
                  const Knowledge& knowledge) {
  HazardSeen seen;
  seen.place = hazard.place;
  seen.time_ms = hazard.time_ms;
  if (outing != nullptr && knowledge.ring != v1::CELL_UNSPECIFIED) {
    seen.inside_hold = in_ring(hazard.place, outing->trip.fixes.front().place, knowledge.ring) ||
                       in_ring(hazard.place, outing->trip.fixes.back().place, knowledge.ring);
  }
  for (const Seen& record : released) {
    const std::int64_t late_ms = hazard.time_ms - record.time_ms;
    if (late_ms < 0 || late_ms > knowledge.bucket_ms || !has_position(record)) continue;
    if (seen.first_arrival_ms == 0 || record.arrival_ms < seen.first_arrival_ms) {
      seen.first_arrival_ms = record.arrival_ms;
    }
    const Place place = place_of(record);
    const bool coarse = is_centre(place, hazard.place, v1::M1000);
    const bool nearer =
        seen.fine_arrival_ms == 0 ||
        distance_meters(place, hazard.place) < distance_meters(seen.fine_place, hazard.place);
    if (coarse || !nearer) continue;
    seen.fine_arrival_ms = record.arrival_ms;
    seen.fine_place = place;
  }
  return seen;
}

std::vector<HazardSeen> hazards_of(const CarView& view, const Knowledge& knowledge) {
  std::vector<HazardSeen> result;
  auto outing = view.outings->begin();
  for (const Hazard& hazard : *view.hazards) {
    while (outing != view.outings->end() && outing->trip.fixes.back().time_ms < hazard.time_ms) {
      ++outing;
    }
    result.push_back(follow(hazard, outing == view.outings->end() ? nullptr : &*outing,
                            *view.released_hazards, knowledge));
  }
  return result;
}

}  // namespace

Observer::Observer(const Knowledge& knowledge, std::size_t map_cars)
    : knowledge_(knowledge), totals_(Totals(knowledge)) {
  totals_.with([map_cars](Totals& totals) { totals.maps.resize(map_cars); });
}

void Observer::see(const CarView& view) {
  std::vector<HazardSeen> hazards = hazards_of(view, knowledge_);
  std::vector<std::vector<Seen>> by_trip;
  for (const Outing& outing : *view.outings) {
    auto& released = by_trip.emplace_back();
    if (outing.trip.fixes.empty()) continue;
    released = released_of(outing.trip, *view.released, knowledge_.bucket_ms);
    if (knowledge_.cell == v1::EXACT) sort_along(outing.trip, knowledge_.bucket_ms, released);
  }
  const std::size_t car = view.car;
  totals_.with([&](Totals& totals) {
    for (std::size_t i = 0; i < by_trip.size(); ++i) {
      const Outing& outing = (*view.outings)[i];
      const std::vector<Seen>& released = by_trip[i];
      if (outing.trip.fixes.empty()) continue;
      totals.meter.add_trip(outing.trip.fixes, released);
      if (outing.driven.meters < kSeenTripMetersLeast) continue;
      ++totals.trips;
      if (!released.empty()) ++totals.trips_seen;
    }
    totals.hazards[car] = std::move(hazards);
    if (car < totals.maps.size()) totals.maps[car] = map_car(view, knowledge_);
  });
}

Observed Observer::result() {
  return totals_.with([](Totals& totals) {
    Observed observed;
    observed.utility = totals.meter.result();
    observed.trips = totals.trips;
    observed.trips_seen = totals.trips_seen;
    for (auto& [car, hazards] : totals.hazards) {
      observed.hazards.insert(observed.hazards.end(), hazards.begin(), hazards.end());
    }
    observed.maps = std::move(totals.maps);
    return observed;
  });
}

}  // namespace sudare::sim::attack
