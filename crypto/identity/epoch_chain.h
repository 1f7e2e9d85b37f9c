// Keys and pseudonyms that change with time (docs/formats.md, "Epoch chains"). A chain only goes
// forward: who takes a unit's disk learns the current pseudonym and later ones, never earlier ones,
// provided that the caller erases what it has stepped past.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace sudare {

inline constexpr std::size_t kRootBytes = 32;
inline constexpr std::size_t kEd25519SeedBytes = 32;
inline constexpr std::size_t kEd25519KeypairBytes =
    64;  // seed, then public key, as libsodium wants
inline constexpr std::size_t kEd25519PublicKeyBytes = 32;
inline constexpr std::size_t kPseudonymBytes = 16;

// Days for which a purpose keeps a pseudonym. 0: until the vehicle is transferred, counted.
inline constexpr std::array<std::uint16_t, 5> kRotationDays = {1, 7, 28, 91, 364};
inline constexpr std::uint16_t kUntilTransfer = 0;

using RootKey = SecretBytes<kRootBytes>;
using ChainKey = SecretBytes<32>;
using Ed25519PublicKey = std::array<std::uint8_t, kEd25519PublicKeyBytes>;
using Pseudonym = std::array<std::uint8_t, kPseudonymBytes>;

// What one purpose signs with and is called during one epoch. Owns its secret; movable.
struct EpochKey {
  SecretBytes<kEd25519KeypairBytes> keypair;
  Ed25519PublicKey public_key{};
  Pseudonym pseudonym{};
  SecretBytes<32> field_key;  // X(E, "sudare/v1/field\0"): pseudonyms of single fields
};

// floor(unix day / rotation), the same for all vehicles. Asserts that rotation_days isn't 0 (there
// the caller counts transfers) and that the day isn't negative.
[[nodiscard]] std::uint32_t epoch_of_day(std::uint16_t rotation_days, std::int64_t unix_day);

// The chain of a rotation length at the epoch in which the vehicle is provisioned. The caller
// erases the root afterwards. kRefused where the length is none of kRotationDays or kUntilTransfer.
Result<ChainKey> chain_start(const RootKey& root, std::uint16_t rotation_days);

// The chain one epoch later. Pure: the caller replaces and erases the old one in one transaction.
[[nodiscard]] ChainKey chain_step(const ChainKey& chain);

// The same, `steps` times, in place: for who computes the pseudonyms of many epochs.
void chain_walk(ChainKey& chain, std::uint32_t steps);

// The purpose's key in the epoch at which `chain` stands; the caller knows which that is.
// kRefused where the purpose's name is empty or longer than 255 bytes.
Result<EpochKey> epoch_key(const ChainKey& chain, std::string_view purpose,
                           std::uint16_t rotation_days, std::uint32_t epoch);

// The name under which a public key sends. A recipient computes it to check a batch's own.
Result<Pseudonym> pseudonym_of(std::string_view purpose, std::uint16_t rotation_days,
                               std::uint32_t epoch, const Ed25519PublicKey& public_key);

}  // namespace sudare
