// Bytes that claim to be SUMO's floating car data, with degrees and with metres.
#include <cstdint>
#include <string_view>

#include "sim/trip/sumo_fcd.h"
#include "sim/trip/track_points.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sudare::sim::FcdOptions options;
  for (const bool meters : {false, true}) {
    if (meters) options.origin = {35.083, 137.156};
    const auto trips = sudare::sim::parse_fcd("input", text, options);
    if (!trips) continue;
    for (const auto& trip : *trips) {
      if (trip.fixes.empty() || trip.vehicle.empty()) __builtin_trap();
      for (const auto& fix : trip.fixes) {
        if (!sudare::sim::is_place(fix.place)) __builtin_trap();
      }
    }
  }
  return 0;
}
