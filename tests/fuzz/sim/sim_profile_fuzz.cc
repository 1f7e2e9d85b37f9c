// Text that claims to be a simulator's profile.
#include <cstdint>
#include <string_view>

#include "sim/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = sudare::sim::parse_profile(
      "input", std::string_view(reinterpret_cast<const char*>(data), size));
  if (profile && !(profile->day().trips() >= 1)) __builtin_trap();
  return 0;
}
