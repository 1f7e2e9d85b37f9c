#include "fleet/provision/car_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "crypto/secret_bytes.h"
#include "fleet/provision/csv_line.h"
#include "gateway/detect/frame_number.h"
#include "gateway/detect/vin.h"

namespace sudare {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Shorter serial numbers are in names by chance.
constexpr std::size_t kTellingDigitsMin = 5;
constexpr std::size_t kVinSerialLength = 6;

// What is wrong with a list or a line of it, and what would be right.
struct Fault {
  Literal what;
  std::string_view hint;
};
constexpr std::string_view kHeader = "its first line: unit,vin,frame_number,terminal_number";
constexpr Fault kUnknownColumn{"CSV: a column is not known", kHeader};
constexpr Fault kColumnTwice{"CSV: a column is there twice", kHeader};
constexpr Fault kColumnMissing{"CSV: no column \"unit\", or neither \"vin\" nor \"frame_number\"",
                               kHeader};
constexpr Fault kFieldCount{"CSV: not as many fields as columns",
                            "as many commas as in the first line; what is not known stays empty"};
constexpr Fault kBadVin{"what stands for the VIN is none",
                        "17 letters and digits, without I, O and Q; empty where it is not known"};
constexpr Fault kBadFrameNumber{"what stands for the frame number is none",
                                "as the car's certificate says it, as in ZVW30-1234567; empty "
                                "where it is not known"};
constexpr Fault kBadTerminalNumber{"a terminal number that is too long", "at most 64 bytes"};
constexpr Fault kNoNumber{"neither VIN nor frame number", "one of them at least"};
constexpr Fault kBadUnit{
    "what stands for the unit's name is none",
    "letters, digits, \".\", \"_\" and \"-\", at most 64, no dot at the front"};
constexpr Fault kTellingUnit{"the unit's name holds a number of the car",
                             "a slot, or the unit's own serial number: many see a folder's name"};
constexpr std::array kFaults = {kUnknownColumn, kColumnTwice,    kColumnMissing,     kFieldCount,
                                kBadVin,        kBadFrameNumber, kBadTerminalNumber, kNoNumber,
                                kBadUnit,       kTellingUnit};

bool is_unit_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// Capital letters and digits, without what is between them.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out += c;
    else if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool holds(const std::string& name, const std::string& part) {
  return part.size() >= kTellingDigitsMin && name.find(part) != std::string::npos;
}

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

tl::unexpected<Error> malformed(Literal what, std::size_t column) {
  return fail(ErrorCode::kMalformed, what, static_cast<std::int64_t>(column + 1));
}

Status check_vin(std::string_view text) {
  if (text.empty() || parse_vin(text)) return Done{};
  return fail(ErrorCode::kMalformed, kBadVin.what);
}

Status check_frame_number(std::string_view text) {
  if (text.empty() || parse_frame_number(text)) return Done{};
  return fail(ErrorCode::kMalformed, kBadFrameNumber.what);
}

Status check_terminal_number(std::string_view text) {
  if (text.size() <= kTerminalNumberBytesMax) return Done{};
  return fail(ErrorCode::kMalformed, kBadTerminalNumber.what);
}

Status check_one_is_said(const CarIdentity& identity) {
  if (!identity.vin.empty() || !identity.frame_number.empty()) return Done{};
  return fail(ErrorCode::kMalformed, kNoNumber.what);
}

}  // namespace

Status check_identity(const CarIdentity& identity) {
  TRY(check_vin(identity.vin));
  TRY(check_frame_number(identity.frame_number));
  TRY(check_terminal_number(identity.terminal_number));
  return check_one_is_said(identity);
}

bool is_unit_name(std::string_view name) {
  return !name.empty() && name.size() <= kUnitNameBytesMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_unit_character);
}

bool tells_the_car(std::string_view unit, const CarIdentity& identity) {
  if (parse_vin(unit)) return true;
  const std::string name = squeezed(unit);
  std::vector<std::string> parts{squeezed(identity.terminal_number)};
  if (const auto vin = parse_vin(identity.vin)) {
    const std::string text(vin->text.begin(), vin->text.end());
    parts.push_back(text.substr(kVinLength - kVinSerialLength));
  }
  if (const auto frame = parse_frame_number(identity.frame_number)) {
    parts.push_back(squeezed(frame->serial));
    parts.push_back(squeezed(frame->type + frame->serial));
  }
  const bool found = std::any_of(parts.begin(), parts.end(),
                                 [&](const std::string& part) { return holds(name, part); });
  for (std::string& part : parts) wipe_text(part);
  return found;
}

Result<CarList> CarList::begin(std::string_view header) {
  if (header.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    header.remove_prefix(kByteOrderMark.size());
  }
  constexpr std::array<std::string_view, 4> kNames = {"unit", "vin", "frame_number",
                                                      "terminal_number"};
  TRY(const std::vector<std::string> fields, csv_fields(header));
  CarList list;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto found = std::find(kNames.begin(), kNames.end(), fields[i]);
    if (found == kNames.end()) return malformed(kUnknownColumn.what, i);
    const auto column = static_cast<Column>(found - kNames.begin());
    if (std::count(list.columns_.begin(), list.columns_.end(), column) > 0) {
      return malformed(kColumnTwice.what, i);
    }
    list.columns_.push_back(column);
  }
  const auto has = [&](Column column) {
    return std::count(list.columns_.begin(), list.columns_.end(), column) > 0;
  };
  if (!has(Column::kUnit) || (!has(Column::kVin) && !has(Column::kFrameNumber))) {
    return malformed(kColumnMissing.what, 0);
  }
  return list;
}

Result<CarLine> CarList::read(std::string_view line) const {
  TRY(std::vector<std::string> fields, csv_fields(line));
  CarLine car;
  Status checked = Done{};
  if (fields.size() != columns_.size()) {
    checked = malformed(kFieldCount.what, fields.size());
  }
  for (std::size_t i = 0; checked && i < fields.size(); ++i) {
    std::string& value = fields[i];
    switch (columns_[i]) {
      case Column::kUnit:
        if (!is_unit_name(value)) checked = malformed(kBadUnit.what, i);
        std::swap(car.unit, value);
        break;
      case Column::kVin:
        checked = check_vin(value);
        std::swap(car.identity.vin, value);
        break;
      case Column::kFrameNumber:
        checked = check_frame_number(value);
        std::swap(car.identity.frame_number, value);
        break;
      case Column::kTerminalNumber:
        checked = check_terminal_number(value);
        std::swap(car.identity.terminal_number, value);
        break;
    }
    if (!checked) checked.error().detail = static_cast<std::int64_t>(i + 1);
  }
  for (std::string& field : fields) wipe_text(field);
  if (checked) checked = check_one_is_said(car.identity);
  if (checked && tells_the_car(car.unit, car.identity)) {
    checked = fail(ErrorCode::kRefused, kTellingUnit.what);
  }
  if (checked) return car;
  wipe_car(car);
  return tl::unexpected<Error>(checked.error());
}

std::string_view car_list_hint(const Error& error) {
  for (const Fault& fault : kFaults) {
    if (fault.what == error.what) return fault.hint;
  }
  return error.what.view().starts_with("CSV: ") ? "RFC 4180: a line per car, in UTF-8" : "";
}

void wipe_car(CarLine& car) {
  wipe_text(car.identity.vin);
  wipe_text(car.identity.frame_number);
  wipe_text(car.identity.terminal_number);
}

}  // namespace sudare
