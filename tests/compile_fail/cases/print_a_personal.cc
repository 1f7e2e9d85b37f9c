// A Personal can't be written to a stream.
// expect: a Personal value can't be printed
#include <ostream>
#include <string>

#include "base/personal.h"

void use(std::ostream& out, const sudare::Personal<std::string>& vin) {
  out << sizeof vin;
#ifdef SUDARE_REFUSED
  out << vin;
#endif
}
