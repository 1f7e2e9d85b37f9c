// Only the readers of operators' files can make an error with run-time text.
// expect-gcc: DiagnosticKey::DiagnosticKey\(\).*is private within this context
// expect-clang: calling a private constructor of class 'sudare::DiagnosticKey'
#include <string>

#include "base/diagnostic.h"

sudare::Diagnostic use(const sudare::DiagnosticKey& given, const std::string& text) {
#ifdef SUDARE_REFUSED
  return sudare::Diagnostic(sudare::DiagnosticKey{}, sudare::DiagnosticSeverity::kError, "", 0, 0,
                            text, "");
#else
  return sudare::Diagnostic(given, sudare::DiagnosticSeverity::kError, "", 0, 0, text, "");
#endif
}
