// A Personal can't be formatted by fmt, which spdlog uses.
// expect: Cannot format an argument
#include <spdlog/fmt/fmt.h>

#include <string>

#include "base/personal.h"

std::string use(const sudare::Personal<std::string>& vin) {
#ifdef SUDARE_REFUSED
  return fmt::format("{}", vin);
#else
  return fmt::format("{}", sizeof vin);
#endif
}
