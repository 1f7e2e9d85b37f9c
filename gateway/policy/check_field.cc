// One field: whether its class may leave under its action, and whether the action fits its type.
#include <cmath>

#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

bool is_position(v1::PersonalClass personal) {
  return personal == v1::LATITUDE || personal == v1::LONGITUDE;
}

bool is_text(FieldType type) {
  return type == FieldType::kString || type == FieldType::kBytes || type == FieldType::kJson;
}

bool is_integer(FieldType type) {
  return type >= FieldType::kInt32 && type <= FieldType::kSfixed64;
}

bool is_number(FieldType type) {
  return is_integer(type) || type == FieldType::kFloat || type == FieldType::kDouble ||
         type == FieldType::kJson;
}

// Whether the action makes the class fit for a service, apart from what stands beside it.
bool is_minimised(const Released& released, const ClassRule& rule) {
  switch (rule.minimiser) {
    case Minimiser::kNone: return false;
    case Minimiser::kAsItIs:
      return released.action == Action::kKeep || released.action == Action::kCoarsen ||
             released.action == Action::kPseudonymize;
    case Minimiser::kLocation:
    case Minimiser::kTime: return true;  // check_release.cc asks for the rule
    case Minimiser::kCoarsen: {
      if (released.action != Action::kCoarsen) return false;
      const auto step = in_base_unit(rule.quantity, released.step, released.unit);
      return step && *step >= rule.step;
    }
    case Minimiser::kPseudonymize: return released.action == Action::kPseudonymize;
    case Minimiser::kGeneralize:
      return released.action == Action::kPseudonymize || released.action == Action::kGeneralize;
  }
  return false;
}

// Actions that mean nothing for a class, whoever receives it. True where one was reported.
bool refuse_odd_action(const Released& released, Findings& findings) {
  const std::string name = "\"" + released.name + "\"";
  const std::string is = name + " is of class " + v1::PersonalClass_Name(released.personal) + ": ";
  if (is_position(released.personal) && released.action != Action::kKeep) {
    findings.error(released.where, is + "rounding or replacing coordinates hides no place",
                   "remove the action; the release's location rule makes it a cell");
    return true;
  }
  if (released.personal == v1::TIMESTAMP && released.action != Action::kKeep) {
    findings.error(released.where, is + "times follow the release's time rule",
                   "remove the action and write time { bucket_ms: ... }");
    return true;
  }
  if (released.action == Action::kGeneralize && released.personal != v1::VIN &&
      released.personal != v1::FRAME_NUMBER) {
    findings.error(released.where, is + "only a VIN or a frame number can be generalised",
                   "use another action, or leave the field out");
    return true;
  }
  if (released.action == Action::kCoarsen && !(std::isfinite(released.step) && released.step > 0)) {
    findings.error(released.where, name + " is coarsened without a step", "write a step above 0");
    return true;
  }
  return false;
}

}  // namespace

bool is_allowed(const v1::Purpose& purpose, v1::PersonalClass personal) {
  for (const int allowed : purpose.ceiling().allow()) {
    if (allowed == personal) return true;
  }
  return false;
}

void check_released(const Released& released, const v1::Purpose& purpose, Findings& findings) {
  if (released.personal == v1::UNCLASSED) {
    findings.error(released.where, "\"" + released.name + "\" has no class",
                   "class it in its schema or with classify { ... }; NOT_PERSONAL is a class too");
    return;
  }
  if (refuse_odd_action(released, findings)) return;
  const std::string what =
      "\"" + released.name + "\" of class " + v1::PersonalClass_Name(released.personal);
  if (released.action == Action::kPseudonymize &&
      purpose.pseudonym().kind_case() == v1::Pseudonym::kNone) {
    findings.error(
        released.where,
        what + " is pseudonymised for \"" + purpose.name() + "\", whose batches carry no pseudonym",
        "it would link them: leave the field out, or give the purpose a pseudonym");
    return;
  }
  const ClassRule& rule = rule_of(released.personal);
  if (rule.unchanged == Unchanged::kNobody) {
    findings.error(released.where, what + " may leave for nobody", advice_for(rule, false));
    return;
  }
  if (!is_minimised(released, rule) &&
      !(rule.unchanged == Unchanged::kTrusted && is_trusted(purpose))) {
    const bool no_unit = rule.minimiser == Minimiser::kCoarsen &&
                         released.action == Action::kCoarsen &&
                         !in_base_unit(rule.quantity, released.step, released.unit);
    findings.error(
        released.where,
        what + (no_unit ? " has no unit that its step could be measured in"
                        : " is released to \"" + purpose.name() + "\" without being minimised"),
        no_unit ? "give its unit in the schema or in classify, or leave the field out"
                : advice_for(rule, false));
    return;
  }
  if (rule.needs_allow && !is_allowed(purpose, released.personal)) {
    findings.error(released.where, what + " is not in the ceiling of \"" + purpose.name() + "\"",
                   "add allow: " + v1::PersonalClass_Name(released.personal) +
                       " to the purpose's ceiling, or leave the field out");
  }
}

void check_field_type(const Released& released, const FieldNode& node, Findings& findings) {
  const std::string name = "\"" + released.name + "\"";
  const Action action = released.action;
  if (action == Action::kCoarsen && !is_number(node.type)) {
    findings.error(released.where, name + " is no number and can't be coarsened",
                   "use another action, or leave the field out");
  } else if (action == Action::kCoarsen && is_integer(node.type) &&
             released.step != std::floor(released.step)) {
    findings.error(released.where, name + " holds whole numbers", "write a whole step");
  }
  if ((action == Action::kPseudonymize || action == Action::kGeneralize) &&
      node.type != FieldType::kString && node.type != FieldType::kJson) {
    findings.error(released.where,
                   name + " is not text: there is no room for what would replace it",
                   "leave the field out");
  }
  if (is_position(released.personal)) {
    const bool number = node.unit == v1::DEGREES_E7 || node.unit == v1::DEGREES_E6;
    const bool any = node.unit == v1::DEGREES || node.unit == v1::NMEA_DDMM;
    const bool fits = number ? is_integer(node.type) || node.type == FieldType::kJson
                             : any && (is_text(node.type) || is_number(node.type)) &&
                                   !is_integer(node.type) && node.type != FieldType::kBytes;
    if (!fits) {
      findings.error(released.where, name + " has no unit that its type can hold",
                     "give it the unit DEGREES, DEGREES_E7, DEGREES_E6 or NMEA_DDMM");
    }
  }
  if (released.personal == v1::TIMESTAMP) {
    const bool number = node.unit == v1::MILLISECONDS || node.unit == v1::SECONDS;
    const bool fits =
        number ? is_number(node.type)
               : node.unit == v1::ISO_8601 && is_text(node.type) && node.type != FieldType::kBytes;
    if (!fits) {
      findings.error(released.where, name + " has no unit of time that its type can hold",
                     "give it the unit MILLISECONDS, SECONDS or ISO_8601");
    }
  }
}

}  // namespace sudare
