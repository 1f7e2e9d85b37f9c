#include "gateway/mqtt/endpoint.h"

#include <gtest/gtest.h>

#include "gateway/mqtt/backoff.h"

namespace sudare {
namespace {

TEST(MqttUrl, RefusesUserAndPassword) {
  const auto endpoint = parse_mqtt_url("mqtt://me:secret@broker:1883");
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().code, ErrorCode::kRefused);
}

TEST(MqttUrl, RefusesWhatIsNoUrl) {
  for (const char* bad :
       {"", "broker:1883", "http://broker", "mqtt://", "mqtt://:1883", "mqtt://h:0",
        "mqtt://h:65536", "mqtt://h:x", "mqtt://h:18 83", "mqtt://[::1", "mqtt://h/path",
        "mqtt://[::1]x", "mqtt://h:1883:2", "mqtt://h?x=1", "mqtt://h o:1"}) {
    EXPECT_FALSE(parse_mqtt_url(bad).has_value()) << bad;
  }
}

TEST(MqttUrl, KnowsSchemesPortsAndAddresses) {
  EXPECT_EQ(parse_mqtt_url("mqtt://broker")->port, 1883);
  EXPECT_EQ(parse_mqtt_url("mqtts://broker/")->port, 8883);
  EXPECT_TRUE(parse_mqtt_url("mqtts://broker")->tls);
  EXPECT_EQ(parse_mqtt_url("mqtt://[::1]:99")->host, "::1");
  EXPECT_EQ(parse_mqtt_url("mqtt://[::1]:99")->port, 99);
  EXPECT_EQ(parse_mqtt_url("mqtt://10.0.0.1:5")->host, "10.0.0.1");
}

TEST(MqttUrl, LoopbackIsAnAddressNotAPrefix) {
  EXPECT_TRUE(is_loopback({"127.0.0.1", 1, false}));
  EXPECT_TRUE(is_loopback({"::1", 1, false}));
  EXPECT_TRUE(is_loopback({"localhost", 1, false}));
  EXPECT_FALSE(is_loopback({"127.evil.example", 1, false}));
  EXPECT_FALSE(is_loopback({"localhost.evil.example", 1, false}));
}

TEST(MqttBackoff, DoublesUpToItsLimitAndNeverBelowHalf) {
  Backoff backoff(100, 1000);
  const std::int64_t steps[] = {100, 200, 400, 800, 1000, 1000};
  for (const std::int64_t step : steps) {
    const std::int64_t least = Backoff(backoff).next_ms(0);
    const std::int64_t most = backoff.next_ms(static_cast<std::uint32_t>(step / 2));
    EXPECT_EQ(least, step / 2);
    EXPECT_EQ(most, step);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next_ms(0), 50);
}

TEST(MqttBackoff, ManyAttemptsDoNotOverflow) {
  Backoff backoff(500, 3'600'000);
  for (int i = 0; i < 100; ++i) {
    const std::int64_t wait = backoff.next_ms(0xffffffff);
    EXPECT_GE(wait, 250);
    EXPECT_LE(wait, 3'600'000);
  }
}

}  // namespace
}  // namespace sudare
