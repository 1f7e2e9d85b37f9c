#include "sim/attack/report/table.h"

#include <algorithm>

#include "sim/attack/report/outcome.h"
#include "sim/attack/report/rows.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

// Aligned by the widest of each column: the first ones to the left, the rest to the right.
class Grid {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& cells : rows_) {
      if (widths.size() < cells.size()) widths.resize(cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        widths[i] = std::max(widths[i], columns(cells[i]));
      }
    }
    std::string result;
    for (const auto& cells : rows_) {
      std::string line = " ";
      for (std::size_t i = 0; i < cells.size(); ++i) {
        line += (i == 0 ? " " : "  ") +
                (i < left_columns_ ? left(cells[i], widths[i]) : right(cells[i], widths[i]));
      }
      result += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return result;
  }
  explicit Grid(std::size_t left_columns) : left_columns_(left_columns) {}

 private:
  std::size_t left_columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string cell_of(const std::vector<const Goal*>& goals) {
  std::string text;
  for (const Goal* goal : goals) {
    text += (text.empty() ? "" : ", ") + goal->measured + (goal->pass ? " met   " : " MISSED");
  }
  return text.empty() ? "–       " : text;
}

// Of a subject without goals.
std::string why_not(const Report& report, const std::string& name) {
  for (const Subject& subject : report.subjects) {
    if (subject.name != name) continue;
    return "  " + (subject.positions ? subject.description : "receives no position") + "\n";
  }
  return "";
}

std::string goals_table(const Report& report) {
  std::string text;
  const auto networks = goal_networks(report);
  for (const std::string& subject : goal_subjects(report)) {
    Grid grid(1);
    std::vector<std::string> head = {"goal", "target"};
    for (const std::string& network : networks) head.push_back(network + "       ");
    grid.row(head);
    std::string notes;
    const auto rows = goal_rows(report, subject);
    for (const GoalRow& row : rows) {
      std::vector<std::string> cells = {row.name, row.target};
      for (std::size_t i = 0; i < networks.size(); ++i) {
        cells.push_back(cell_of(goals_in(row, networks, i)));
      }
      grid.row(cells);
      for (const Goal* goal : row.goals) {
        if (goal->pass || goal->note.empty()) continue;
        notes += "  " + goal->name + (goal->network.empty() ? "" : ", " + goal->network) + ": " +
                 goal->note + "\n";
      }
    }
    text += "\n" + subject + "\n\n" + (rows.empty() ? why_not(report, subject) : grid.text());
    if (!notes.empty()) text += "\n" + notes;
  }
  return text;
}

std::string controls_table(const Report& report) {
  Grid grid(1);
  const auto networks = control_networks(report);
  std::vector<std::string> head = {"mechanism", "at least"};
  for (const std::string& network : networks) head.push_back(network + "           ");
  grid.row(head);
  for (const std::string& name :
       distinct(report.controls, [](const Control& control) { return control.name; })) {
    std::string least;
    std::vector<std::string> shares;
    for (const std::string& network : networks) {
      const Control* control = control_of(report, name, network);
      if (control != nullptr) least = percent(control->at_least);
      shares.push_back(control == nullptr ? "–           "
                                          : percent(control->share_100m) +
                                                (control->broken ? " broken    " : " NOT BROKEN"));
    }
    shares.insert(shares.begin(), {name, least});
    grid.row(shares);
  }
  return "\nNegative controls: homes placed within 100 m, as the attackers must\n\n" + grid.text();
}

std::string metrics_table(const std::string& title, const Metrics& metrics) {
  if (metrics.empty()) return "";
  std::string text = "\n" + title + "\n";
  const auto networks = metric_networks(metrics);
  for (const std::string& subject : metric_subjects(metrics)) {
    Grid grid(1);
    std::vector<std::string> head = {subject};
    head.insert(head.end(), networks.begin(), networks.end());
    grid.row(head);
    for (const std::string& name : metric_names(metrics, subject)) {
      std::vector<std::string> cells = {name};
      for (const std::string& network : networks) {
        cells.push_back(metric_text(metrics, subject, name, network));
      }
      grid.row(cells);
    }
    text += "\n" + grid.text();
  }
  return text;
}

std::string traces_table(const Report& report) {
  if (report.real_traces.empty()) return "";
  Grid grid(2);
  grid.row({"data set", "subject", "drivers", "raw", "released", "target", ""});
  for (const RealTraces& traces : report.real_traces) {
    if (!traces.not_run.empty()) {
      grid.row({traces.data_set, traces.subject, "not run: " + traces.not_run});
      continue;
    }
    grid.row({traces.data_set, traces.subject, std::to_string(traces.users),
              percent(traces.raw_250m), percent(traces.released_250m),
              "≤ " + percent(traces.target_250m), traces.pass ? "met" : "MISSED"});
  }
  return "\nReal traces: main places found within 250 m\n\n" + grid.text();
}

std::string verdict(const Report& report) {
  const Tally goals = goals_met(report);
  const Tally controls = controls_broken(report);
  const std::string counts = std::to_string(goals.met) + " of " + std::to_string(goals.total) +
                             " goals met, " + std::to_string(controls.met) + " of " +
                             std::to_string(controls.total) + " controls broken.";
  switch (outcome(report)) {
    case Outcome::kMet: return counts + "\n";
    case Outcome::kMissed: return counts + " Goals are missed.\n";
    case Outcome::kWeakAttackers: break;
  }
  return counts + " A weak attacker proves nothing: the goals above say nothing.\n";
}

}  // namespace

std::string to_table(const Report& report) {
  std::string text = std::to_string(report.cars) + " simulated cars per network, " +
                     std::to_string(report.days) + " days, seed " + std::to_string(report.seed) +
                     "; took " + seconds(report.took_seconds) + ".\n";
  if (report.reduced) text += "A reduced run: chance moves these figures by several points.\n";
  return text + goals_table(report) + controls_table(report) +
         metrics_table("Other attacks", report.other_attacks) +
         metrics_table("What is left for the service", report.utility) + traces_table(report) +
         "\n" + verdict(report);
}

}  // namespace sudare::sim::attack
