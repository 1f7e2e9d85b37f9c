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

}  // namespace sudare::doctor
