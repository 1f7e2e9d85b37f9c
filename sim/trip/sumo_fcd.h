// Floating car data as SUMO writes it with --fcd-output:
//
//   <fcd-export>
//     <timestep time="0.00">
//       <vehicle id="a" x="137.156" y="35.083" angle="90.00" speed="8.30" …/>
//
// Time step by time step: memory follows the points, not the XML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"
#include "sim/trip/trip.h"

namespace sudare::sim {

struct FcdOptions {
  // x and y are metres east and north of here. Nothing: they are longitude and latitude
  // (--fcd-output.geo); so are attributes named lon and lat, with or without an origin.
  std::optional<Place> origin;
  // SUMO's time 0 as unix time; by default 2024-01-01 00:00 UTC, a Monday.
  std::int64_t time_offset_ms = 1'704'067'200'000;
};

// Trips of each vehicle, named by its id (Trip::vehicle); ordered by id, then time. Persons and
// containers are left out. Fails on text that is no XML, on a time step without a time, a vehicle
// without id or place. Pure; any thread.
[[nodiscard]] Parsed<std::vector<Trip>> parse_fcd(const std::string& file, std::string_view text,
                                                  const FcdOptions& options);

// Whether an XML text's first element is <fcd-export>: comments (SUMO writes its configuration into
// one) and declarations before it are passed over.
[[nodiscard]] bool is_fcd(std::string_view text);

}  // namespace sudare::sim
