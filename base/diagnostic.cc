#include "base/diagnostic.h"

#include "base/printable.h"

namespace sudare {

std::string Diagnostic::to_string() const {
  std::string out = severity_ == DiagnosticSeverity::kError ? "error: " : "warning: ";
  out += printable(file_);
  if (line_ > 0) out += ":" + std::to_string(line_);
  if (line_ > 0 && column_ > 0) out += ":" + std::to_string(column_);
  out += ": " + printable(text_) + "\n";
  if (!hint_.empty()) out += "hint: " + printable(hint_) + "\n";
  return out;
}

}  // namespace sudare
