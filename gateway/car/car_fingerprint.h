// Which car a unit was provisioned for, in so few bits that the unit does not tell: enough to
// notice another car, too little to name this one. Kept in the unit's store and, on a factory line,
// beside what was made for the car.
//
// Whoever reads it, and tries every car of a fleet, is left with one in 2^kFingerprintBits of them:
// a thousand of a million. So another car goes unnoticed with the same probability. A car whose VIN
// and frame number are both known has half of the bits of each: a list that knows both of every car
// would otherwise leave one car of a million.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

// Of a car, over both of its numbers. docs/identity.md, "A unit in another car".
inline constexpr unsigned kFingerprintBits = 10;
inline constexpr std::size_t kFingerprintSaltBytes = 16;
inline constexpr std::size_t kFingerprintBytes = 2 + kFingerprintSaltBytes + 4;

class CarFingerprint {
 public:
  // With a random salt. Numbers as people write them; empty where not known. Nothing where neither
  // is a VIN or a frame number. crypto_init() must have run.
  static std::optional<CarFingerprint> make(std::string_view vin, std::string_view frame_number);

  // kNothing: nothing that was said can be compared: absent, garbled, or a number whose kind was
  // not known at provisioning. kOther: one of them is another car's. Pure.
  enum class Match : std::uint8_t { kNothing, kSame, kOther };
  [[nodiscard]] Match match(std::string_view vin, std::string_view frame_number) const;
  // Whether make() of these numbers would look at the same kinds.
  [[nodiscard]] bool covers(std::string_view vin, std::string_view frame_number) const;

  // kFingerprintBytes: docs/formats.md, "Fingerprint of the car". kMalformed.
  [[nodiscard]] std::string encode() const;
  static Result<CarFingerprint> decode(std::string_view bytes);

 private:
  CarFingerprint() = default;
  [[nodiscard]] std::uint16_t hash(std::string_view kind, std::string_view number) const;

  std::array<std::uint8_t, kFingerprintSaltBytes> salt_{};
  unsigned bits_ = kFingerprintBits;  // of each number
  std::optional<std::uint16_t> vin_;
  std::optional<std::uint16_t> frame_number_;
};

}  // namespace sudare
