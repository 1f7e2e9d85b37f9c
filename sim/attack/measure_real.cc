#include "sim/attack/measure_real.h"

#include <utility>

#include "sim/attack/attackers/goals.h"
#include "sim/attack/world/recorded.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

constexpr DataSet kDataSets[] = {DataSet::kUci354, DataSet::kEnvirocarMunster,
                                 DataSet::kEnvirocarAll};
static_assert(std::size(kDataSets) == kRealDataSets);
// Recordings have one fix in some seconds: all of them count.
constexpr std::int64_t kEveryFixMs = 1;
constexpr std::int64_t kHourMs = 3'600'000;

// Where the traces are from, summer time left aside: an attacker knows the country.
std::int64_t local_offset_ms(DataSet data_set) {
  return data_set == DataSet::kUci354 ? -3 * kHourMs : kHourMs;
}

double best_250m(const Fleet& fleet, Knowledge knowledge, std::int64_t offset_ms, const Run& run) {
  knowledge.local_offset_ms = offset_ms;
  HomeOptions options;
  options.seed = run.options.seed;
  return attack_homes(fleet, knowledge, options).best.within_250m;
}

void not_run(DataSet data_set, const Subjects& subjects, Run& run) {
  for (const Tested& tested : subjects.tested) {
    RealTraces row;
    row.data_set = name_of(data_set);
    row.subject = tested.subject.name;
    row.not_run = "its files are not here (SUDARE_FIXTURES)";
    run.report.real_traces.push_back(std::move(row));
  }
}

Parsed<Done> measure(const World& world, DataSet data_set, const Subjects& subjects, Run& run) {
  const std::int64_t offset_ms = local_offset_ms(data_set);
  const auto raw = release_naive(world, Mechanism::kRaw, kEveryFixMs, release_options(run));
  if (!raw) return stopped();
  const double raw_250m = best_250m(raw->fleet, knowledge_of(Mechanism::kRaw), offset_ms, run);
  for (const Tested& tested : subjects.tested) {
    if (tested.hazards) continue;  // recordings have none
    const auto released = release(world, *tested.policy, tested.purpose, release_options(run));
    if (!released || stop_requested()) return stopped();
    RealTraces row;
    row.data_set = world.name();
    row.subject = tested.subject.name;
    row.users = world.cars();
    row.raw_250m = raw_250m;
    row.released_250m = best_250m(released->fleet, tested.access.knowledge, offset_ms, run);
    row.target_250m = kHome250mMost;
    row.pass = row.released_250m <= row.target_250m;
    run.report.real_traces.push_back(std::move(row));
  }
  return Done{};
}

}  // namespace

Parsed<Done> measure_real_traces(const Subjects& subjects, Run& run) {
  const auto fixtures = fixtures_folder();
  for (const DataSet data_set : kDataSets) {
    run.steps.begin("real traces: " + std::string(name_of(data_set)), kRealWeight);
    if (!fixtures) {
      not_run(data_set, subjects, run);
      continue;
    }
    auto world = real_world(data_set, *fixtures);
    if (!world) return tl::unexpected<InputError>(world.error());
    if (*world == nullptr) {
      not_run(data_set, subjects, run);
      continue;
    }
    if (auto done = measure(**world, data_set, subjects, run); !done) return done;
  }
  return Done{};
}

}  // namespace sudare::sim::attack
