// Goals, controls and metrics as rows with a column per network, as page and terminal show them.
#pragma once

#include <string>
#include <vector>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// Names in the order in which `items` first have them.
template <class Items, class Name>
[[nodiscard]] std::vector<std::string> distinct(const Items& items, Name name) {
  std::vector<std::string> names;
  for (const auto& item : items) {
    bool known = false;
    for (const std::string& other : names) known = known || other == name(item);
    if (!known) names.push_back(name(item));
  }
  return names;
}

// Goals of one subject that differ in their network only.
struct GoalRow {
  std::string name;
  std::string target;
  std::vector<const Goal*> goals;
};

// The report's subjects in their order, then what else a goal names: no goal is left out.
[[nodiscard]] std::vector<std::string> goal_subjects(const Report& report);
// Without the empty name, of goals that are about no network.
[[nodiscard]] std::vector<std::string> goal_networks(const Report& report);
// Those of a row in the column of `networks[column]`; what is about no network is in the first.
[[nodiscard]] std::vector<const Goal*> goals_in(const GoalRow& row,
                                                const std::vector<std::string>& networks,
                                                std::size_t column);
// Pointers into `report`.
[[nodiscard]] std::vector<GoalRow> goal_rows(const Report& report, const std::string& subject);

[[nodiscard]] std::vector<std::string> control_networks(const Report& report);
// Null where there is none.
[[nodiscard]] const Control* control_of(const Report& report, const std::string& name,
                                        const std::string& network);

using Metrics = std::vector<Metric>;
[[nodiscard]] std::vector<std::string> metric_networks(const Metrics& metrics);
[[nodiscard]] std::vector<std::string> metric_subjects(const Metrics& metrics);
[[nodiscard]] std::vector<std::string> metric_names(const Metrics& metrics,
                                                    const std::string& subject);
// "12 m"; "–" where there is none.
[[nodiscard]] std::string metric_text(const Metrics& metrics, const std::string& subject,
                                      const std::string& name, const std::string& network);

}  // namespace sudare::sim::attack
