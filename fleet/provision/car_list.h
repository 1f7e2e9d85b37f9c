// The cars of a factory line as CSV: a header, then a line per car.
//
//   unit,vin,frame_number,terminal_number
//   slot-17,JTDKB20U793012345,,08012345678
//
// `unit` is the line's own name for the unit that is being made, and becomes a folder's name: a
// slot, a serial number of the unit. It must say nothing of the car, whose identity is sealed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fleet/provision/provision.h"

namespace sudare {

inline constexpr std::size_t kUnitNameBytesMax = 64;
// A telephone number, an ICCID or a serial number.
inline constexpr std::size_t kTerminalNumberBytesMax = 64;

struct CarLine {
  std::string unit;
  CarIdentity identity;
};

// [A-Za-z0-9._-], 1 to kUnitNameBytesMax, not beginning with a dot.
[[nodiscard]] bool is_unit_name(std::string_view name);
// Whether the name is a VIN, or holds one of the car's numbers or its serial part, in whatever
// writing.
[[nodiscard]] bool tells_the_car(std::string_view unit, const CarIdentity& identity);

// Of a list's line as of one car's file: kMalformed where what is said for a VIN or a frame number
// is none, neither is said, or a terminal number is too long. A unit whose number is mistyped would
// never notice that it is in another car. The error holds no value.
[[nodiscard]] Status check_identity(const CarIdentity& identity);

// Errors name the place, never a value: detail is the byte or column, from 1.
class CarList {
 public:
  // `header`: the first line; its columns in any order, `unit` and one of `vin` and `frame_number`
  // among them. kMalformed: an unknown column, one that is missing or there twice.
  static Result<CarList> begin(std::string_view header);
  // kMalformed: not as many fields as columns, no unit's name, no VIN, no frame number, neither of
  // them, a terminal number that is too long. kRefused: the unit's name tells the car. The caller
  // wipes the identity.
  [[nodiscard]] Result<CarLine> read(std::string_view line) const;

 private:
  CarList() = default;
  enum class Column : std::uint8_t { kUnit, kVin, kFrameNumber, kTerminalNumber };
  std::vector<Column> columns_;
};

// What would be right, for people; empty where the error is none of a list.
[[nodiscard]] std::string_view car_list_hint(const Error& error);

// Overwrites what was read of a car.
void wipe_car(CarLine& car);

}  // namespace sudare
