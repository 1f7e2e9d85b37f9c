// What the holders of signing keys make for policies: signatures, and recipients' certificates
// (docs/formats.md). What they sign is gateway/policy's to read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/seal/recipient.h"
#include "fleet/authority/signing_key.h"

namespace sudare {

// The policy with one more signature line at its end; a text that does not end in a line feed gets
// one before the first. Doesn't look at what the policy says. kRefused: this key has signed it
// already; kMalformed, kTooLarge: as read_signed_policy.
[[nodiscard]] Result<std::string> sign_policy(std::string_view file, const SigningKey& key);

// The lines, from 1, of the signatures that are not of this text: it changed after they were made.
// Empty where the file is not as read_signed_policy asks.
[[nodiscard]] std::vector<int> stale_signatures(std::string_view file);

struct CertificateRequest {
  std::string purpose;
  age::Recipient recipient;
  std::uint64_t serial = 0;
  std::int64_t not_before_day = 0;  // unix days, both inclusive
  std::int64_t not_after_day = 0;
};
// The token. kMalformed: what read_certificate would refuse.
[[nodiscard]] Result<std::string> certify(const CertificateRequest& request, const SigningKey& key);

}  // namespace sudare
