#include "tests/faults/power/messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sudare/vehicle/v1/position.pb.h"

namespace sudare::faults {
namespace {

constexpr std::string_view kVin = "JTDKARFU8Q3CANARY";
constexpr std::string_view kEmail = "canary.8731@example.jp";
constexpr std::int32_t kLatitudeE7 = 351'693'127;
constexpr std::int32_t kLongitudeE7 = 1'372'694'513;

// Every 8th message is a position, every 50th an emergency.
constexpr std::uint64_t kUrgentEvery = 50;
constexpr std::uint64_t kPositionEvery = 8;

vehicle::v1::Position canary_position() {
  vehicle::v1::Position position;
  position.set_latitude_e7(kLatitudeE7);
  position.set_longitude_e7(kLongitudeE7);
  return position;
}

// The shipped policy's test releases the number of satellites: here it is the message's number.
std::string position_payload(std::uint64_t number) {
  vehicle::v1::Position position = canary_position();
  position.set_speed_kmh(47.3F);
  position.set_satellites(static_cast<std::uint32_t>(number));
  std::string payload = position.SerializeAsString();
  payload += "\xa2\x06";  // field 100, which no schema knows
  payload += static_cast<char>(kVin.size());
  return payload.append(kVin);
}

std::string json_payload(std::uint64_t number) {
  return "{\"seq\": " + std::to_string(number) + ", \"vin\": \"" + std::string(kVin) +
         "\", \"owner\": {\"mail\": \"" + std::string(kEmail) +
         "\"}, \"lat\": 35.1693127, \"lon\": 137.2694513}";
}

// A disk is mostly zeros.
constexpr std::size_t kBlock = 4096;
constexpr char kZeros[kBlock] = {};

std::uint64_t found_in(std::string_view bytes) {
  static const std::string encoded = canary_position().SerializeAsString();
  std::uint64_t found = 0;
  for (const std::string_view canary : std::initializer_list<std::string_view>{
           "CANARY", "canary", "35.1693", "137.2694", "351693127", "1372694513", encoded}) {
    for (std::size_t at = bytes.find(canary); at != std::string_view::npos;
         at = bytes.find(canary, at + 1)) {
      ++found;
    }
  }
  return found;
}

}  // namespace

bool is_urgent(std::uint64_t number) { return number % kUrgentEvery == 0; }

NumberedMessage numbered_message(std::uint64_t number) {
  if (is_urgent(number)) return {kUrgentTopic, json_payload(number)};
  if (number % kPositionEvery == 0) return {kPositionTopic, position_payload(number)};
  return {kJsonTopic, json_payload(number)};
}

std::optional<std::uint64_t> number_of(const v1::Record& record) {
  if (record.codec() == v1::Record::PROTOBUF) {
    vehicle::v1::Position position;
    if (!position.ParseFromString(record.payload())) return std::nullopt;
    return position.satellites();
  }
  const auto json = nlohmann::json::parse(record.payload(), nullptr, false);
  if (!json.is_object() || !json.contains("seq")) return std::nullopt;
  return json.at("seq").get<std::uint64_t>();
}

std::uint64_t canaries_in(std::string_view bytes) {
  std::uint64_t found = 0;
  std::size_t begin = 0;  // of a stretch that is not all zeros
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::string_view block = bytes.substr(at, kBlock);
    if (block != std::string_view(kZeros, block.size())) continue;
    found += found_in(bytes.substr(begin, at - begin));
    begin = at + block.size();
  }
  return begin < bytes.size() ? found + found_in(bytes.substr(begin)) : found;
}

}  // namespace sudare::faults
