#include "sim/compare/leaks.h"

#include <utility>

namespace sudare::sim {

namespace {

AuditInputs forbidden(const std::vector<Planted>& planted,
                      const std::set<sudare::v1::PersonalClass>& allowed, AuditInputs inputs) {
  inputs.identifiers.clear();
  for (const Planted& one : planted) {
    if (!allowed.contains(one.personal)) inputs.identifiers.push_back(one.value);
  }
  return inputs;
}

AuditInputs without_positions(AuditInputs inputs) {
  inputs.positions.clear();
  return inputs;
}

}  // namespace

LeakScan::Allowance LeakScan::allowance_of(const Policy& policy, const std::string& purpose) {
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

LeakScan::LeakScan(const std::vector<Planted>& planted, AuditInputs inputs, const Policy& policy,
                   const std::string& purpose)
    : allowance_(allowance_of(policy, purpose)),
      with_positions_(forbidden(planted, allowance_.classes, inputs)),
      without_positions_(without_positions(forbidden(planted, allowance_.classes, inputs))) {}

void LeakScan::scan(const std::string& topic, const std::string& payload) {
  const AuditSink ignore = [](const AuditFinding& /*finding*/) {};
  Auditor& auditor = allowance_.exact_topics.contains(topic) ? without_positions_ : with_positions_;
  auditor.scan_bytes("topic", topic, ignore);
  auditor.scan_bytes("payload", payload, ignore);
}

Leaks LeakScan::leaks() const {
  const AuditReport strict = with_positions_.report();
  Leaks leaks;
  leaks.positions = strict.found_positions;
  leaks.identifiers = strict.found_identifiers + without_positions_.report().found_identifiers;
  return leaks;
}

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
  LeakScan scan(truth.planted, planted_in(truth), policy, purpose);
  for (const OpenedRecord& record : opened) {
    if (record.purpose == purpose) scan.scan(record.topic, record.payload);
  }
  return scan.leaks();
}

}  // namespace sudare::sim
