#include "sim/attack/world/run_cars.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

// More are no faster: each holds a car's month, 15 MB.
constexpr std::size_t kThreadsMax = 64;

std::size_t threads_of(const ReleaseOptions& options, std::size_t cars) {
  const std::size_t wanted =
      options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(wanted, 1, std::clamp<std::size_t>(cars, 1, kThreadsMax));
}

Released put_together(const World& world, const ReleaseOptions& options,
                      std::vector<CarResult> cars) {
  Released all;
  all.fleet.name = world.name();
  all.fleet.origin = world.origin();
  all.fleet.network = world.network();
  for (CarResult& car : cars) {
    all.fleet.truth.push_back(std::move(car.truth));
    std::move(car.tracks.begin(), car.tracks.end(), std::back_inserter(all.fleet.tracks));
    all.ciphertexts.push_back(std::move(car.ciphertexts));
    all.counts.messages += car.counts.messages;
    all.counts.released += car.counts.released;
    all.counts.rejected += car.counts.rejected;
    all.counts.unreadable += car.counts.unreadable;
  }
  // Else their order would tell the cars.
  Random random(options.seed);
  auto& tracks = all.fleet.tracks;
  for (std::size_t i = tracks.size(); i > 1; --i) std::swap(tracks[i - 1], tracks[random.below(i)]);
  return all;
}

}  // namespace

std::optional<Released> run_cars(const World& world, const ReleaseOptions& options,
                                 const std::function<CarResult(std::size_t car)>& car) {
  const std::size_t total = world.cars();
  std::vector<CarResult> results(total);
  std::atomic<std::size_t> next{0};
  std::mutex reporting;
  std::size_t done = 0;
  const auto work = [&] {
    for (;;) {
      const std::size_t index = next++;
      if (index >= total || stop_requested()) return;
      results[index] = car(index);
      const std::lock_guard lock(reporting);
      ++done;
      if (options.progress) options.progress(done, total);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < threads_of(options, total); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (stop_requested()) return std::nullopt;
  return put_together(world, options, std::move(results));
}

Random random_of_car(std::uint64_t seed, std::size_t car) {
  // splitmix64's constant: neighbouring cars get seeds that lie far apart.
  return Random(seed ^ (static_cast<std::uint64_t>(car) + 1) * 0x9E3779B97F4A7C15U);
}

std::optional<std::vector<Outing>> outings_of(const World& world, std::size_t car) {
  std::vector<Outing> outings;
  const auto days = world.days(car);
  Outing outing;
  while (days->next(outing)) {
    if (stop_requested()) return std::nullopt;
    outings.push_back(std::move(outing));
    outing = Outing();
  }
  return outings;
}

CarTruth truth_of(const World& world, std::size_t car, const std::vector<Outing>& outings) {
  CarTruth truth;
  truth.home = world.home(car);
  truth.work = world.work(car);
  for (const Outing& outing : outings) {
    truth.trips.push_back(outing.driven);
    truth.stays.push_back(outing.stay);
  }
  return truth;
}

std::vector<Hazard> hazards_of(const std::vector<Outing>& outings) {
  std::vector<Hazard> hazards;
  for (const Outing& outing : outings) {
    for (const HarshEvent& event : outing.trip.events) {
      const Fix& fix = outing.trip.fixes[event.fix];
      hazards.push_back({fix.time_ms, fix.place});
    }
  }
  std::stable_sort(hazards.begin(), hazards.end(),
                   [](const Hazard& a, const Hazard& b) { return a.time_ms < b.time_ms; });
  return hazards;
}

void sort_by_time(std::vector<Seen>& seen) {
  std::stable_sort(seen.begin(), seen.end(),
                   [](const Seen& a, const Seen& b) { return a.time_ms < b.time_ms; });
}

}  // namespace sudare::sim::attack
