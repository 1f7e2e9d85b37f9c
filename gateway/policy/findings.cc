#include "gateway/policy/findings.h"

#include <algorithm>
#include <tuple>

namespace sudare {

void Findings::error(const std::string& where, std::string text, std::string hint) {
  ++errors_;
  add(DiagnosticSeverity::kError, where, std::move(text), std::move(hint));
}

void Findings::warn(const std::string& where, std::string text, std::string hint) {
  add(DiagnosticSeverity::kWarning, where, std::move(text), std::move(hint));
}

void Findings::add(DiagnosticSeverity severity, const std::string& where, std::string text,
                   std::string hint) {
  const TextPosition at = positions_.at(where);
  diagnostics_.emplace_back(PolicyReader::key(), severity, file_, at.line, at.column,
                            std::move(text), std::move(hint));
}

Diagnostics Findings::take() {
  std::stable_sort(
      diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::make_tuple(a.line(), a.column()) < std::make_tuple(b.line(), b.column());
      });
  return std::move(diagnostics_);
}

std::string element(const std::string& name, int index) {
  return name + "[" + std::to_string(index) + "]";
}

}  // namespace sudare
