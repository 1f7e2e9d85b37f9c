// Only minimize makes a Release: nobody else can make its passkey.
// expect-gcc: Passkey<Stage>::Passkey\(\).*is private within this context
// expect-clang: calling a private constructor of class 'sudare::Passkey<sudare::MinimizeStage>'
#include "gateway/stages.h"

sudare::Release use(const sudare::Passkey<sudare::MinimizeStage>& given) {
#ifdef SUDARE_REFUSED
  return sudare::Release(sudare::Passkey<sudare::MinimizeStage>{}, 0, {});
#else
  return sudare::Release(given, 0, {});
#endif
}
