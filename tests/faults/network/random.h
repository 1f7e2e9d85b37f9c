// Everything random in a run follows from one of these.
#pragma once

#include <cstdint>
#include <random>

namespace sudare::faults {

using Random = std::mt19937_64;

inline std::uint64_t between(Random& random, std::uint64_t least, std::uint64_t most) {
  return std::uniform_int_distribution<std::uint64_t>(least, most)(random);
}

inline Random random_of(std::uint64_t seed, std::uint64_t run) {
  std::seed_seq both{seed, run};
  return Random(both);
}

}  // namespace sudare::faults
