// PINs that a chip has refused: a chip that is asked with one again and again locks. Kept in memory
// alone, as a keyed hash: a program that starts anew has one try.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sudare {

// One thread at a time. Grows with the keys that are configured: one PIN per key is remembered.
class RefusedPins {
 public:
  RefusedPins();
  // The PIN that is to be tried at the key (MqttPeer::key_file) was refused there, and no other has
  // been since.
  [[nodiscard]] bool has(const std::string& key_file, std::string_view pin) const;
  void add(const std::string& key_file, std::string_view pin);

 private:
  static constexpr std::size_t kHashBytes = 32;
  using Hash = std::array<std::uint8_t, kHashBytes>;
  [[nodiscard]] Hash hash(std::string_view pin) const;

  Hash key_{};
  std::map<std::string, Hash> by_key_file_;
};

}  // namespace sudare
