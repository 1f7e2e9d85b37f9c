// A Release is minimised, but not encrypted: the store takes only Sealed.
// expect: no matching (member )?function.*push_back
#include "gateway/store/store.h"

void use(sudare::CommitGroup& group, sudare::Release release, sudare::Sealed sealed) {
  group.add.push_back(std::move(sealed));
#ifdef SUDARE_REFUSED
  group.add.push_back(std::move(release));
#else
  static_cast<void>(release);
#endif
}
