// A secret key exists once, so that wiping it wipes it.
// expect-gcc: use of deleted function
// expect-clang: call to deleted (constructor|member)|copy constructor is implicitly deleted
#include <utility>

#include "crypto/secret_bytes.h"

sudare::SecretBytes<32> use(sudare::SecretBytes<32>& key) {
#ifdef SUDARE_REFUSED
  sudare::SecretBytes<32> copy = key;
  return copy;
#else
  return std::move(key);
#endif
}
