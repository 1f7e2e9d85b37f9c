// Learning where home lies from cars whose home is known: ridge regression, or the mean of nearest
// neighbours, whichever does better on the cars that it is trained on (five parts in turn).
#pragma once

#include <cstddef>
#include <vector>

#include "sim/world/geometry.h"

namespace sudare::sim::attack {

struct Sample {
  std::vector<double> features;  // the same number in every sample; no NaN
  Point offset;                  // what is to be learned; of the own fold it isn't looked at
  std::size_t fold = 0;          // 0 or 1
};

// Offsets of every sample, learned from the samples of the other fold. Zero offsets where the other
// fold has fewer than 20 samples.
[[nodiscard]] std::vector<Point> regress_two_fold(const std::vector<Sample>& samples);

}  // namespace sudare::sim::attack
