#include "gateway/mqtt/refused_pins.h"

#include <sodium.h>

namespace sudare {

RefusedPins::RefusedPins() { randombytes_buf(key_.data(), key_.size()); }

bool RefusedPins::has(const std::string& key_file, std::string_view pin) const {
  const auto found = by_key_file_.find(key_file);
  return found != by_key_file_.end() && found->second == hash(pin);
}

void RefusedPins::add(const std::string& key_file, std::string_view pin) {
  by_key_file_[key_file] = hash(pin);
}

RefusedPins::Hash RefusedPins::hash(std::string_view pin) const {
  Hash out{};
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(pin.data()),
                     pin.size(), key_.data(), key_.size());
  return out;
}

}  // namespace sudare
