// What a report says of one check.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fleet/doctor/report.h"

namespace sudare::doctor {

// The worst outcome of a check; kOk where it has none.
inline Outcome worst(const Report& report, std::string_view check) {
  Outcome outcome = Outcome::kOk;
  for (const Finding& one : report.findings()) {
    if (one.check == check) outcome = std::max(outcome, one.outcome);
  }
  return outcome;
}

// All that was said of a check: "WHERE: TEXT (HINT)\n".
inline std::string said(const Report& report, std::string_view check) {
  std::string text;
  for (const Finding& one : report.findings()) {
    if (one.check == check && one.outcome != Outcome::kOk) {
      text += one.where + ": " + one.text + " (" + one.hint + ")\n";
    }
  }
  return text;
}

// The warnings and problems that no hint goes with, which there must not be.
inline std::string without_hint(const Report& report) {
  std::string text;
  for (const Finding& one : report.findings()) {
    const bool finding = one.outcome == Outcome::kWarning || one.outcome == Outcome::kProblem;
    if (finding && one.hint.empty()) text += one.check + ": " + one.text + "\n";
  }
  return text;
}

}  // namespace sudare::doctor
