// A Personal can't be formatted by fmt.
// expect: Cannot format an argument
#include <fmt/format.h>

#include <string>

#include "base/personal.h"

std::string use(const sudare::Personal<std::string>& vin) {
#ifdef SUDARE_REFUSED
  return fmt::format("{}", vin);
#else
  return fmt::format("{}", sizeof vin);
#endif
}
