// Mechanisms that don't protect: negative controls for the attackers, and what people try first.
// They work on raw fixes, know the home where the mechanism needs it, and must never get into the
// gateway.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/attack/world/release.h"
#include "sim/attack/world/world.h"

namespace sudare::sim::attack {

// Their parameters, which an attacker knows.
inline constexpr double kCircleMeters = 500;
inline constexpr double kNoiseMeters = 200;  // mean displacement: 2 / ε
inline constexpr double kTrimMeters = 500;
inline constexpr double kRandomTrimLeastMeters = 300;
inline constexpr double kRandomTrimMostMeters = 1000;

enum class Mechanism : std::uint8_t {
  kRaw,
  kCentredCircle,       // nothing within kCircleMeters of the home
  kFreshNoise,          // planar Laplace, mean kNoiseMeters, drawn for each fix
  kFixedTrim,           // no first and last kTrimMeters of a trip, as driven
  kNoisePerTrip,        // one draw for all fixes of a trip
  kRoundThreeDecimals,  // about 100 m
  kRandomTrim,          // drawn for each end of a trip
  kMesh250,             // the centre of the cell of JIS X 0410
  kMesh500,
  // Hold-back of the 1 km cells of a trip's start and end, not of the 3 × 3 around them.
  kEndCellsOnly,
};

// privacy.md, "Negative controls are part of every run".
inline constexpr std::array kNegativeControls = {Mechanism::kRaw, Mechanism::kCentredCircle,
                                                 Mechanism::kFreshNoise, Mechanism::kFixedTrim};

[[nodiscard]] std::string_view name_of(Mechanism mechanism);  // "raw", "centred circle", …

// One fix in `interval_ms` (5 s: at 1 Hz a fleet's month takes 2 GB), under one identifier, exact
// time, speed and heading; arrives at once. Parked fixes are released too, but where a mechanism
// hides the ends of trips. `released_hazards` and ciphertexts stay empty. Nothing:
// stop_requested().
[[nodiscard]] std::optional<Released> release_naive(const World& world, Mechanism mechanism,
                                                    std::int64_t interval_ms,
                                                    const ReleaseOptions& options);

}  // namespace sudare::sim::attack
