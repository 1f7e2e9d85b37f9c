#include "tests/faults/network/story.h"

#include <algorithm>
#include <exception>

namespace sudare::faults {
namespace {

// A control for so many runs.
constexpr std::uint64_t kRunsPerControl = 20;
// A bridge that loses nothing in one run was lucky: the links here lose at random. One that loses
// nothing in so many is no control.
constexpr int kControlTriesMax = 4;

void run_gateway(const Story& story, std::uint64_t seed, std::uint64_t run, FaultResult& result) {
  const std::string where = "seed " + std::to_string(seed) + ", run " + std::to_string(run) + ": ";
  World world(story.options);
  Random random = random_of(seed, run);
  story.harm(world, random, run);
  if (!world.settle()) {
    result.found(where + std::to_string(world.arrived().size()) + " of " +
                 std::to_string(world.published()) + " arrived\n" + world.unit().log());
  }
  const World::End end = world.end();
  if (!end.wrong.empty()) result.found(where + end.wrong);
  if (end.lost > 0) result.found(where + std::to_string(end.lost) + " lost");
  result.acknowledged += end.acknowledged;
  result.lost += end.lost;
  result.plaintext += end.plaintext;
  result.duplicated += end.duplicated;
}

std::uint64_t run_control(const Story& story, std::uint64_t seed, std::uint64_t run) {
  WorldOptions options = story.options;
  options.bridge = true;
  options.unit.local_persistence = false;  // as Mosquitto comes
  World world(options);
  Random random = random_of(seed, run);
  story.harm(world, random, run);
  if (!world.settle()) return 0;
  return world.bridge_lost();
}

FaultResult run_story(const Story& story, const FaultOptions& options) {
  FaultResult result;
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    try {
      run_gateway(story, options.seed, run, result);
      ++result.runs;
      if (run % kRunsPerControl == 0) {
        for (int i = 0; i < kControlTriesMax; ++i) {
          const std::uint64_t lost = run_control(story, options.seed, run);
          result.control_lost += lost;
          ++result.control_runs;
          if (lost > 0) break;
        }
      }
    } catch (const std::exception& error) {
      result.found("seed " + std::to_string(options.seed) + ", run " + std::to_string(run) + ": " +
                   error.what());
    }
    if (options.progress) options.progress(run + 1);
  }
  return result;
}

}  // namespace

Fault fault_of(Story story) {
  Fault fault{story.name, story.what, story.short_runs, story.long_runs, {}};
  fault.run = [story = std::move(story)](const FaultOptions& options) {
    return run_story(story, options);
  };
  return fault;
}

}  // namespace sudare::faults
