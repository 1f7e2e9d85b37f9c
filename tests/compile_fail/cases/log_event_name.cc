// A log event's name is a literal: text that exists only at run time can't become one.
// expect-gcc: could not convert|no matching function|cannot convert
// expect-clang: no (viable conversion|matching (constructor|function))
#include <string>

#include "base/log.h"

void use(const std::string& text) {
  sudare::log_event(sudare::LogLevel::kInfo, "event");
#ifdef SUDARE_REFUSED
  sudare::log_event(sudare::LogLevel::kInfo, text.c_str());
#endif
  static_cast<void>(text);
}
