// A Personal can't be a log field.
// expect-gcc: could not convert|no matching function
// expect-clang: no (viable conversion|matching (constructor|function))
#include "base/log.h"
#include "base/personal.h"

void use(const sudare::Personal<int>& speed) {
  sudare::log_event(sudare::LogLevel::kInfo, "event", {{"count", 1}});
#ifdef SUDARE_REFUSED
  sudare::log_event(sudare::LogLevel::kInfo, "event", {{"speed", speed}});
#else
  static_cast<void>(speed);
#endif
}
