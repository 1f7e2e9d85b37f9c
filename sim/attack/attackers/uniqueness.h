// Uniqueness of mobility traces (de Montjoye et al. 2013, "Unique in the Crowd"): how many released
// points single a vehicle out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/attack/data.h"

namespace sudare::sim::attack {

inline constexpr std::size_t kUniquenessPointsMax = 6;

struct UniquenessOptions {
  double place_meters = 1000;          // squares in which two records are at the same place
  std::int64_t bucket_ms = 3'600'000;  // and at the same time
  std::size_t draws = 2000;            // per p
  std::uint64_t seed = 1;
};

// [p - 1]: share of draws (a car, p of its distinct place-and-time pairs) that only this car has.
// Cars with fewer than p pairs are not drawn; 0 where none has enough.
[[nodiscard]] std::array<double, kUniquenessPointsMax> uniqueness(const Fleet& fleet,
                                                                  const UniquenessOptions& options);

}  // namespace sudare::sim::attack
