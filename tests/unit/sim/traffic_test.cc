#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "gateway/detect/detector.h"
#include "sim/car/vehicle.h"
#include "sim/profile.h"
#include "sim/world/road_network.h"

namespace sudare::sim {
namespace {

constexpr std::int64_t kStartMs = 1'763'780'400'000;  // a Saturday, 2025-11-22 12:00 in Japan
constexpr std::int64_t kDayMs = 86'400'000;

struct Sent {
  std::vector<Outgoing> messages;

  [[nodiscard]] std::size_t count(const std::string& topic) const {
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(),
                      [&](const Outgoing& message) { return message.topic == topic; }));
  }
};

Sent days_of(std::uint64_t seed, std::int64_t days, PayloadCodec codec = PayloadCodec::kProtobuf,
             bool calendar = false) {
  Vehicle vehicle(default_profile(), seed, {kStartMs, calendar}, {codec, 0, {"traffic"}});
  Sent sent;
  while (auto message = vehicle.messages().next()) {
    if (message->time_ms > kStartMs + days * kDayMs) break;
    sent.messages.push_back(*std::move(message));
  }
  return sent;
}

bool same(const Outgoing& a, const Outgoing& b) {
  return a.topic == b.topic && a.payload == b.payload && a.time_ms == b.time_ms &&
         a.retained == b.retained;
}

TEST(SimVehicle, SameSeedSameBytes) {
  const Sent a = days_of(7, 2);
  const Sent b = days_of(7, 2);
  EXPECT_TRUE(
      std::equal(a.messages.begin(), a.messages.end(), b.messages.begin(), b.messages.end(), same));
  const Sent other = days_of(8, 2);
  EXPECT_NE(a.messages.at(2).payload, other.messages.at(2).payload);
}

TEST(SimVehicle, MessagesComeInTheOrderOfTime) {
  const Sent sent = days_of(3, 3);
  EXPECT_TRUE(
      std::is_sorted(sent.messages.begin(), sent.messages.end(),
                     [](const Outgoing& a, const Outgoing& b) { return a.time_ms < b.time_ms; }));
}

// The day of traffic.md: 1.1 h of driving in 2.7 trips, 3,900 positions, about 5,000 messages.
TEST(SimVehicle, DaysHaveTheShapeOfTheProfile) {
  double positions = 0;
  double trips = 0;
  double messages = 0;
  constexpr int kSeeds = 6;
  constexpr std::int64_t kDays = 28;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Sent sent = days_of(seed, kDays);
    positions += static_cast<double>(sent.count("vehicle/position"));
    trips += static_cast<double>(sent.count("vehicle/trip")) / 2;
    messages += static_cast<double>(sent.messages.size());
  }
  constexpr double kDaysAll = kSeeds * static_cast<double>(kDays);
  EXPECT_NEAR(positions / kDaysAll, 3900, 400);
  EXPECT_NEAR(trips / kDaysAll, 2.7, 0.2);
  EXPECT_NEAR(messages / kDaysAll, 4500, 700);
}

TEST(SimVehicle, RatesOfRareMessagesFollowTheProfile) {
  v1::Profile profile = default_profile();
  profile.mutable_rates()->set_position_hz(0);
  profile.mutable_rates()->set_status_s(0);
  profile.mutable_rates()->set_drive_recorder_per_month(60);
  Vehicle vehicle(profile, 5, {kStartMs, false}, {});
  std::map<std::string, double> per_day;
  constexpr std::int64_t kDays = 84;
  while (auto message = vehicle.messages().next()) {
    if (message->time_ms > kStartMs + kDays * kDayMs) break;
    per_day[message->topic] += 1.0 / static_cast<double>(kDays);
  }
  EXPECT_NEAR(per_day["infotainment/request"], 4, 1);
  EXPECT_NEAR(per_day["vehicle/remote/result"], 2, 0.6);
  EXPECT_NEAR(per_day["vehicle/health"], 1, 0.3);
  EXPECT_NEAR(per_day["vehicle/software"], 1.0 / 7, 0.04);
  EXPECT_NEAR(per_day["vehicle/security"], 0.3, 0.2);
  EXPECT_NEAR(per_day["vehicle/drive-recorder/event"], 2, 0.6);
}

