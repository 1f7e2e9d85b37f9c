// Worlds made of recordings: real traces of the fixtures, and what SUMO simulated. Their truth is
// what the recordings say themselves: the home of a car is the place that most of its trips end at
// (ends within 100 m are one place; of nights, where there are any), work the second.
//
// Real traces are real people's: publish aggregates, never a place, a time or a track.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/attack/world/world.h"
#include "sim/error.h"
#include "sim/trip/sumo_fcd.h"

namespace sudare::sim::attack {

enum class DataSet : std::uint8_t { kUci354, kEnvirocarMunster, kEnvirocarAll };
[[nodiscard]] std::string_view name_of(DataSet data_set);  // "uci-354", …

// Users with fewer say nothing about where they live.
inline constexpr std::size_t kTripEndsLeast = 6;

// From ${SUDARE_FIXTURES:-../shared/fixtures}/trajectories. Nothing: the files aren't there (say
// "not run"). Users with kTripEndsLeast trip ends only. An error names file and line, no place.
[[nodiscard]] Parsed<std::unique_ptr<World>> real_world(DataSet data_set,
                                                        const std::string& fixtures);

// The folder, or nothing where there is none.
[[nodiscard]] std::optional<std::string> fixtures_folder();

// Each vehicle of the file is a car. Vehicles that SUMO gives one trip have their start as home.
[[nodiscard]] Parsed<std::unique_ptr<World>> sumo_world(const std::string& file,
                                                        const FcdOptions& options);

}  // namespace sudare::sim::attack
