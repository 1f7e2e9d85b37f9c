// A ClipPiece is film in the clear: the store takes only Sealed.
// expect: no matching (member )?function.*push_back
#include "gateway/store/store.h"

void use(sudare::CommitGroup& group, sudare::ClipPiece piece, sudare::Sealed sealed) {
  group.add.push_back(std::move(sealed));
#ifdef SUDARE_REFUSED
  group.add.push_back(std::move(piece));
#else
  static_cast<void>(piece);
#endif
}
