// An array that is filled at run time is no literal, even though its type is that of one.
// expect-gcc: is not a constant expression|not usable in a constant expression
// expect-clang: is not a constant expression
#include "base/log.h"

void use(char (&text)[8]) {
  text[0] = 'x';
#ifdef SUDARE_REFUSED
  sudare::log_event(sudare::LogLevel::kInfo, text);
#else
  sudare::log_event(sudare::LogLevel::kInfo, "literal");
#endif
}
