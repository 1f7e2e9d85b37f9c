// Only seal makes a Sealed: nobody else can make its passkey.
// expect-gcc: Passkey<Stage>::Passkey\(\).*is private within this context
// expect-clang: calling a private constructor of class 'sudare::Passkey<sudare::SealStage>'
#include "gateway/stages.h"

sudare::Sealed use(const sudare::Passkey<sudare::SealStage>& given) {
#ifdef SUDARE_REFUSED
  return sudare::Sealed(sudare::Passkey<sudare::SealStage>{}, {}, "plaintext");
#else
  return sudare::Sealed(given, {}, "age file");
#endif
}
