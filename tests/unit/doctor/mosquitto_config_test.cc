// What Mosquitto 2.0.11 opens for a configuration, as it was seen to do.
#include "fleet/doctor/mosquitto_config.h"

#include <gmock/gmock.h>

namespace sudare::doctor {
namespace {

BrokerConfig parse(const std::string& text) {
  return parse_broker_config({"mosquitto.conf", text}, [](const std::string&) {
    return std::optional<std::vector<NamedText>>();
  });
}

std::vector<std::string> ports(const BrokerConfig& config) {
  std::vector<std::string> all;
  for (const BrokerListener& one : config.listeners) {
    all.push_back(one.address + ":" + std::to_string(one.port));
  }
  return all;
}

TEST(MosquittoConfig, AnUnknownOptionIsAComplaint) {
  const BrokerConfig config = parse("listener 1883 127.0.0.1\nfoo bar\n");
  ASSERT_EQ(config.complaints.size(), 1U);
  EXPECT_EQ(config.complaints[0].place.text(), "mosquitto.conf:2");
}

TEST(MosquittoConfig, ATabIsNoSpace) { EXPECT_EQ(parse("listener\t1883\n").complaints.size(), 1U); }

TEST(MosquittoConfig, NeitherTrueNorFalseIsAComplaint) {
  EXPECT_EQ(parse("allow_anonymous yes\n").complaints.size(), 1U);
}

TEST(MosquittoConfig, AnIncludeThatCantBeReadIsAComplaint) {
  EXPECT_EQ(parse("include_dir /etc/mosquitto/conf.d\n").complaints.size(), 1U);
}

TEST(MosquittoConfig, TooManyListenersAreAComplaint) {
  std::string text;
  for (std::size_t i = 0; i <= kBrokerListenersMax; ++i) text += "listener 1883 127.0.0.1\n";
  const BrokerConfig config = parse(text);
  EXPECT_EQ(config.listeners.size(), kBrokerListenersMax);
  EXPECT_EQ(config.complaints.size(), 1U);
}

TEST(MosquittoConfig, WithoutAListenerItIsThisMachineAndEverybody) {
  const BrokerConfig config = parse("persistence true\n");
  EXPECT_THAT(ports(config), testing::ElementsAre("127.0.0.1:1883", "::1:1883"));
  EXPECT_TRUE(config.listeners[0].anonymous);
}

TEST(MosquittoConfig, ALoneCafileOpensEveryInterfaceToEverybody) {
  const BrokerConfig config = parse("cafile ca.crt\n");
  EXPECT_THAT(ports(config), testing::ElementsAre(":1883"));
  EXPECT_TRUE(config.listeners[0].anonymous);
  EXPECT_TRUE(config.listeners[0].implied);
}

TEST(MosquittoConfig, ACafileBeforeAListenerOpensASecondOne) {
  const BrokerConfig config = parse("cafile ca.crt\nlistener 8883 127.0.0.1\n");
  EXPECT_THAT(ports(config), testing::ElementsAre("127.0.0.1:8883", ":1883"));
}

TEST(MosquittoConfig, AnOptionBelowAListenerIsThatListeners) {
  EXPECT_THAT(ports(parse("listener 1883 127.0.0.1\nmax_connections 5\n")),
              testing::ElementsAre("127.0.0.1:1883"));
}

TEST(MosquittoConfig, ABindAddressMovesTheDefaultListener) {
  const BrokerConfig config = parse("bind_address 127.0.0.1\n");
  EXPECT_THAT(ports(config), testing::ElementsAre("127.0.0.1:1883"));
  EXPECT_FALSE(config.listeners[0].anonymous);
}

TEST(MosquittoConfig, SettingsHoldForAllListenersUnlessToldOtherwise) {
  const std::string text = "listener 1 127.0.0.1\nallow_anonymous true\nlistener 2 127.0.0.1\n";
  EXPECT_TRUE(parse(text).listeners[1].anonymous);
  const BrokerConfig each = parse("per_listener_settings true\n" + text);
  EXPECT_TRUE(each.listeners[0].anonymous);
  EXPECT_FALSE(each.listeners[1].anonymous);
}

TEST(MosquittoConfig, IncludedFilesAreReadWhereTheyStand) {
  const BrokerConfig config = parse_broker_config(
      {"mosquitto.conf", "include_dir conf.d\nmax_queued_messages 7\n"},
      [](const std::string& directory) -> std::optional<std::vector<NamedText>> {
        return std::vector<NamedText>{{directory + "/a.conf", "listener 1884 ::1\n# x\nfoo\n"}};
      });
  EXPECT_THAT(ports(config), testing::ElementsAre("::1:1884"));
  EXPECT_EQ(config.complaints.at(0).place.text(), "conf.d/a.conf:3");
  EXPECT_EQ(config.max_queued_messages->place.text(), "mosquitto.conf:2");
}

BrokerConfig with_include(const std::string& text, const std::string& included) {
  return parse_broker_config({"mosquitto.conf", text},
                             [&](const std::string&) -> std::optional<std::vector<NamedText>> {
                               return std::vector<NamedText>{{"a.conf", included}};
                             });
}

TEST(MosquittoConfig, AnIncludedFileBeginsWithTheDefaultListener) {
  const BrokerConfig config =
      with_include("listener 1884 127.0.0.1\ninclude_dir conf.d\n", "# x\nmax_connections 50\n");
  EXPECT_THAT(ports(config), testing::ElementsAre("127.0.0.1:1884", ":1883"));
  EXPECT_EQ(config.listeners[1].place.text(), "a.conf:2");
}

TEST(MosquittoConfig, AfterAnIncludeItGoesOnWithItsOwnListener) {
  const BrokerConfig config =
      with_include("include_dir conf.d\nmax_connections 50\n", "listener 1884 127.0.0.1\n");
  EXPECT_THAT(ports(config), testing::ElementsAre("127.0.0.1:1884", ":1883"));
  EXPECT_THAT(ports(with_include("listener 1884 ::1\ninclude_dir d\nmax_connections 5\n", "# x\n")),
              testing::ElementsAre("::1:1884"));
}

// Mosquitto keeps an address of the listener, which moves when others are opened.
TEST(MosquittoConfig, AListenerThatAnIncludeMovesIsAComplaint) {
  const std::string own = "listener 1884 127.0.0.1\ninclude_dir conf.d\n";
  const BrokerConfig config = with_include(own + "max_connections 5\n", "listener 1885 ::1\n");
  EXPECT_EQ(config.complaints.at(0).place.text(), "mosquitto.conf:3");
  EXPECT_TRUE(with_include(own, "listener 1885 ::1\n").complaints.empty());
}

TEST(MosquittoConfig, APluginOfEachOpensTheDefaultListener) {
  const std::string plugin = "plugin /x.so\nplugin_opt_a b\nlistener 1884 127.0.0.1\n";
  EXPECT_THAT(ports(parse("per_listener_settings true\n" + plugin)),
              testing::ElementsAre("127.0.0.1:1884", ":1883"));
  EXPECT_THAT(ports(parse(plugin)), testing::ElementsAre("127.0.0.1:1884"));
}

TEST(MosquittoConfig, TheCaseOfAWordMatters) {
  for (const char* name : {"allow_anonymous", "persistence", "log_timestamp", "require_certificate",
                           "per_listener_settings", "check_retain_source"}) {
    const std::string listener = "listener 1884 127.0.0.1\n";
    EXPECT_TRUE(parse(listener + name + " false\n").complaints.empty()) << name;
    EXPECT_EQ(parse(listener + name + " False\n").complaints.size(), 1U) << name;
  }
}

TEST(MosquittoConfig, ASocketHasNoPort) {
  const BrokerConfig config = parse("listener 0 /run/mosquitto/socket\n");
  EXPECT_EQ(config.listeners.at(0).socket_path, "/run/mosquitto/socket");
  EXPECT_TRUE(config.complaints.empty());
}

}  // namespace
}  // namespace sudare::doctor
