#include "tests/faults/power/messages.h"

#include <nlohmann/json.hpp>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/faults/rig/canary.h"

namespace sudare::faults {
namespace {

// Every 8th message is a position, every 50th an emergency.
constexpr std::uint64_t kUrgentEvery = 50;
constexpr std::uint64_t kPositionEvery = 8;

// testkit::Unit's policy releases the number of satellites: here it is the message's number.
std::string position_payload(std::uint64_t number) {
  vehicle::v1::Position position;
  position.set_latitude_e7(kCanaryLatitudeE7);
  position.set_longitude_e7(kCanaryLongitudeE7);
  position.set_speed_kmh(47.3F);
  position.set_satellites(static_cast<std::uint32_t>(number));
  std::string payload = position.SerializeAsString();
  payload += "\xa2\x06";  // field 100, which no schema knows
  payload += static_cast<char>(kCanaryVin.size());
  return payload.append(kCanaryVin);
}

constexpr std::size_t kBlock = 4096;
constexpr char kZeros[kBlock] = {};

}  // namespace

bool is_urgent(std::uint64_t number) { return number % kUrgentEvery == 0; }

NumberedMessage numbered_message(std::uint64_t number) {
  if (is_urgent(number)) return {kUrgentTopic, numbered_json(number)};
  if (number % kPositionEvery == 0) return {"vehicle/position", position_payload(number)};
  return {kJsonTopic, numbered_json(number)};
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

std::uint64_t canaries_on_disk(std::string_view bytes) {
  std::uint64_t found = 0;
  std::size_t begin = 0;  // of a stretch that is not all zeros
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::string_view block = bytes.substr(at, kBlock);
    if (block != std::string_view(kZeros, block.size())) continue;
    found += canaries_in(bytes.substr(begin, at - begin));
    begin = at + block.size();
  }
  return begin < bytes.size() ? found + canaries_in(bytes.substr(begin)) : found;
}

}  // namespace sudare::faults
