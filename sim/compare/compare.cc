#include "sim/compare/compare.h"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "sim/compare/leaks.h"

namespace sudare::sim {

namespace {

// What makes two records the same.
using Key = std::tuple<std::string, std::string, std::int64_t, std::string>;

class Keys {
 public:
  Keys(const std::vector<ExpectedRecord>& expected, const Policy& policy) {
    for (const PurposePlan& purpose : policy.purposes) {
      if (has_field_pseudonyms(policy, purpose.name)) masked_.insert(purpose.name);
    }
    for (const ExpectedRecord& record : expected) {
      if (record.time_of_receipt) timeless_.insert(record.topic);
    }
  }

  template <class Record>
  [[nodiscard]] Key of(const Record& record) const {
    return {record.purpose, record.topic, timeless_.contains(record.topic) ? 0 : record.time_ms,
            masked_.contains(record.purpose) ? without_pseudonyms(record.payload) : record.payload};
  }

 private:
  std::set<std::string> masked_;    // purposes whose records hold field pseudonyms
  std::set<std::string> timeless_;  // topics whose records carry the time of receipt
};

}  // namespace

bool Comparison::clean() const {
  return std::all_of(purposes.begin(), purposes.end(), [](const auto& entry) {
    const PurposeComparison& counts = entry.second;
    return counts.lost == 0 && counts.duplicated == 0 && counts.altered == 0 &&
           counts.identifiers == 0 && counts.positions == 0;
  });
}

Comparison compare(const Truth& truth, const std::vector<OpenedRecord>& opened,
                   const Policy& policy, const std::string& consent_topic) {
  return compare(truth, expected_records(truth, policy, consent_topic), opened, policy);
}

Comparison compare(const Truth& truth, const std::vector<ExpectedRecord>& expected,
                   const std::vector<OpenedRecord>& opened, const Policy& policy) {
  Comparison result;
  const Keys keys(expected, policy);
  struct Times {
    std::uint64_t expected = 0;
    std::uint64_t opened = 0;
  };
  std::map<Key, Times> times;
  for (const PurposePlan& purpose : policy.purposes) result.purposes[purpose.name];
  for (const ExpectedRecord& record : expected) {
    ++times[keys.of(record)].expected;
    ++result.purposes[record.purpose].expected;
  }
  for (const OpenedRecord& record : opened) {
    ++times[keys.of(record)].opened;
    PurposeComparison& counts = result.purposes[record.purpose];
    ++counts.opened;
    if (record.verified == "member" || record.verified == "self") ++counts.verified;
  }
  for (const auto& [key, count] : times) {
    PurposeComparison& counts = result.purposes[std::get<0>(key)];
    if (count.expected > count.opened) counts.lost += count.expected - count.opened;
    if (count.opened > count.expected) {
      (count.expected > 0 ? counts.duplicated : counts.altered) += count.opened - count.expected;
    }
  }
  for (auto& [purpose, counts] : result.purposes) {
    const Leaks leaks = leaks_of(truth, opened, policy, purpose);
    counts.identifiers = leaks.identifiers;
    counts.positions = leaks.positions;
  }
  result.unacknowledged = static_cast<std::uint64_t>(
      std::count_if(truth.messages.begin(), truth.messages.end(),
                    [](const TruthMessage& message) { return !message.acknowledged; }));
  return result;
}

std::vector<Match> match_records(const std::vector<ExpectedRecord>& expected,
                                 const std::vector<OpenedRecord>& opened, const Policy& policy) {
  const Keys keys(expected, policy);
  std::map<Key, std::deque<std::size_t>> waiting;
  for (std::size_t i = 0; i < expected.size(); ++i) waiting[keys.of(expected[i])].push_back(i);
  std::vector<Match> matches;
  for (std::size_t i = 0; i < opened.size(); ++i) {
    const auto found = waiting.find(keys.of(opened[i]));
    if (found == waiting.end() || found->second.empty()) continue;
    matches.push_back({found->second.front(), i});
    found->second.pop_front();
  }
  return matches;
}

}  // namespace sudare::sim
