#include "gateway/minimize/release_state.h"

#include <utility>

namespace sudare {
namespace {

// Only a cell that has left the car is remembered on disk. What waits may never leave.
bool remembers_cells(const ReleasePlan& plan) {
  return !plan.hold_back && (plan.on_move || plan.cell != v1::EXACT);
}

std::string cell_name(const std::string& release, const PositionGroup& group) {
  return "cell/" + release + group.path;
}

std::string total_name(const std::string& release) { return "total/" + release; }

}  // namespace

ReleaseState::ReleaseState(const SourcePlan& source, const ReleasePlan& plan,
                           std::string release_name)
    : name(std::move(release_name)), rules(source, plan), positions(rules) {
  if (plan.aggregate_days > 0) aggregate = std::make_unique<Aggregate>(rules);
  if (!plan.hold_back || plan.hold_back.at_once == v1::CELL_UNSPECIFIED) return;
  coarse_plan = std::make_unique<ReleasePlan>(plan);
  coarse_plan->cell = plan.hold_back.at_once;
  coarse_plan->hold_back = {};
  coarse = std::make_unique<ReleaseState>(source, *coarse_plan, name + "/at-once");
  coarse->at_once = true;
}

void ReleaseState::carry_over(const ReleaseState& previous) {
  rate = previous.rate;
  // What waits is given up where a policy changes, and with it what was counted as released.
  if (!rules.plan.hold_back && rules.plan.cell == previous.rules.plan.cell) {
    positions.carry_over(rules, previous.positions, previous.rules);
  }
  if (aggregate && previous.aggregate) {
    aggregate->carry_over(*previous.aggregate);
    aggregate_changed = true;
  }
  if (coarse && previous.coarse) coarse->carry_over(*previous.coarse);
}

void ReleaseState::take_changes(const SecretBytes<32>& key, bool cells,
                                std::vector<StateEntry>& out) {
  if (cells && remembers_cells(rules.plan)) {
    for (std::size_t group = 0; group < rules.groups.size(); ++group) {
      const auto cell = positions.take_released(group);
      if (!cell) continue;
      const std::string key_of_group = cell_name(name, rules.groups[group]);
      const CellTag tag = tag_of(key, key_of_group, *cell);
      out.push_back({kMinimizeModule, key_of_group, std::string(tag.begin(), tag.end())});
    }
  }
  if (aggregate && std::exchange(aggregate_changed, false)) {
    out.push_back({kMinimizeModule, total_name(name), aggregate->save()});
  }
  if (coarse) coarse->take_changes(key, cells, out);
}

void ReleaseState::restore(const StateEntry& entry) {
  for (std::size_t group = 0; group < rules.groups.size(); ++group) {
    const std::string key_of_group = cell_name(name, rules.groups[group]);
    if (entry.key == key_of_group && remembers_cells(rules.plan)) {
      positions.restore(group, key_of_group, entry.value);
    }
  }
  if (aggregate && entry.key == total_name(name)) aggregate->restore(entry.value);
  if (coarse) coarse->restore(entry);
}

}  // namespace sudare
