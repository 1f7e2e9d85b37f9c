// What came, counted and compared: the second half of judge.h.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "fleet/audit/audit.h"
#include "sim/compare/leaks.h"
#include "sim/judge/judge.h"

namespace sudare::sim {

namespace {

using BySequence = std::unordered_map<std::uint64_t, const TruthMessage*>;

BySequence by_sequence(const Truth& truth) {
  BySequence found;
  for (const TruthMessage& message : truth.messages) found[message.sequence] = &message;
  return found;
}

// How the policy releases times of receipt of a topic to a purpose; nothing where it does not.
std::optional<std::uint32_t> receipt_bucket(const Policy& policy, const std::string& topic,
                                            const std::string& purpose) {
  const SourcePlan* const source = find_source(policy, topic);
  if (source == nullptr || source->time_node != kNoNode) return std::nullopt;
  for (const ReleasePlan& release : source->releases) {
    if (policy.purposes[release.purpose].name != purpose || release.aggregate_days > 0) continue;
    if (release.exact_time) return 1;
    if (release.bucket_ms > 0) return release.bucket_ms;
  }
  return std::nullopt;
}

// `sorted`, not empty; the nearest rank.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  return sorted[(sorted.size() * percent + 99) / 100 - 1];
}

}  // namespace

bool Judgement::clean() const {
  return std::all_of(purposes.begin(), purposes.end(), [](const auto& entry) {
    const PurposeJudgement& one = entry.second;
    if (one.raw_identifiers + one.raw_positions > 0) return false;
    if (one.unopened + one.gaps + one.forks > 0) return false;
    if (!one.compared) return true;
    Comparison compared;
    compared.purposes[entry.first] = *one.compared;
    return compared.clean();
  });
}

// The unit's own pseudonyms are those under which something came that was expected.
void Judge::leave_out_others(const std::vector<ExpectedRecord>& expected, Judgement& result) {
  using Sender = std::pair<std::string, std::string>;
  const auto sender = [&](std::size_t batch) {
    return Sender{openings_->batches()[batch].purpose, openings_->batches()[batch].pseudonym};
  };
  std::set<Sender> others;
  for (std::size_t i = 0; i < openings_->batches().size(); ++i) {
    if (!sender(i).second.empty()) others.insert(sender(i));
  }
  for (const Match& match : match_records(expected, openings_->records(), *policy_)) {
    const Sender own = sender(openings_->batch_of(match.opened));
    others.erase(own);
    own_.insert(own.second);
  }
  result.other_units = openings_->leave_out(others);
}

void Judge::count(Judgement& result) const {
  if (policy_ != nullptr) {
    for (const PurposePlan& plan : policy_->purposes) result.purposes[plan.name];
  }
  for (const auto& [purpose, openings] : openings_->purposes()) {
    PurposeJudgement& one = result.purposes[purpose];
    const ReceiverCounts& counts = openings.receiver.counts();
    one.batches = openings.batches;
    one.bytes = openings.bytes;
    one.other_policy = openings.other_policy;
    one.chunks = openings.chunks;
    one.unopened = counts.failed;
    if (has_key(purpose) && !options_.shared_cloud) one.unopened += openings.no_key;
    one.told_lost = counts.evicted + counts.expired + counts.quarantined + counts.withdrawn;
    one.opened = counts.batches > 0;
    const auto is_own = [&](const std::string& pseudonym) {
      return !options_.shared_cloud || own_.contains(pseudonym);
    };
    for (const Gap& gap : openings.receiver.gaps()) {
      // Below the first number that came lies what the unit sent before this run.
      if (gap.first > 0 && is_own(gap.pseudonym)) one.gaps += gap.count;
    }
    for (const Fork& fork : openings.receiver.forks()) one.forks += is_own(fork.pseudonym) ? 1 : 0;
  }
  for (auto& [purpose, one] : result.purposes) one.opened = one.opened || has_key(purpose);
}

