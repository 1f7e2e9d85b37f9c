// Everything random of a fault follows from one seed and a run's number.
#pragma once

#include <cstdint>
#include <random>

namespace sudare::faults {

class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::uint64_t run = 0)
      : engine_(seed * 0x9e3779b97f4a7c15ULL + run) {}

  std::uint64_t number() { return engine_(); }
  // 0 … count - 1.
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }
  // Once in `of`.
  bool once_in(std::uint64_t of) { return below(of) == 0; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sudare::faults
