// Looking inside takes a passkey that only the stages named in base/personal.h can make.
// expect-gcc: Reveal::Reveal\(\).*is private within this context
// expect-clang: calling a private constructor of class 'sudare::Reveal'
#include <string>

#include "base/personal.h"

std::string use(const sudare::Personal<std::string>& vin, const sudare::Reveal& given) {
#ifdef SUDARE_REFUSED
  return vin.reveal(sudare::Reveal{});
#else
  return vin.reveal(given);
#endif
}
