// A Personal can't be compared with text: an oracle is a leak too.
// expect: a Personal value can't be compared
#include <string>

#include "base/personal.h"

bool use(const sudare::Personal<std::string>& vin, const std::string& text) {
#ifdef SUDARE_REFUSED
  return vin == text;
#else
  return sizeof vin == sizeof text;
#endif
}
