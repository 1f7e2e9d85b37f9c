// Bytes that claim to join recorded tracks to users.
#include <cstdint>
#include <string_view>

#include "sim/attack/world/recorded.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto users = sudare::sim::attack::parse_user_map("input", text);
  if (!users) return 0;
  for (const auto& [track, user] : *users) {
    if (track.empty() || user.empty()) __builtin_trap();
  }
  return 0;
}
