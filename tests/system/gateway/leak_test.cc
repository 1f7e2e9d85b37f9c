// What a car says, looked for byte by byte in everything that is outside a seal: all that the cloud
// broker receives, the state directory, the log, the status page. SUDARE_LEAK_MESSAGES: how many
// messages; 20,000 by default, 10^7 for privacy.md's goal.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/system/gateway/unit.h"

namespace sudare::testkit {
namespace {

// Part of every identifier that the messages carry.
constexpr std::string_view kVin = "JTDKARFU8Q3CANARY";
constexpr std::string_view kEmail = "canary.8731@example.jp";
constexpr std::int32_t kLatitudeE7 = 351'693'127;
constexpr std::int32_t kLongitudeE7 = 1'372'694'513;

std::uint64_t messages_wanted() {
  const char* const text = std::getenv("SUDARE_LEAK_MESSAGES");
  return text == nullptr ? 20'000 : std::strtoull(text, nullptr, 10);
}

std::string position_with_canaries() {
  vehicle::v1::Position position;
  position.set_latitude_e7(kLatitudeE7);
  position.set_longitude_e7(kLongitudeE7);
  position.set_speed_kmh(47.3F);
  position.set_satellites(9);
  std::string payload = position.SerializeAsString();
  payload += "\xa2\x06";  // field 100, which no schema knows
  payload += static_cast<char>(kVin.size());
  return payload.append(kVin);
}

std::string json_with_canaries(std::uint64_t number) {
  return "{\"seq\": " + std::to_string(number) + ", \"vin\": \"" + std::string(kVin) +
         "\", \"owner\": {\"mail\": \"" + std::string(kEmail) +
         "\"}, \"lat\": 35.1693127, \"lon\": 137.2694513}";
}

// How often a canary stands in `bytes`: identifiers, the position as text, and as the two numbers
// that a message holds it in.
std::size_t canaries_in(std::string_view bytes) {
  vehicle::v1::Position position;
  position.set_latitude_e7(kLatitudeE7);
  position.set_longitude_e7(kLongitudeE7);
  const std::string encoded = position.SerializeAsString();
  std::size_t found = 0;
  for (const std::string_view canary : std::initializer_list<std::string_view>{
           "CANARY", "canary", "35.1693", "137.2694", "351693127", "1372694513", encoded}) {
    for (std::size_t at = bytes.find(canary); at != std::string_view::npos;
         at = bytes.find(canary, at + 1)) {
      ++found;
    }
  }
  return found;
}

std::size_t canaries_below(const std::filesystem::path& directory) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    found += canaries_in(bytes) + canaries_in(entry.path().filename().string());
  }
  return found;
}

std::size_t canaries_in(const MqttClient& client) {
  std::size_t found = 0;
  for (const MqttMessage& message : client.messages()) {
    found += canaries_in(message.topic) + canaries_in(message.payload);
  }
  return found;
}

TEST(GatewayLeak, NothingOfACarIsOutsideASeal) {
  constexpr std::uint64_t kControl = 1000;  // messages that the control looks at
  const std::uint64_t wanted = messages_wanted();
  Unit unit;
  MqttClient& cloud = unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  const std::string position = position_with_canaries();
  {
    MqttClient in_vehicle(unit.local().port());
    in_vehicle.subscribe("#");
    for (std::uint64_t n = 0; n < kControl; ++n) {
      if (n % 2 == 0) car.publish("vehicle/position", position);
      else car.publish("test/json", json_with_canaries(n));
    }
    ASSERT_TRUE(in_vehicle.wait_for(kControl));
    EXPECT_EQ(canaries_in(in_vehicle), kControl / 2 * (2 + 4))
        << "control: the scan finds them all";
  }
  for (std::uint64_t n = kControl; n < wanted; ++n) {
    if (n % 2 == 0) car.publish("vehicle/position", position, 1, false, 5000);
    else car.publish("test/json", json_with_canaries(n), 1, false, 5000);
  }
  ASSERT_TRUE(car.flush(std::chrono::minutes(5)));
  EXPECT_EQ(canaries_in(unit.get("/metrics").body) + canaries_in(unit.get("/healthz").body), 0U);
  EXPECT_EQ(canaries_below(unit.state()), 0U) << "while rows are queued";
  const std::string taken =
      "sudare_rows_taken_total{purpose=\"seq\"} " + std::to_string(wanted) + "\n";
  EXPECT_TRUE(eventually([&] { return unit.get("/metrics").body.find(taken) != std::string::npos; },
                         std::chrono::minutes(5)));
  EXPECT_EQ(unit.stop().status, 0);
  std::cout << wanted << " messages, " << cloud.received() << " batches at the cloud\n";
  EXPECT_GT(cloud.received(), 0U);
  EXPECT_EQ(canaries_in(cloud), 0U);
  EXPECT_EQ(canaries_below(unit.state()), 0U);
  EXPECT_EQ(canaries_in(unit.log()), 0U);
}

}  // namespace
}  // namespace sudare::testkit
