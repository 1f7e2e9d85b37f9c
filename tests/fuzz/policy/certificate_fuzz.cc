// Any text as a recipient's certificate; and, since nobody finds a signature by chance, any bytes
// as what an authority has signed.
#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/base64.h"
#include "crypto/crypto_init.h"
#include "gateway/policy/check.h"
#include "gateway/policy/recipient_certificate.h"

namespace sudare {
namespace {

void check(std::string_view token) {
  const auto one = read_certificate(token);
  if (!one) return;
  if (one->serial == 0 || one->not_before_day > one->not_after_day) std::abort();
  if (!is_purpose_name(one->purpose)) std::abort();
}

// Signs the bytes as they are with a key that is the same in every run.
std::string sign(std::string_view bytes) {
  std::array<std::uint8_t, crypto_sign_ed25519_SEEDBYTES> seed{};
  std::array<std::uint8_t, crypto_sign_ed25519_SECRETKEYBYTES> secret{};
  AuthorityKey authority;
  Signature signature{};
  crypto_sign_ed25519_seed_keypair(authority.bytes.data(), secret.data(), seed.data());
  const std::string input =
      document_signing_input(std::string_view("sudare/v1/recipient", 20), bytes);
  crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(input).data(), input.size(),
                               secret.data());
  v1::SignedRecipientCert outer;
  outer.set_certificate(std::string(bytes));
  outer.set_public_key(authority.bytes.data(), authority.bytes.size());
  outer.set_signature(signature.data(), signature.size());
  std::string token = "sudarecert1";
  base64_append(bytes_of(outer.SerializeAsString()), token);
  return token;
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text);
  check(sign(text));
  return 0;
}
