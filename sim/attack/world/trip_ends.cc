#include "sim/attack/world/trip_ends.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/clock.h"

namespace sudare::sim::attack {

namespace {

constexpr double kOnePlaceMeters = 100;
constexpr std::int64_t kDayBeginsMs = 3 * 3'600'000;

struct TripEnd {
  Place at;
  bool of_day = false;  // the first start or the last end of a day
};

struct Cluster {
  Place middle;
  std::size_t days = 0;
  std::size_t ends = 0;
};

// Longitude tells the hour well enough to know a night.
std::int64_t solar_day(const Fix& fix) {
  const auto offset_ms = std::llround(fix.place.longitude / 360 * static_cast<double>(kMsPerDay));
  return (fix.time_ms + offset_ms - kDayBeginsMs) / kMsPerDay;
}

std::vector<TripEnd> ends_of(const std::vector<Trip>& trips) {
  std::vector<TripEnd> ends;
  for (std::size_t i = 0; i < trips.size(); ++i) {
    const Fix& start = trips[i].fixes.front();
    const Fix& end = trips[i].fixes.back();
    const bool first = i == 0 || solar_day(trips[i - 1].fixes.back()) != solar_day(start);
    const bool last =
        i + 1 == trips.size() || solar_day(trips[i + 1].fixes.front()) != solar_day(end);
    ends.push_back({start.place, first});
    ends.push_back({end.place, last});
  }
  return ends;
}

// Takes the densest place out of `ends`.
Cluster take_densest(std::vector<TripEnd>& ends) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto near =
        static_cast<std::size_t>(std::count_if(ends.begin(), ends.end(), [&](const TripEnd& other) {
          return distance_meters(ends[i].at, other.at) <= kOnePlaceMeters;
        }));
    if (near > most) {
      most = near;
      best = i;
    }
  }
  const Place seed = ends[best].at;
  Cluster cluster;
  const auto taken = std::stable_partition(ends.begin(), ends.end(), [&](const TripEnd& end) {
    return distance_meters(seed, end.at) > kOnePlaceMeters;
  });
  for (auto end = taken; end != ends.end(); ++end) {
    cluster.middle.latitude += end->at.latitude;
    cluster.middle.longitude += end->at.longitude;
    cluster.days += end->of_day ? 1 : 0;
    ++cluster.ends;
  }
  cluster.middle.latitude /= static_cast<double>(cluster.ends);
  cluster.middle.longitude /= static_cast<double>(cluster.ends);
  ends.erase(taken, ends.end());
  return cluster;
}

}  // namespace

HomeAndWork home_and_work(const std::vector<Trip>& trips) {
  std::vector<TripEnd> ends = ends_of(trips);
  std::vector<Cluster> clusters;
  while (!ends.empty()) clusters.push_back(take_densest(ends));
  // Clusters come with the most ends first, and max_element takes the first of equals.
  const auto home =
      std::max_element(clusters.begin(), clusters.end(),
                       [](const Cluster& a, const Cluster& b) { return a.days < b.days; });
  HomeAndWork places{home->middle, home->middle};
  for (const Cluster& cluster : clusters) {
    if (&cluster == &*home) continue;
    places.work = cluster.middle;
    break;
  }
  return places;
}

}  // namespace sudare::sim::attack
