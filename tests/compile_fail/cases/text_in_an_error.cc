// An Error holds a literal and a number: nothing from a message can get into it.
// expect-gcc: could not convert|cannot convert
// expect-clang: no matching function for call to 'fail'|no viable conversion
#include <string>

#include "base/result.h"

sudare::Result<int> use(const std::string& text) {
#ifdef SUDARE_REFUSED
  return sudare::fail(sudare::ErrorCode::kMalformed, text);
#else
  return sudare::fail(sudare::ErrorCode::kMalformed, "literal",
                      static_cast<std::int64_t>(text.size()));
#endif
}
