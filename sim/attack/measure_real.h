// Real traces: aggregates only, never a place, a time or a track.
#pragma once

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

inline constexpr double kRealWeight = 1;  // of one data set
inline constexpr std::size_t kRealDataSets = 3;

// Every data set against every subject; "not run" where its files are missing.
[[nodiscard]] Parsed<Done> measure_real_traces(const Subjects& subjects, Run& run);

}  // namespace sudare::sim::attack
