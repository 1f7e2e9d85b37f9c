// A log field is an integer or an enum, never run-time text.
// expect-gcc: could not convert|no matching function
// expect-clang: no (viable conversion|matching (constructor|function))
#include <string>

#include "base/log.h"

void use(const std::string& text) {
  sudare::log_event(sudare::LogLevel::kInfo, "event", {{"length", text.size()}});
#ifdef SUDARE_REFUSED
  sudare::log_event(sudare::LogLevel::kInfo, "event", {{"text", text}});
#endif
}
