// An age X25519 recipient: the public key to which a purpose's batches are sealed.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/x25519.h"

namespace sudare::age {

// Names a recipient's key inside a batch: the first 8 bytes of
// SHA-256("sudare/v1/recipient\0" ‖ public key).
using KeyId = std::array<std::uint8_t, 8>;

// A value; copyable; any thread. Holds a key that was checked.
class Recipient {
 public:
  // "age1…", as age-keygen prints it. kMalformed on anything else, white space included; kRefused
  // on a point of low order, for which anyone could open the file. Takes about 50 µs.
  static Result<Recipient> parse(std::string_view text);
  // The same for the 32 bytes themselves.
  static Result<Recipient> from_public_key(X25519Span public_key);

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] X25519Span public_key() const { return public_key_; }
  [[nodiscard]] KeyId key_id() const;

  friend bool operator==(const Recipient&, const Recipient&) = default;

 private:
  Recipient() = default;
  std::array<std::uint8_t, kX25519Bytes> public_key_{};
};

}  // namespace sudare::age
