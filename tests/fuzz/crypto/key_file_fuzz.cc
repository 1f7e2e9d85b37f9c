// Parses a key file. Each '@' of the input stands for an identity, so that no key lies in a seed.
#include <cstdlib>
#include <string>

#include "crypto/open/key_file.h"
#include "tests/fuzz/crypto/fuzz_identity.h"

using namespace sudare;
using namespace sudare::age::open_side;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Identity& identity = *new Identity(fuzz_identity());
  static const std::string& key = *new std::string(text_of(identity.encode().bytes()));
  std::string text;
  for (const std::uint8_t byte : ByteSpan(data, size)) {
    if (byte == '@') text += key;
    else text += static_cast<char>(byte);
  }
  const auto identities = parse_key_file(bytes_of(text));
  if (!identities) return 0;
  for (const Identity& read : *identities) {
    if (read.recipient().to_string().size() != 62) std::abort();
  }
  return 0;
}