void Judge::compare_records(const Truth& truth, Judgement& result) {
  const BySequence messages = by_sequence(truth);
  std::vector<ExpectedRecord> expectation = expected(truth);
  std::vector<Match> matches = match_records(expectation, openings_->records(), *policy_);
  std::vector<ReceiptTime> times;
  for (const ExpectedRecord& record : expectation) {
    if (receipt_bucket(*policy_, messages.at(record.sequence)->topic, record.purpose)) {
      result.clock_measurable = true;
    }
  }
  for (const Match& match : matches) {
    const ExpectedRecord& record = expectation[match.expected];
    const TruthMessage& message = *messages.at(record.sequence);
    const auto bucket = receipt_bucket(*policy_, message.topic, record.purpose);
    if (!bucket) continue;
    times.push_back({openings_->records()[match.opened].time_ms, *bucket, message.sent_ms,
                     openings_->batches()[openings_->batch_of(match.opened)].arrived_ms});
  }
  result.clock = clock_offset(times);
  if (result.clock->records > 0 && result.clock->consistent) {
    // Rates and buckets of what has no time of its own go by the unit's clock.
    Truth by_unit = truth;
    for (TruthMessage& message : by_unit.messages) message.sent_ms += result.clock->estimate_ms;
    expectation = expected(by_unit);
    matches = match_records(expectation, openings_->records(), *policy_);
  }
  Comparison compared = compare(truth, expectation, openings_->records(), *policy_);
  for (auto& [purpose, counts] : compared.purposes) {
    if (counts.opened > 0 || has_key(purpose)) result.purposes[purpose].compared = counts;
  }
  pick_examples(expectation, matches, result);
  measure_latency(truth, expectation, matches, result);
}

void Judge::pick_examples(const std::vector<ExpectedRecord>& expected,
                          const std::vector<Match>& matches, Judgement& result) const {
  const std::vector<OpenedRecord>& opened = openings_->records();
  std::vector<bool> came(expected.size());
  std::vector<bool> due(opened.size());
  for (const Match& match : matches) came[match.expected] = due[match.opened] = true;
  const auto add = [](std::vector<std::string>& examples, std::string text) {
    if (examples.size() < kExamplesMax) examples.push_back(std::move(text));
  };
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (came[i]) continue;
    add(result.purposes[expected[i].purpose].lost_examples,
        "message " + std::to_string(expected[i].sequence) + ", " + expected[i].topic);
  }
  for (std::size_t i = 0; i < opened.size(); ++i) {
    if (due[i]) continue;
    add(result.purposes[opened[i].purpose].unexpected_examples,
        opened[i].topic + " of " + std::to_string(opened[i].time_ms) + " ms");
  }
}

void Judge::measure_latency(const Truth& truth, const std::vector<ExpectedRecord>& expected,
                            const std::vector<Match>& matches, Judgement& result) const {
  const BySequence messages = by_sequence(truth);
  std::map<std::size_t, std::int64_t> newest_ms;  // by batch
  for (const Match& match : matches) {
    std::int64_t& newest = newest_ms[openings_->batch_of(match.opened)];
    newest = std::max(newest, messages.at(expected[match.expected].sequence)->sent_ms);
  }
  std::map<std::string, std::vector<std::int64_t>> took;
  for (const auto& [batch, sent_ms] : newest_ms) {
    const OpenedBatch& one = openings_->batches()[batch];
    took[one.purpose].push_back(one.arrived_ms - sent_ms);
  }
  for (auto& [purpose, all] : took) {
    std::sort(all.begin(), all.end());
    result.purposes[purpose].latency = {all.size(), percentile(all, 50), percentile(all, 99)};
  }
}

void Judge::scan(const Truth& truth, Judgement& result) const {
  const AuditInputs planted = planted_in(truth);
  std::map<std::string, std::unique_ptr<Auditor>> auditors;
  const AuditSink ignore = [](const AuditFinding& /*finding*/) {};
  for (const Delivery& delivery : deliveries_) {
    auto& auditor = auditors[purpose_of_topic(delivery.topic)];
    if (auditor == nullptr) auditor = std::make_unique<Auditor>(planted);
    auditor->scan_bytes("topic", delivery.topic, ignore);
    auditor->scan_bytes("payload", delivery.payload, ignore);
  }
  for (const auto& [purpose, auditor] : auditors) {
    const AuditReport report = auditor->report();
    result.purposes[purpose].raw_identifiers = report.found_identifiers;
    result.purposes[purpose].raw_positions = report.found_positions;
  }
}

}  // namespace sudare::sim
