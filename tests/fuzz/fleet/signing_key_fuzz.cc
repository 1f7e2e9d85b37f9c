// Key files and public keys of the relink authority, as somebody typed them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/crypto_init.h"
#include "fleet/authority/signing_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  static_cast<void>(parse_signing_key_file({data, size}));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = AuthorityKey::parse(text);
  if (key && key->to_string() != text) std::abort();
  return 0;
}
