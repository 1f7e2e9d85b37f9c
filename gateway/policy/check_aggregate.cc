// Totals in place of records: only numbers, each combined, in windows that no pseudonym cuts.
#include "gateway/policy/check.h"

namespace sudare {
namespace {

// A year: what is longer nobody waits for.
constexpr std::uint32_t kAggregateDaysMax = 364;

bool is_number(FieldType type) {
  switch (type) {
    case FieldType::kMessage:
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kEnum: return false;
    default: return true;
  }
}

bool adds_up(v1::Field::Combine combine) {
  return combine == v1::Field::SUM || combine == v1::Field::MEAN;
}

void check_window(const ReleaseDraft& release, const std::string& at, Findings& findings) {
  const std::uint32_t days = release.release->aggregate().days();
  if (days == 0 || days > kAggregateDaysMax) {
    findings.error(at + (days == 0 ? "" : ".days"), "the window is out of range",
                   "write days: 1 to 364");
    return;
  }
  const v1::Pseudonym& pseudonym = release.purpose->pseudonym();
  if (pseudonym.kind_case() == v1::Pseudonym::kRotateDays && pseudonym.rotate_days() % days != 0) {
    findings.error(
        at + ".days", "a window reaches over a change of the pseudonym",
        "write a number of days that divides " + std::to_string(pseudonym.rotate_days()));
  }
}

void check_rules(const ReleaseDraft& release, Findings& findings) {
  const v1::Release& rules = *release.release;
  if (rules.has_location()) {
    findings.error(release.where + ".location", "positions can't be added up",
                   "remove the position, or aggregate");
  }
  if (rules.has_rate()) {
    findings.error(release.where + ".rate",
                   "this rate can't be reached: there is one record per window", "remove it");
  }
  if (release.purpose->essential()) {
    findings.error(release.where + ".aggregate", "an essential purpose waits for nothing",
                   "remove aggregate");
  }
}

void check_combined(const SourceDraft& source, const FieldDraft& field, Findings& findings) {
  const std::string name = "\"" + field.field->path() + "\"";
  if (field.field->combine() == v1::Field::COMBINE_UNSPECIFIED) {
    findings.error(field.where + ".path", name + " is part of a total and doesn't say how",
                   "write combine: SUM, MEAN, LEAST or MOST, or leave the field out");
    return;
  }
  if (field.node == kNoNode) return;
  const FieldNode& node = source.plan.nodes[field.node];
  const v1::Field::ActionCase action = field.field->action_case();
  if (!is_number(node.type) || node.personal == v1::TIMESTAMP || action == v1::Field::kGeneralize ||
      action == v1::Field::kPseudonymize) {
    findings.error(field.where + ".combine", name + " is no number that could be added up",
                   "leave the field out");
  } else if (!occurs_once(source.plan, field.node)) {
    findings.error(field.where + ".combine", name + " lies in a list or map",
                   "name a field that occurs once");
  } else if (adds_up(field.field->combine()) && action != v1::Field::kCoarsen) {
    findings.error(field.where + ".combine",
                   name + " would lie on the car's disk as exact as each message says it",
                   "write coarsen { step: ... }: the running total is kept as coarsely");
  }
}

}  // namespace

void check_aggregate(const SourceDraft& source, const ReleaseDraft& release, Findings& findings) {
  const bool aggregates = release.release->has_aggregate();
  for (const FieldDraft& field : release.fields) {
    if (aggregates) {
      check_combined(source, field, findings);
    } else if (field.field->combine() != v1::Field::COMBINE_UNSPECIFIED) {
      findings.error(field.where + ".combine", "combine without aggregate can't be reached",
                     "write aggregate { days: 7 } in the release, or remove combine");
    }
  }
  if (!aggregates) return;
  check_window(release, release.where + ".aggregate", findings);
  check_rules(release, findings);
}

}  // namespace sudare
