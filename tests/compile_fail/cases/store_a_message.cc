// A Message is plaintext from the car: the store takes only Sealed.
// expect: no matching (member )?function.*push_back
#include "gateway/store/store.h"

void use(sudare::CommitGroup& group, sudare::Message message, sudare::Sealed sealed) {
  group.add.push_back(std::move(sealed));
#ifdef SUDARE_REFUSED
  group.add.push_back(std::move(message));
#else
  static_cast<void>(message);
#endif
}
