#include "sim/fleet/canaries.h"

#include <set>
#include <utility>

namespace sudare::sim::fleet {

Canaries::Planting Canaries::plant(const CarPlan& plan, const std::vector<CarNumber>& numbers) {
  Planting planting;
  std::set<PositionE7> positions;
  for (const CarNumber number : numbers) {
    const std::unique_ptr<Vehicle> vehicle = make_vehicle(plan, number);
    for (Planted& planted : planted_identifiers(vehicle->identity())) {
      planting.inputs.identifiers.push_back(planted.value);
      planting.identifiers.push_back(std::move(planted));
    }
    while (auto message = vehicle->messages().next()) {
      positions.insert(message->positions.begin(), message->positions.end());
    }
  }
  for (const PositionE7& at : positions) {
    planting.inputs.positions.push_back({at.latitude, at.longitude});
  }
  return planting;
}

Canaries::Canaries(const CarPlan& plan, const std::vector<CarNumber>& numbers)
    : Canaries(plan, numbers.size(), plant(plan, numbers)) {}

Canaries::Canaries(const CarPlan& plan, std::size_t cars, Planting planting)
    : wire_(planting.inputs) {
  planted_.cars = cars;
  planted_.planted_identifiers = planting.inputs.identifiers.size();
  planted_.planted_positions = planting.inputs.positions.size();
  for (const PurposePlan& purpose : plan.policy.purposes) {
    opened_.emplace_back(planting.identifiers, planting.inputs, plan.policy, purpose.name);
  }
}

void Canaries::delivered(std::string_view topic, std::string_view payload) {
  const AuditSink ignore = [](const AuditFinding& /*finding*/) {};
  wire_.scan_bytes("topic", topic, ignore);
  wire_.scan_bytes("payload", payload, ignore);
}

void Canaries::opened(PurposeIndex purpose, const std::string& topic, const std::string& payload) {
  opened_[purpose].scan(topic, payload);
}

CanaryFindings Canaries::findings() const {
  CanaryFindings findings = planted_;
  const AuditReport wire = wire_.report();
  findings.delivered = wire.found_identifiers + wire.found_positions;
  for (const LeakScan& scan : opened_) {
    const Leaks leaks = scan.leaks();
    findings.identifiers += leaks.identifiers;
    findings.positions += leaks.positions;
  }
  return findings;
}

}  // namespace sudare::sim::fleet
