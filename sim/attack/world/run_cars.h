// A job per car on the cores there are; what each car gives, put together as a fleet.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "sim/attack/world/release.h"
#include "sim/random.h"

namespace sudare::sim::attack {

struct CarResult {
  CarTruth truth;
  std::vector<Track> tracks;
  std::vector<CipherEvent> ciphertexts;
  ReleaseCounts counts;
};

// Calls `car` once for each, from several threads; they must not depend on one another. The result
// doesn't depend on how many threads there are. Nothing: stop_requested(), which `car` may also
// look at.
[[nodiscard]] std::optional<Released> run_cars(
    const World& world, const ReleaseOptions& options,
    const std::function<CarResult(std::size_t car)>& car);

// The random numbers of one car, and of one use of it.
[[nodiscard]] Random random_of_car(std::uint64_t seed, std::size_t car);

// All days of a car. Nothing: stop_requested().
[[nodiscard]] std::optional<std::vector<Outing>> outings_of(const World& world, std::size_t car);

[[nodiscard]] CarTruth truth_of(const World& world, std::size_t car,
                                const std::vector<Outing>& outings);
[[nodiscard]] std::vector<Hazard> hazards_of(const std::vector<Outing>& outings);

// By released time; records of one time stay in the order given.
void sort_by_time(std::vector<Seen>& seen);

}  // namespace sudare::sim::attack
