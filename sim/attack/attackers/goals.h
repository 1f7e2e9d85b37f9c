// The goals of privacy.md ("Goals") as constants, and results turned into rows of a report. A row
// passes exactly where its value meets its constant.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/attack/attackers/home.h"
#include "sim/attack/attackers/identifiers.h"
#include "sim/attack/attackers/linkage.h"
#include "sim/attack/attackers/parked.h"
#include "sim/attack/attackers/poi.h"
#include "sim/attack/attackers/utility.h"
#include "sim/attack/report.h"

namespace sudare::sim::attack {

// Home, best attack, 30 days under one pseudonym, ring or mesh of 1 km.
inline constexpr double kHome100mMost = 0.05;
inline constexpr double kHome250mMost = 0.20;
inline constexpr double kHomeExcessMost = 0.02;
// The strict profile, 2 km.
inline constexpr double kStrictHome100mMost = 0.02;
inline constexpr double kStrictHome250mMost = 0.08;
inline constexpr double kStrictHome500mMost = 0.22;
inline constexpr double kFieldGainMost = 0.01;
inline constexpr std::size_t kParkedValuesMost = 1;
inline constexpr double kPoiF1Most = 0.05;
inline constexpr double kRawPoiF1Least = 0.9;
inline constexpr double kOvernightMost = 0.20;
inline constexpr double kOvernightCarsPerKm2 = 7;
inline constexpr double kArterialKept8kmLeast = 0.60;
inline constexpr double kArterialKept20kmLeast = 0.80;
inline constexpr double kHazardErrorMetersMost = 25;
inline constexpr double kHazardDelayMsMost = 180'000;
inline constexpr double kHazardCoarseMsMost = 5'000;
inline constexpr double kFixCostUsMost = 10;  // p99
// Negative controls: attackers that can't do this prove nothing.
inline constexpr double kControlRawLeast = 0.90;
inline constexpr double kControlCentredCircleLeast = 0.90;
inline constexpr double kControlFreshNoiseLeast = 0.90;
inline constexpr double kControlFixedTrimLeast = 0.60;

enum class Profile : std::uint8_t { kStandard, kStrict };
enum class NegativeControl : std::uint8_t { kRaw, kCentredCircle, kFreshNoise, kFixedTrim };

[[nodiscard]] std::vector<Goal> home_goals(const HomeResult& result, Profile profile,
                                           const std::string& network);
[[nodiscard]] std::vector<Goal> field_goals(const std::vector<FieldGain>& gains,
                                            const std::string& network);
[[nodiscard]] Goal parked_goal(const ParkedResult& result, const std::string& network);
[[nodiscard]] std::vector<Goal> poi_goals(const PoiScore& released, const PoiScore& raw,
                                          const std::string& network);
[[nodiscard]] Goal overnight_goal(const LinkResult& result, const std::string& network);
[[nodiscard]] std::vector<Goal> utility_goals(const Utility& utility, const std::string& network);
[[nodiscard]] std::vector<Goal> hazard_goals(const HazardResult& hazards,
                                             const std::string& network);
// What no road network changes: identifiers and exact positions outside seals.
struct LeakScan {
  std::uint64_t messages = 0;
  std::uint64_t batches = 0;  // that were sent
  std::uint64_t outside = 0;  // found in them, their topics or the unit's directory
  std::uint64_t control = 0;  // the same scan's finds in what the cars said
};
[[nodiscard]] Goal leak_goal(const LeakScan& scan);
// `control`: the same attack on keyless hashes, of which it must find all.
[[nodiscard]] Goal dictionary_goal(const DictionaryResult& result, const DictionaryResult& control);
[[nodiscard]] Goal cost_goal(double p99_us, std::size_t fixes);
[[nodiscard]] Control control_of(NegativeControl control, const HomeResult& result,
                                 const std::string& network);

}  // namespace sudare::sim::attack
