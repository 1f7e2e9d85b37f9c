#include "sim/attack/knowledge_of.h"

#include <algorithm>
#include <optional>

#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

double side_meters(v1::Cell cell) {
  switch (cell) {
    case v1::M125: return 125;
    case v1::M250: return 250;
    case v1::M500: return 500;
    case v1::M1000: return 1000;
    case v1::M2000: return 2000;
    case v1::M5000: return 5000;
    case v1::M10000: return 10'000;
    case v1::M80000: return 80'000;
    default: return 0;
  }
}

std::string side(v1::Cell cell) {
  const double meters = side_meters(cell);
  return meters >= 1000 ? decimal(meters / 1000, 0) + " km" : decimal(meters, 0) + " m";
}

bool releases(const SourcePlan& source, const ReleasePlan& plan, v1::PersonalClass personal) {
  for (std::size_t i = 0; i < source.nodes.size() && i < plan.rules.size(); ++i) {
    if (source.nodes[i].personal == personal && plan.rules[i].action != Action::kDrop) return true;
  }
  return false;
}

double odometer_step_km(const SourcePlan& source, const ReleasePlan& plan) {
  for (std::size_t i = 0; i < source.nodes.size() && i < plan.rules.size(); ++i) {
    const bool released = plan.rules[i].action != Action::kDrop;
    if (source.nodes[i].personal != v1::ODOMETER || !released) continue;
    const double step = plan.rules[i].action == Action::kCoarsen ? plan.rules[i].step : 0;
    return source.nodes[i].unit == v1::METERS ? step / 1000 : step;
  }
  return 0;
}

std::string describe(const SourcePlan& source, const ReleasePlan& plan) {
  const v1::Cell ring = plan.hold_back.ring;
  std::string text = source.topic_filter + ": ";
  text += plan.cell == v1::EXACT ? "exact positions" : "the centre of a cell of " + side(plan.cell);
  if (plan.on_move) text += ", only when it changes";
  if (ring != v1::CELL_UNSPECIFIED) {
    text += ", of the middle of a trip only (both ends are held back within 3 × 3 cells of " +
            side(ring) + ")";
  }
  if (releases(source, plan, v1::SPEED)) text += "; speed";
  if (releases(source, plan, v1::HEADING)) text += "; heading";
  text +=
      plan.exact_time ? "; exact times" : "; times in steps of " + seconds(plan.bucket_ms / 1000.0);
  return text;
}

std::string pseudonym_of(const PurposePlan& purpose) {
  switch (purpose.pseudonym) {
    case PseudonymKind::kNone: return "No pseudonym.";
    case PseudonymKind::kRotate:
      return "Another pseudonym every " + std::to_string(purpose.rotate_days) + " days.";
    case PseudonymKind::kUntilTransfer: break;
  }
  return "One pseudonym until the car changes hands.";
}

// Takes over what gives an attacker most: the finest cell, the finest time.
void learn(const SourcePlan& source, const ReleasePlan& plan, Access& access) {
  Knowledge& known = access.knowledge;
  const bool first = !access.positions;
  if (first || side_meters(plan.cell) < side_meters(known.cell)) {
    known.cell = plan.cell;
    known.ring = plan.hold_back.ring;
  }
  const std::int64_t bucket_ms = plan.exact_time ? 0 : plan.bucket_ms;
  known.bucket_ms = first ? bucket_ms : std::min(known.bucket_ms, bucket_ms);
  access.positions = true;
  access.described += (access.described.empty() ? "" : ". ") + describe(source, plan);
}

}  // namespace

Access access_of(const Policy& policy, PurposeIndex purpose) {
  const PurposePlan& plan = policy.purposes[purpose];
  Access access;
  access.trusted = plan.essential || plan.audience != v1::Purpose::SERVICE;
  double odometer_km = 0;
  std::optional<std::int64_t> bucket_ms;  // the finest; of records without a position
  for (const SourcePlan& source : policy.sources) {
    for (const ReleasePlan& release : source.releases) {
      if (release.purpose != purpose) continue;
      const std::int64_t step_ms = release.exact_time ? 0 : release.bucket_ms;
      bucket_ms = std::min(bucket_ms.value_or(step_ms), step_ms);
      if (odometer_km == 0) odometer_km = odometer_step_km(source, release);
      if (releases(source, release, v1::LATITUDE)) learn(source, release, access);
    }
  }
  access.knowledge.odometer_step_km = odometer_km;
  if (!access.positions) access.knowledge.bucket_ms = bucket_ms.value_or(0);
  access.described = access.positions
                         ? access.described + ". " + pseudonym_of(plan)
                         : "No rule gives it a latitude or longitude. " + pseudonym_of(plan);
  return access;
}

Knowledge knowledge_of(Mechanism mechanism) {
  Knowledge known;
  switch (mechanism) {
    case Mechanism::kCentredCircle: known.circle_meters = 500; break;
    case Mechanism::kFreshNoise: known.noise_meters = 200; break;
    case Mechanism::kNoisePerTrip:
      known.noise_meters = 200;
      known.noise_per_trip = true;
      break;
    case Mechanism::kFixedTrim: known.trim_meters = 500; break;
    case Mechanism::kRandomTrim:
      known.trim_meters = 300;
      known.trim_meters_most = 1000;
      break;
    case Mechanism::kMesh250: known.cell = v1::M250; break;
    case Mechanism::kMesh500: known.cell = v1::M500; break;
    case Mechanism::kRaw:
    case Mechanism::kRoundThreeDecimals:
    case Mechanism::kEndCellsOnly: break;
  }
  return known;
}

}  // namespace sudare::sim::attack
