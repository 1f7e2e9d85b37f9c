#include "crypto/identity/epoch_chain.h"

#include <sodium.h>

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/hkdf.h"
#include "crypto/identity/encoding.h"

namespace sudare {
namespace {

constexpr std::string_view kChainLabel = label("sudare/v1/chain");
constexpr std::string_view kStepLabel = label("sudare/v1/step");
constexpr std::string_view kEpochLabel = label("sudare/v1/epoch");
constexpr std::string_view kEd25519Label = label("sudare/v1/ed25519");
constexpr std::string_view kFieldLabel = label("sudare/v1/field");
constexpr std::string_view kPseudonymLabel = label("sudare/v1/pseudonym");

bool is_rotation(std::uint16_t days) {
  return days == kUntilTransfer ||
         std::find(kRotationDays.begin(), kRotationDays.end(), days) != kRotationDays.end();
}

// LP(purpose) ‖ u16 n ‖ u32 e
std::string epoch_context(std::string_view purpose, std::uint16_t rotation_days,
                          std::uint32_t epoch) {
  std::string context;
  append_length_prefixed(context, purpose);
  append_big_endian(context, rotation_days);
  append_big_endian(context, epoch);
  return context;
}

}  // namespace

std::uint32_t epoch_of_day(std::uint16_t rotation_days, std::int64_t unix_day) {
  assert(rotation_days > 0 && unix_day >= 0);
  return static_cast<std::uint32_t>(unix_day / rotation_days);
}

Result<ChainKey> chain_start(const RootKey& root, std::uint16_t rotation_days) {
  if (!is_rotation(rotation_days)) {
    return fail(ErrorCode::kRefused, "epoch chain: rotation length", rotation_days);
  }
  std::string days;
  append_big_endian(days, rotation_days);
  ChainKey chain;
  hkdf_expand(root.bytes(), {bytes_of(kChainLabel), bytes_of(days)}, chain.bytes());
  return chain;
}

ChainKey chain_step(const ChainKey& chain) {
  ChainKey next;
  hkdf_expand(chain.bytes(), {bytes_of(kStepLabel)}, next.bytes());
  return next;
}

void chain_walk(ChainKey& chain, std::uint32_t steps) {
  if (steps == 0) return;
  ChainKey next;
  for (; steps > 0; --steps) {
    hkdf_expand(chain.bytes(), {bytes_of(kStepLabel)}, next.bytes());
    std::swap(chain, next);
  }
}

Result<EpochKey> epoch_key(const ChainKey& chain, std::string_view purpose,
                           std::uint16_t rotation_days, std::uint32_t epoch) {
  TRY(check_purpose(purpose));
  const std::string context = epoch_context(purpose, rotation_days, epoch);
  SecretBytes<32> epoch_secret;
  SecretBytes<kEd25519SeedBytes> seed;
  hkdf_expand(chain.bytes(), {bytes_of(kEpochLabel), bytes_of(context)}, epoch_secret.bytes());
  hkdf_expand(epoch_secret.bytes(), {bytes_of(kEd25519Label)}, seed.bytes());
  EpochKey key;
  hkdf_expand(epoch_secret.bytes(), {bytes_of(kFieldLabel)}, key.field_key.bytes());
  crypto_sign_ed25519_seed_keypair(key.public_key.data(), key.keypair.bytes().data(),
                                   seed.bytes().data());
  TRY(key.pseudonym, pseudonym_of(purpose, rotation_days, epoch, key.public_key));
  return key;
}

Result<Pseudonym> pseudonym_of(std::string_view purpose, std::uint16_t rotation_days,
                               std::uint32_t epoch, const Ed25519PublicKey& public_key) {
  TRY(check_purpose(purpose));
  const std::string context = epoch_context(purpose, rotation_days, epoch);
  std::array<std::uint8_t, kSha256Bytes> digest{};
  sha256({bytes_of(kPseudonymLabel), bytes_of(context), public_key}, digest);
  Pseudonym pseudonym{};
  std::copy_n(digest.begin(), pseudonym.size(), pseudonym.begin());
  return pseudonym;
}

}  // namespace sudare
