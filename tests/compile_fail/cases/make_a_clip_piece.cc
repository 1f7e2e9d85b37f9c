// Only gateway/clips makes a ClipPiece: nobody else can make its passkey.
// expect-gcc: Passkey<Stage>::Passkey\(\).*is private within this context
// expect-clang: calling a private constructor of class 'sudare::Passkey<sudare::ClipStage>'
#include "gateway/stages.h"

sudare::ClipPiece use(const sudare::Passkey<sudare::ClipStage>& given) {
#ifdef SUDARE_REFUSED
  return sudare::ClipPiece(sudare::Passkey<sudare::ClipStage>{}, 0);
#else
  return sudare::ClipPiece(given, 0);
#endif
}
