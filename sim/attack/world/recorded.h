// Worlds made of recordings: real traces of the fixtures, and what SUMO simulated. Their truth is
// what the recordings say themselves: the home of a car is the place that most of its trips end at
// (ends within 100 m are one place), first of all where days begin and end; work is the second.
//
// Real traces are real people's: publish aggregates, never a place, a time or a track.
#pragma once

#include <cstdint>
#include <map>
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

// ${SUDARE_FIXTURES:-../shared/fixtures}; nothing where there is no such folder.
[[nodiscard]] std::optional<std::string> fixtures_folder();

// From `fixtures`/trajectories; null where the files aren't there (say "not run"). Only users with
// kTripEndsLeast starts and ends of trips. An error names file and line, no place.
[[nodiscard]] Parsed<std::unique_ptr<World>> real_world(DataSet data_set,
                                                        const std::string& fixtures);

// Cars from trips that name their vehicle; those that name none are one car's. Cars with fewer than
// `ends_least` starts and ends are left out; of trips that overlap the later one is. `name` is
// World::name().
[[nodiscard]] std::unique_ptr<World> recorded_world(const std::string& name,
                                                    std::vector<Trip> trips,
                                                    std::size_t ends_least);

// "track_id,user[,…]" with a header, as uci-354/track_user_map.csv: the user of each track.
[[nodiscard]] Parsed<std::map<std::string, std::string>> parse_user_map(const std::string& file,
                                                                        std::string_view text);

// Each vehicle of the file is a car, also one that drives once: its home is then where it starts.
[[nodiscard]] Parsed<std::unique_ptr<World>> sumo_world(const std::string& file,
                                                        const FcdOptions& options);

}  // namespace sudare::sim::attack
