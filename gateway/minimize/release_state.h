// One release of one source as the minimizer runs it: its rules, made ready, and what they
// remember.
#pragma once

#include <memory>
#include <string>

#include "gateway/minimize/aggregate.h"
#include "gateway/minimize/position_tracker.h"
#include "gateway/minimize/rate.h"
#include "gateway/minimize/rules.h"
#include "gateway/store/store.h"

namespace sudare {

// Not thread-safe. Keeps references to the plans; not movable once made.
struct ReleaseState {
  // `name`: tells this release from all others of a policy, and finds it again in the next one.
  ReleaseState(const SourcePlan& source, const ReleasePlan& plan, std::string name);

  // The state of the same release under the policy before.
  void carry_over(const ReleaseState& previous);

  // As Minimizer::take_changes(). `key`: for cells.
  void take_changes(const SecretBytes<32>& key, bool cells, std::vector<StateEntry>& out);
  // One entry that take_changes() made before a restart; others are ignored.
  void restore(const StateEntry& entry);

  std::string name;
  Rules rules;
  RateLimit rate;
  PositionTracker positions;
  std::unique_ptr<Aggregate> aggregate;  // where the plan has one
  bool aggregate_changed = false;
  bool at_once = false;  // this is another's `coarse`
  // What goes out at once while the fine position waits (HoldBack::at_once).
  std::unique_ptr<ReleasePlan> coarse_plan;
  std::unique_ptr<ReleaseState> coarse;
};

// StateEntry::module of everything here.
inline constexpr Literal kMinimizeModule = "minimize";

}  // namespace sudare
