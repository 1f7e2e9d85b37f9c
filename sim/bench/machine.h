// Where a benchmark ran.
#pragma once

#include <filesystem>
#include <string>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

// `directory`: where the store lies.
[[nodiscard]] Machine this_machine(const std::filesystem::path& directory);

// Of the source tree in which this runs, "-changed" behind it where files differ; empty: none.
[[nodiscard]] std::string commit_here(const std::filesystem::path& directory);

}  // namespace sudare::sim::bench
