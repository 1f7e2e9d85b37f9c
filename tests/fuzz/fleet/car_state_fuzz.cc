// A stored fingerprint of the car, and what messages say of it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/crypto_init.h"
#include "gateway/car/car_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto stored = CarFingerprint::decode(bytes.substr(0, kFingerprintBytes));
  if (!stored) return 0;
  if (stored->encode() != bytes.substr(0, kFingerprintBytes)) std::abort();
  const std::string_view said = bytes.substr(kFingerprintBytes);
  const std::size_t half = said.size() / 2;
  static_cast<void>(stored->match(said.substr(0, half), said.substr(half)));
  static_cast<void>(stored->covers(said, said));
  return 0;
}
