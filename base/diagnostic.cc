#include "base/diagnostic.h"

namespace sudare {

std::string Diagnostic::to_string() const {
  std::string out = severity_ == DiagnosticSeverity::kError ? "error: " : "warning: ";
  out += file_;
  if (line_ > 0) out += ":" + std::to_string(line_);
  if (line_ > 0 && column_ > 0) out += ":" + std::to_string(column_);
  out += ": " + text_ + "\n";
  if (!hint_.empty()) out += "hint: " + hint_ + "\n";
  return out;
}

}  // namespace sudare
