// Positions as messages, and the sources that release them, for the tests of the minimizer.
#pragma once

#include <cmath>
#include <string>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/unit/minimize/car.h"

namespace sudare::testkit {

using VehiclePosition = vehicle::v1::Position;

inline constexpr char kTopic[] = "vehicle/position";

inline SourceBuilder position_source(v1::Cell cell) {
  SourceBuilder source(kTopic, *VehiclePosition::descriptor());
  source.field("latitude_e7", keep()).field("longitude_e7", keep());
  source.release.cell = cell;
  source.release.bucket_ms = 60'000;
  return source;
}

inline SourceBuilder json_position_source(v1::Cell cell, v1::Unit unit = v1::DEGREES) {
  SourceBuilder source("json");
  source.field("lat", keep()).classify("lat", v1::LATITUDE, unit, 1);
  source.field("lon", keep()).classify("lon", v1::LONGITUDE, unit, 1);
  source.release.cell = cell;
  source.release.bucket_ms = 60'000;
  return source;
}

inline SourceBuilder on_move_source(v1::Cell cell) {
  SourceBuilder source = position_source(cell);
  source.release.on_move = true;
  return source;
}

inline std::string position_payload(double latitude, double longitude) {
  VehiclePosition position;
  position.set_latitude_e7(static_cast<std::int32_t>(std::llround(latitude * 1e7)));
  position.set_longitude_e7(static_cast<std::int32_t>(std::llround(longitude * 1e7)));
  position.set_speed_kmh(53.5F);
  position.set_time_ms(1'700'000'012'345);
  position.set_road_link(987'654'321);
  return position.SerializeAsString();
}

inline VehiclePosition parsed(const Outcome& outcome) {
  VehiclePosition position;
  EXPECT_TRUE(position.ParseFromString(content(outcome).payload));
  return position;
}

inline Reason reason_of(const Outcome& outcome) {
  EXPECT_FALSE(outcome.release);
  EXPECT_EQ(outcome.fate, Fate::kDropped);
  return outcome.reason;
}

}  // namespace sudare::testkit
