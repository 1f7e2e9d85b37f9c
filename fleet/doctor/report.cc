#include "fleet/doctor/report.h"

#include <algorithm>
#include <utility>

namespace sudare::doctor {

Literal literal_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk: return "ok";
    case Outcome::kSkipped: return "skipped";
    case Outcome::kWarning: return "warning";
    case Outcome::kProblem: break;
  }
  return "problem";
}

void Report::add(Finding finding) { findings_.push_back(std::move(finding)); }

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(
      std::count_if(findings_.begin(), findings_.end(),
                    [&](const Finding& one) { return one.outcome == outcome; }));
}

Check::~Check() {
  if (count_ == 0) report_.add({id_, Outcome::kOk, {}, std::move(ok_), {}});
}

void Check::problem(std::string text, std::string hint, std::string where) {
  add(Outcome::kProblem, std::move(where), std::move(text), std::move(hint));
}

void Check::warning(std::string text, std::string hint, std::string where) {
  add(Outcome::kWarning, std::move(where), std::move(text), std::move(hint));
}

void Check::skip(std::string why) { add(Outcome::kSkipped, {}, std::move(why), {}); }

void Check::add(Outcome outcome, std::string where, std::string text, std::string hint) {
  ++count_;
  if (count_ > Report::kFindingsMax + 1) return;
  if (count_ == Report::kFindingsMax + 1) {
    where.clear();
    text = "there is more";
    hint = "mend these, and run it again";
  }
  report_.add({id_, outcome, std::move(where), std::move(text), std::move(hint)});
}

}  // namespace sudare::doctor
