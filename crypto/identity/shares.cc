#include "crypto/identity/shares.h"

namespace sudare {
namespace {

SecretBuffer exclusive_or(ByteSpan a, ByteSpan b) {
  SecretBuffer out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    out.bytes()[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  }
  return out;
}

}  // namespace

Shares split_secret(ByteSpan secret) {
  SecretBuffer first(secret.size());
  random_bytes(first.bytes());
  SecretBuffer second = exclusive_or(secret, first.bytes());
  return {std::move(first), std::move(second)};
}

Result<SecretBuffer> join_shares(ByteSpan first, ByteSpan second) {
  if (first.size() != second.size()) {
    return fail(ErrorCode::kMalformed, "shares: their lengths differ");
  }
  return exclusive_or(first, second);
}

}  // namespace sudare
