#include "sim/compare/leaks.h"

#include <algorithm>
#include <set>

namespace sudare::sim {

namespace {

// Which classes a purpose may hold as they are, and on which topics exact positions.
struct Allowance {
  std::set<sudare::v1::PersonalClass> classes;
  std::set<std::string> exact_topics;
};

Allowance allowance_of(const Policy& policy, const std::string& purpose) {
  Allowance allowance;
  for (const SourcePlan& source : policy.sources) {
    for (const ReleasePlan& release : source.releases) {
      if (policy.purposes[release.purpose].name != purpose) continue;
      if (release.cell == sudare::v1::EXACT) allowance.exact_topics.insert(source.topic_filter);
      for (std::size_t node = 0; node < release.rules.size(); ++node) {
        const FieldRule& rule = release.rules[node];
        if (rule.action == Action::kKeep) allowance.classes.insert(source.nodes[node].personal);
        allowance.classes.insert(rule.tolerate.begin(), rule.tolerate.end());
      }
      for (std::size_t level = 0; level < release.level_rules.size(); ++level) {
        if (release.level_rules[level].action != Action::kKeep) continue;
        allowance.classes.insert(source.levels[level].personal);
      }
    }
  }
  return allowance;
}

}  // namespace

AuditInputs planted_in(const Truth& truth) {
  AuditInputs inputs;
  for (const Planted& planted : truth.planted) inputs.identifiers.push_back(planted.value);
  std::set<PositionE7> positions;
  for (const TruthMessage& message : truth.messages) {
    positions.insert(message.positions.begin(), message.positions.end());
  }
  for (const PositionE7& at : positions) inputs.positions.push_back({at.latitude, at.longitude});
  return inputs;
}

Leaks leaks_of(const Truth& truth, const std::vector<OpenedRecord>& opened, const Policy& policy,
               const std::string& purpose) {
  const Allowance allowance = allowance_of(policy, purpose);
  AuditInputs inputs = planted_in(truth);
  inputs.identifiers.clear();
  for (const Planted& planted : truth.planted) {
    if (!allowance.classes.contains(planted.personal)) inputs.identifiers.push_back(planted.value);
  }
  Auditor with_positions(inputs);
  inputs.positions.clear();
  Auditor without_positions(inputs);
  const AuditSink ignore = [](const AuditFinding& /*finding*/) {};
  Leaks leaks;
  for (const OpenedRecord& record : opened) {
    if (record.purpose != purpose) continue;
    const bool exact = allowance.exact_topics.contains(record.topic);
    Auditor& auditor = exact ? without_positions : with_positions;
    auditor.scan_bytes("topic", record.topic, ignore);
    auditor.scan_bytes("payload", record.payload, ignore);
  }
  const AuditReport strict = with_positions.report();
  leaks.positions = strict.found_positions;
  leaks.identifiers = strict.found_identifiers + without_positions.report().found_identifiers;
  return leaks;
}

}  // namespace sudare::sim