TEST(SimVehicle, EveryKindOfMessageIsInTheFirstMinute) {
  const Sent sent = days_of(1, 1);
  std::set<std::string> topics;
  for (const Outgoing& message : sent.messages) {
    if (message.time_ms < kStartMs + 60'000) topics.insert(message.topic);
  }
  const std::set<std::string> kinds = {
      "account/profile",   "infotainment/request", "vehicle/consent/traffic",
      "vehicle/emergency", "vehicle/health",       "vehicle/drive-recorder/event",
      "vehicle/identity",  "vehicle/maintenance",  "vehicle/position",
      "vehicle/security",  "vehicle/software",     "vehicle/remote/result",
      "vehicle/status",    "vehicle/trip"};
  EXPECT_EQ(topics, kinds);
}

TEST(SimVehicle, EveryPlantedIdentifierIsInTheTraffic) {
  const Sent sent = days_of(2, 1);
  for (const Planted& planted : planted_identifiers(identity_of_seed(2))) {
    EXPECT_TRUE(std::any_of(sent.messages.begin(), sent.messages.end(), [&](const Outgoing& m) {
      return m.payload.find(planted.value) != std::string::npos;
    })) << sudare::v1::PersonalClass_Name(planted.personal);
  }
}

TEST(SimVehicle, NightsAreSpentAtHome) {
  Vehicle vehicle(default_profile(), 4, {kStartMs, true}, {});
  const Place home = vehicle.home();
  int nights = 0;
  std::optional<Outgoing> last;
  while (nights < 20) {
    auto message = vehicle.messages().next();
    ASSERT_TRUE(message);
    if (message->topic != "vehicle/position") continue;
    // A pause of six hours is a night; only a working day's is as long, and it begins by day.
    const std::int64_t hour = last ? (last->time_ms / 3'600'000 + 9) % 24 : 0;
    if (last && message->time_ms - last->time_ms > 6 * 3'600'000 && (hour >= 17 || hour < 4)) {
      const PositionE7 at = last->positions.at(0);
      EXPECT_LT(distance_meters(home, {at.latitude * 1e-7, at.longitude * 1e-7}), 60);
      ++nights;
    }
    last = *std::move(message);
  }
}

TEST(SimVehicle, CalendarStartsNeverBeforeItsTime) {
  const Sent sent = days_of(1, 2, PayloadCodec::kProtobuf, true);
  ASSERT_FALSE(sent.messages.empty());
  EXPECT_GE(sent.messages.front().time_ms, kStartMs);
}

TEST(SimVehicle, JsonPayloadsAreJsonWithTheSchemasNames) {
  const Sent sent = days_of(1, 1, PayloadCodec::kJson);
  for (const Outgoing& message : sent.messages) {
    const auto json = nlohmann::json::parse(message.payload, nullptr, false);
    ASSERT_TRUE(json.is_object()) << message.topic;
    if (message.topic != "vehicle/position") continue;
    EXPECT_EQ(json.at("latitude_e7"), message.positions.at(0).latitude);
    EXPECT_EQ(json.at("time_ms"), message.time_ms);
  }
}

TEST(SimVehicle, SizeFillsPayloadsUp) {
  for (const PayloadCodec codec : {PayloadCodec::kProtobuf, PayloadCodec::kJson}) {
    vehicle::Position position;
    position.set_satellites(9);
    const std::string payload = encode(position, codec, 1000);
    EXPECT_GE(payload.size(), 1000U);
    EXPECT_LT(payload.size(), 1020U);
    vehicle::Position back;
    if (codec == PayloadCodec::kProtobuf) {
      ASSERT_TRUE(back.ParseFromString(payload));
      EXPECT_EQ(back.satellites(), 9U);
    }
  }
}

TEST(SimIdentity, VinsHaveAValidCheckDigitAndASerialThatIsNotIssued) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const CarIdentity car = identity_of_seed(seed);
    ASSERT_EQ(car.vin.size(), 17U);
    EXPECT_EQ(vin_check_digit(car.vin), car.vin[8]) << car.vin;
    EXPECT_EQ(car.vin.substr(0, 2), "JT");
    EXPECT_EQ(car.vin[11], '9') << car.vin;
    EXPECT_THAT(car.frame_number,
                testing::MatchesRegex("[A-Z]+[0-9]+-99[0-9][0-9][0-9][0-9][0-9]"));
    EXPECT_THAT(car.email, testing::EndsWith("@example.jp"));
  }
}

