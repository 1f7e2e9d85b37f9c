// Random numbers that are the same on every machine for the same seed. The engine is the standard's
// (its output is fixed), the distributions are our own: the standard library's may differ.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>

namespace sudare::sim {

// Not thread-safe. Not for keys: whoever knows the seed knows every number.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Independent of how many numbers the parent draws later: parts that get a fork each do not
  // disturb one another when one of them changes.
  [[nodiscard]] Random fork() { return Random(engine_()); }

  [[nodiscard]] std::uint64_t bits() { return engine_(); }
  // [0, 1)
  [[nodiscard]] double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  [[nodiscard]] double between(double low, double high) { return low + (high - low) * unit(); }
  // 0 … count - 1; count > 0. The bias of the modulus is below 2^-32 for the counts used here.
  [[nodiscard]] std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(engine_() % count);
  }
  [[nodiscard]] bool chance(double probability) { return unit() < probability; }
  // Mean 0, standard deviation 1 (Box and Muller).
  [[nodiscard]] double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - unit()));
    return radius * std::cos(2.0 * std::numbers::pi * unit());
  }
  // How often something that happens `mean` times on average happens (Knuth; mean below 30).
  [[nodiscard]] int poisson(double mean) {
    const double limit = std::exp(-mean);
    int count = 0;
    for (double product = unit(); product > limit; product *= unit()) ++count;
    return count;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sudare::sim
