// Totals, means and extremes of numbers over a window of days, in place of a record per message:
// the insurer gets a distance and a score, not trips. One record per window, in the schema in which
// the messages came; it goes out with the first message after the window has ended.
//
// What is kept across restarts is as coarse as what is released: of a sum or mean the middle of an
// interval as wide as its step. The intervals' borders are shifted at random in each process
// (subtractive dither: Schuchman 1964), so that a restart errs by less than half a step and by
// nothing on average, also where every trip is shorter than the step. Who reads the disk after
// each trip learns of it what the released step tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/minimize/rules.h"

namespace sudare {

// One release's window. Not thread-safe.
class Aggregate {
 public:
  // Keeps references to what `rules` refers to. The plan has aggregate_days > 0.
  explicit Aggregate(const Rules& rules);

  // Adds the numbers of a record of event time `time_ms`. True: it began another window, and
  // `ended` holds what is released of the one before, which began at `ended_ms`. A record of an
  // earlier window, late or with a wrong clock, counts in the current one: going back must not make
  // a record per message of it.
  [[nodiscard]] bool add(std::int64_t time_ms, const RecordBody& kept, RecordBody& ended,
                         std::int64_t& ended_ms);

  // The same window under another policy, exactly.
  void carry_over(const Aggregate& previous);

  // The running totals for the store, coarsened, and back. restore() ignores what it does not know:
  // another version or length of window, fields that the policy no longer combines.
  [[nodiscard]] std::string save() const;
  void restore(std::string_view saved);

 private:
  struct Total {
    NodeIndex node = kRootNode;
    std::string name;  // in the store
    double value = 0;  // a sum, or the extreme
    std::uint64_t count = 0;
    double shift = 0;  // of the intervals, in steps: 0 to 1
  };

  void count(const Item& item);
  [[nodiscard]] double coarse(const Total& total) const;
  void write(NodeIndex node, RecordBody& out) const;
  void write_total(const Total& total, RecordBody& out) const;

  const SourcePlan& source_;
  const ReleasePlan& plan_;
  const std::vector<NodeRule>& nodes_;
  std::vector<Total> totals_;
  std::vector<std::int16_t> total_of_node_;  // -1: none
  std::vector<bool> on_the_way_;             // nodes above a total
  std::optional<std::int64_t> window_;       // its number since 1970
};

}  // namespace sudare