TEST(SimIdentity, CheckDigitOfAKnownVin) {
  // The example of 49 CFR 565.15 (g).
  EXPECT_EQ(vin_check_digit("1G4AH59H45G118341"), '4');
  EXPECT_EQ(vin_check_digit("1M8GDM9AXKP042788"), 'X');
  EXPECT_EQ(vin_check_digit("1M8GDM9AXKP04278I"), 0);
  EXPECT_EQ(vin_check_digit("1M8GDM9AXKP04278"), 0);
}

// The scanner must know what the simulator plants, or a clean scan would mean nothing.
TEST(SimIdentity, TheGatewaysDetectorKnowsWhatIsPlanted) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const CarIdentity car = identity_of_seed(seed);
    const auto found = [](const std::string& text, Detected what) {
      return (detect_in(text) & static_cast<DetectedClasses>(what)) != 0;
    };
    EXPECT_TRUE(found(car.vin, Detected::kVin)) << car.vin;
    EXPECT_TRUE(found(car.frame_number, Detected::kFrameNumber)) << car.frame_number;
    EXPECT_TRUE(found(car.email, Detected::kEmail));
    EXPECT_TRUE(found(car.phone, Detected::kPhone)) << car.phone;
    EXPECT_TRUE(found(car.contact_phone, Detected::kPhone)) << car.contact_phone;
  }
}

TEST(SimRoads, EveryRoadLeadsEverywhere) {
  const RoadNetwork network({30, 300, 0.3}, Random(11));
  const auto& junctions = network.junctions();
  const auto start = std::find_if(junctions.begin(), junctions.end(),
                                  [](const Junction& j) { return !j.roads.empty(); });
  const auto seconds = travel_seconds(network, static_cast<std::size_t>(start - junctions.begin()));
  for (std::size_t i = 0; i < junctions.size(); ++i) {
    if (!junctions[i].roads.empty()) {
      EXPECT_TRUE(std::isfinite(seconds[i]));
    }
  }
}

TEST(SimRoads, TheRouteTakesTheLeastTime) {
  const RoadNetwork network({20, 300, 0.2}, Random(3));
  const auto seconds = travel_seconds(network, 0);
  for (const std::size_t end : {5U, 100U, 300U, 440U}) {
    const auto route = quickest_route(network, 0, end);
    if (!std::isfinite(seconds[end])) {
      EXPECT_TRUE(route.empty());
      continue;
    }
    double sum = 0;
    for (std::size_t i = 1; i < route.size(); ++i) {
      const Road& road = road_between(network, route[i - 1], route[i]);
      sum += road.meters / (road.limit_kmh / 3.6);
    }
    EXPECT_NEAR(sum, seconds[end], 1e-6);
  }
}

TEST(SimDrive, SpeedsAndStepsArePhysical) {
  DailyTrips days(default_profile(), Random(9), 19'723);
  for (int n = 0; n < 20; ++n) {
    const auto trip = days.next();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->fixes.front().speed_kmh, 0);
    EXPECT_EQ(trip->fixes.back().speed_kmh, 0);
    for (std::size_t i = 1; i < trip->fixes.size(); ++i) {
      EXPECT_LT(trip->fixes[i].speed_kmh, 100);
      EXPECT_LT(distance_meters(trip->fixes[i - 1].place, trip->fixes[i].place), 45);
    }
  }
}

}  // namespace
}  // namespace sudare::sim
