// Bytes that claim to be a recorded trip.
#include <cstdint>
#include <string_view>

#include "sim/trip/read_trips.h"
#include "sim/trip/track_points.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trips = sudare::sim::parse_geojson("input", text);
  if (!trips) return 0;
  for (const auto& trip : *trips) {
    if (trip.fixes.empty()) __builtin_trap();
    for (const auto& fix : trip.fixes) {
      if (!sudare::sim::is_place(fix.place)) __builtin_trap();
    }
  }
  return 0;
}
