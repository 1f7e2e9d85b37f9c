#include "sim/bench/series.h"

#include <cassert>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/car/daily_trips.h"
#include "sim/car/vehicle.h"
#include "sim/profile.h"
#include "sim/traffic/messages.h"

namespace sudare::sim::bench {

namespace {

constexpr std::int64_t kStepMs = 1000;  // positions come once a second
constexpr std::int64_t kFirstDay = 20'000;
constexpr std::size_t kEmergencies = 64;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  bytes += static_cast<char>(value);
  return bytes;
}

template <typename Message>
std::int64_t time_of(std::string_view payload) {
  Message message;
  const bool parsed = message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  return parsed ? message.time_ms() : 0;
}

// Of JSON that a gateway or a bridge handed on: {"time_ms":1700000000000 with or without a space.
std::int64_t json_time(std::string_view payload) {
  constexpr std::string_view kKey = "\"time_ms\":";
  std::size_t at = payload.find(kKey);
  if (at == std::string_view::npos) return 0;
  at = payload.find_first_not_of(' ', at + kKey.size());
  if (at == std::string_view::npos) return 0;
  std::int64_t time = 0;
  std::from_chars(payload.data() + at, payload.data() + payload.size(), time);
  return time;
}

nlohmann::json fields_of_position(PayloadCodec codec, std::string_view payload) {
  if (codec == PayloadCodec::kJson) return nlohmann::json::parse(payload, nullptr, false);
  vehicle::Position message;
  const bool parsed = message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  return parsed ? nlohmann::json::parse(encode(message, PayloadCodec::kJson, 0)) : nullptr;
}

}  // namespace

Series::Series(std::string topic, PayloadCodec codec, std::int64_t first_ms)
    : topic_(std::move(topic)), codec_(codec), first_ms_(first_ms) {}

std::string Series::time_bytes(std::int64_t time_ms) const {
  return codec_ == PayloadCodec::kJson ? std::to_string(time_ms)
                                       : varint(static_cast<std::uint64_t>(time_ms));
}

// `message` has the time first_ms_.
void Series::add(const google::protobuf::Message& message) {
  Slot slot{encode(message, codec_, 0), 0};
  slot.time_at = slot.payload.find(time_bytes(first_ms_));
  assert(slot.time_at != std::string::npos);
  pool_.push_back(std::move(slot));
}

Series Series::positions(PayloadCodec codec, std::uint64_t seed, std::int64_t first_ms,
                         std::size_t pool) {
  const bool json = codec == PayloadCodec::kJson;
  Series series(json ? "vehicle/position" : "vehicle/position/protobuf", codec, first_ms);
  series.protobuf_time_ = time_of<vehicle::Position>;
  DailyTrips days(default_profile(), Random(seed), kFirstDay);
  while (series.pool_.size() < pool) {
    const auto trip = days.next();
    for (const Fix& fix : trip->fixes) {
      if (series.pool_.size() == pool) break;
      if (fix.link == 0) continue;  // off the map: a field less
      vehicle::Position message = position_message(fix, false);
      message.set_time_ms(first_ms);
      series.add(message);
    }
  }
  return series;
}

Series Series::emergencies(std::uint64_t seed, std::int64_t first_ms) {
  Series series("vehicle/emergency", PayloadCodec::kProtobuf, first_ms);
  series.protobuf_time_ = time_of<vehicle::Emergency>;
  Random random(seed);
  DailyTrips days(default_profile(), random.fork(), kFirstDay);
  const auto trip = days.next();
  for (std::size_t i = 0; i < kEmergencies; ++i) {
    vehicle::Emergency message =
        emergency_message(identity_of_seed(seed), trip->fixes[i % trip->fixes.size()], {},
                          vehicle::Emergency::AIRBAG, random);
    message.set_time_ms(first_ms);
    series.add(message);
  }
  return series;
}

std::string_view Series::payload(std::uint64_t number) {
  Slot& slot = pool_[static_cast<std::size_t>(number % pool_.size())];
  const std::string time = time_bytes(first_ms_ + static_cast<std::int64_t>(number) * kStepMs);
  slot.payload.replace(slot.time_at, time.size(), time);
  return slot.payload;
}

std::optional<std::uint64_t> Series::number_of(std::string_view payload) const {
  const std::int64_t time =
      codec_ == PayloadCodec::kJson ? json_time(payload) : protobuf_time_(payload);
  if (time < first_ms_ || (time - first_ms_) % kStepMs != 0) return {};
  return static_cast<std::uint64_t>((time - first_ms_) / kStepMs);
}

bool Series::same_position(std::uint64_t number, std::string_view opened) {
  return fields_of_position(codec_, payload(number)) == fields_of_position(codec_, opened);
}

double Series::mean_bytes() const {
  const std::size_t bytes =
      std::accumulate(pool_.begin(), pool_.end(), std::size_t{0},
                      [](std::size_t sum, const Slot& slot) { return sum + slot.payload.size(); });
  return static_cast<double>(bytes) / static_cast<double>(pool_.size());
}

}  // namespace sudare::sim::bench
