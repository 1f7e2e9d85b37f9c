// A recipient's certificate as a policy carries it: one token, "sudarecert1" and base64 of a
// SignedRecipientCert (docs/formats.md, "Recipients' certificates"). Whose signature counts, and
// from which serial on, is not decided here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/identity/authority_key.h"
#include "crypto/seal/recipient.h"
#include "sudare/v1/recipient.pb.h"

namespace sudare {

// With the longest purpose's name, serial and days it takes 330.
inline constexpr std::size_t kCertificateCharactersMax = 512;

// A value; its signature has been verified, and is of the authority that it names.
struct RecipientCertificate {
  std::string purpose;
  age::Recipient recipient;
  std::uint64_t serial = 0;
  std::int64_t not_before_day = 0;  // unix days, inclusive
  std::int64_t not_after_day = 0;
  AuthorityKey authority;
};

// kMalformed: not such a token, not in its one canonical form, no purpose's name, no public key,
// serial 0 or above kSerialMax, days that are none or end before they begin; kTooLarge;
// kAuthentication: the signature is not of the key that it names. Pure; any thread.
[[nodiscard]] Result<RecipientCertificate> read_certificate(std::string_view token);

// The authority's side: what it signs, and the token with that signature.
[[nodiscard]] std::string certificate_signing_input(const v1::RecipientCert& certificate);
[[nodiscard]] std::string certificate_token(const v1::RecipientCert& certificate,
                                            const AuthorityKey& authority,
                                            const Signature& signature);

}  // namespace sudare
