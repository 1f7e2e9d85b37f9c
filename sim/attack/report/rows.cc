#include "sim/attack/report/rows.h"

#include <algorithm>

#include "sim/page/text.h"

namespace sudare::sim::attack {

std::vector<std::string> goal_subjects(const Report& report) {
  std::vector<std::string> all;
  for (const Subject& subject : report.subjects) all.push_back(subject.name);
  for (const Goal& goal : report.goals) all.push_back(goal.subject);
  return distinct(all, [](const std::string& name) { return name; });
}

std::vector<std::string> goal_networks(const Report& report) {
  auto networks = distinct(report.goals, [](const Goal& goal) { return goal.network; });
  std::erase(networks, "");
  if (networks.empty()) networks.emplace_back("measured");
  return networks;
}

std::vector<const Goal*> goals_in(const GoalRow& row, const std::vector<std::string>& networks,
                                  std::size_t column) {
  std::vector<const Goal*> goals;
  for (const Goal* goal : row.goals) {
    const bool of_none = goal->network.empty() && column == 0;
    if (of_none || goal->network == networks[column]) goals.push_back(goal);
  }
  return goals;
}

std::vector<GoalRow> goal_rows(const Report& report, const std::string& subject) {
  std::vector<GoalRow> rows;
  for (const Goal& goal : report.goals) {
    if (goal.subject != subject) continue;
    auto row = std::find_if(rows.begin(), rows.end(), [&](const GoalRow& other) {
      return other.name == goal.name && other.target == goal.target;
    });
    if (row == rows.end()) row = rows.insert(rows.end(), GoalRow{goal.name, goal.target, {}});
    row->goals.push_back(&goal);
  }
  return rows;
}

std::vector<std::string> control_networks(const Report& report) {
  return distinct(report.controls, [](const Control& control) { return control.network; });
}

const Control* control_of(const Report& report, const std::string& name,
                          const std::string& network) {
  for (const Control& control : report.controls) {
    if (control.name == name && control.network == network) return &control;
  }
  return nullptr;
}

std::vector<std::string> metric_networks(const Metrics& metrics) {
  return distinct(metrics, [](const Metric& metric) { return metric.network; });
}

std::vector<std::string> metric_subjects(const Metrics& metrics) {
  return distinct(metrics, [](const Metric& metric) { return metric.subject; });
}

std::vector<std::string> metric_names(const Metrics& metrics, const std::string& subject) {
  std::vector<Metric> of_subject;
  for (const Metric& metric : metrics) {
    if (metric.subject == subject) of_subject.push_back(metric);
  }
  return distinct(of_subject, [](const Metric& metric) { return metric.name; });
}

std::string metric_text(const Metrics& metrics, const std::string& subject, const std::string& name,
                        const std::string& network) {
  for (const Metric& metric : metrics) {
    if (metric.subject == subject && metric.name == name && metric.network == network) {
      return with_unit(metric.value, metric.unit);
    }
  }
  return "–";
}

}  // namespace sudare::sim::attack
