// What `sudare-sim attack` is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/attack/world/world.h"

namespace sudare::sim::attack {

inline constexpr std::size_t kCarsLeast = 20;  // fewer prove nothing
// Below it a control's share has a standard deviation of more than 2 points: judged with allowance.
inline constexpr std::size_t kCarsToJudgeBy = 200;

struct AttackOptions {
  std::string policy;                        // file; empty: the shipped one and the mechanisms
  std::vector<std::string> descriptor_sets;  // of the policy's own schemas
  std::string purpose;                       // of the policy; empty: all that receive positions
  std::vector<WorldKind> networks = {WorldKind::kGrid, WorldKind::kTown, WorldKind::kRural};
  std::size_t cars = 400;
  std::size_t days = 30;
  std::uint64_t seed = 1;
  std::uint64_t messages =
      10'000'000;           // of whole cars, looked through for leaks: privacy.md's goal
  std::size_t threads = 0;  // 0: as many as there are cores
  std::vector<std::string> fcd;
  bool real_traces = true;
  bool reduced = false;  // said in the report
};

// "grid"; for messages before there is a World.
[[nodiscard]] inline const char* name_of(WorldKind kind) {
  switch (kind) {
    case WorldKind::kGrid: return "grid";
    case WorldKind::kTown: return "town";
    case WorldKind::kRural: break;
  }
  return "rural";
}

}  // namespace sudare::sim::attack
