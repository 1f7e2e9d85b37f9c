// A Result that nobody looks at is a fault that nobody counts.
// expect: ignoring (returned value|return value)|-Werror=unused-result|-Wunused-result
#include "base/result.h"

sudare::Status might_fail();

void use() {
  const sudare::Status kept = might_fail();
  static_cast<void>(kept);
#ifdef SUDARE_REFUSED
  might_fail();
#endif
}
