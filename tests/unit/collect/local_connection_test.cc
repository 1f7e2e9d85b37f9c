// The connection to the in-vehicle broker, byte by byte: nothing is acknowledged before it is on
// disk, and nothing that a broker sends jams it.
#include "gateway/collect/local_connection.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <fstream>

#include "tests/testkit/certificates.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/raw_broker.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using namespace std::string_literals;
using testkit::RawBroker;

class Unit final : public LocalEvents {
 public:
  void on_connected(bool session_present) override { session = session_present ? 1 : 0; }
  void on_refused(int reason) override { refused = reason; }
  void on_message(const PublishPacket& message) override {
    messages.emplace_back(message.payload);
    cut.push_back(message.cut);
    valid.push_back(message.topic_valid);
  }
  void on_subscribed(std::string_view reasons) override { subscribed += reasons; }

  int session = -1;
  int refused = -1;
  std::vector<std::string> messages;
  std::vector<bool> cut;
  std::vector<bool> valid;
  std::string subscribed;
};

class LocalConnectionTest : public ::testing::TestWithParam<MqttVersion> {
 protected:
  LocalConnectionTest() {
    options.peer.endpoint = {"127.0.0.1", broker.port(), false};
    options.peer.version = GetParam();
    options.client_id = "unit";
    options.clean_start = false;
    options.session_expiry_seconds = 0x01020304;
    options.maximum_packet_bytes = 0x1000;
    options.receive_maximum = 1000;
    options.keepalive_seconds = 60;
  }
  [[nodiscard]] bool five() const { return GetParam() == MqttVersion::k5; }
  // CONNECT; its bytes.
  std::string start() {
    auto made = LocalConnection::start(options, 0, unit, clock);
    EXPECT_TRUE(made.has_value());
    connection = std::move(*made);
    broker.accept_one();
    EXPECT_TRUE(connection->write().has_value());
    return broker.receive(2000);
  }
  void connect(const std::string& properties = "") {
    start();
    const std::string rest = five() ? static_cast<char>(properties.size()) + properties : ""s;
    broker.send_bytes("\x20"s + static_cast<char>(2 + rest.size()) + "\x01\x00"s + rest);
    EXPECT_TRUE(read_all());
    ASSERT_EQ(unit.session, 1);
  }
  // Until nothing has come for a while. False: the connection failed.
  bool read_all() {
    for (int wait_ms = 2000;; wait_ms = 20) {
      pollfd one{connection->fd(), POLLIN, 0};
      if (poll(&one, 1, wait_ms) == 0) return true;
      for (bool more = true; more;) {
        const auto read = connection->read();
        if (!read) return false;
        more = *read;
      }
    }
  }
  [[nodiscard]] std::string publish(char id, const std::string& payload) const {
    const std::string body = "\x00\x01t\x00"s + id + (five() ? "\x00"s : ""s) + payload;
    std::string head = "\x32";
    std::size_t left = body.size();
    for (; left > 127; left >>= 7U) head += static_cast<char>((left & 0x7fU) | 0x80U);
    return head + static_cast<char>(left) + body;
  }

  testkit::ManualClock clock;
  RawBroker broker;
  MqttOptions options;
  Unit unit;
  std::unique_ptr<LocalConnection> connection;
};
INSTANTIATE_TEST_SUITE_P(Mqtt, LocalConnectionTest,
                         ::testing::Values(MqttVersion::k5, MqttVersion::k311),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(LocalConnectionTest, NothingIsAcknowledgedBeforeItsOwnerSaysSo) {
  connect();
  broker.send_bytes(publish(7, "a") + publish(8, "b"));
  ASSERT_TRUE(read_all());
  ASSERT_EQ(unit.messages, (std::vector<std::string>{"a", "b"}));
  connection->subscribe({"x"});
  ASSERT_TRUE(connection->tend().has_value());
  ASSERT_TRUE(connection->write().has_value());
  const std::string before = broker.receive(300);
  EXPECT_EQ(before.substr(0, 1), "\x82") << "what is no acknowledgement needs not wait";
  EXPECT_EQ(before.find('\x40'), std::string::npos) << "something was acknowledged";
  connection->acknowledge();
  ASSERT_TRUE(connection->write().has_value());
  EXPECT_EQ(broker.receive(2000), "\x40\x02\x00\x07\x40\x02\x00\x08"s);
}

TEST_P(LocalConnectionTest, WhatIsNotOnDiskIsNotAcknowledgedWhenTheConnectionEnds) {
  connect();
  broker.send_bytes(publish(7, "a"));
  ASSERT_TRUE(read_all());
  connection->disconnect(10);
  connection.reset();
  EXPECT_EQ(broker.receive(2000), "\xe0\x00"s);
  EXPECT_EQ(broker.receive(2000), "");
}

TEST_P(LocalConnectionTest, ConnectCarriesSessionAndLimits) {
  const std::string bytes = start();
  ASSERT_GE(bytes.size(), 12U);
  EXPECT_EQ(bytes[8], five() ? 5 : 4);
  EXPECT_EQ(bytes[9], 0) << "no clean start, no will, no login";
  EXPECT_EQ(bytes.substr(10, 2), "\x00\x3c"s) << "keepalive";
  if (!five()) return;
  EXPECT_NE(bytes.find("\x11\x01\x02\x03\x04"s), std::string::npos) << "session expiry";
  EXPECT_NE(bytes.find("\x27\x00\x00\x10\x00"s), std::string::npos) << "maximum packet size";
  EXPECT_NE(bytes.find("\x21\x03\xe8"s), std::string::npos) << "receive maximum";
}

TEST_P(LocalConnectionTest, ThePasswordIsTheFilesFirstLine) {
  const testkit::TemporaryDirectory directory;
  std::ofstream(directory.path() / "word") << "open sesame\n";
  options.peer.username = "unit";
  options.peer.password_file = directory.path() / "word";
  const std::string bytes = start();
  EXPECT_EQ(bytes.substr(bytes.size() - 19), "\x00\x04unit\x00\x0bopen sesame"s);
  options.peer.password_file = directory.path() / "none";
  EXPECT_EQ(LocalConnection::start(options, 0, unit, clock).error().code, ErrorCode::kIo);
}

TEST_P(LocalConnectionTest, AMessageOverTheLimitIsCutAndTheNextOneWhole) {
  connect();
  const std::string large(200'000, 'x');
  broker.send_bytes(publish(1, "before") + publish(2, large) + publish(3, "after"));
  ASSERT_TRUE(read_all());
  ASSERT_EQ(unit.messages.size(), 3U);
  EXPECT_EQ(unit.cut, (std::vector<bool>{false, true, false}));
  EXPECT_LT(unit.messages[1].size(), 0x1000U);
  EXPECT_EQ(unit.messages[2], "after");
  connection->acknowledge();
  ASSERT_TRUE(connection->write().has_value());
  EXPECT_EQ(broker.receive(2000), "\x40\x02\x00\x01\x40\x02\x00\x02\x40\x02\x00\x03"s);
}

TEST_P(LocalConnectionTest, MessagesThatArriveInPiecesAreWhole) {
  connect();
  const std::string bytes = publish(1, std::string(300, 'a')) + publish(2, "b");
  for (const char byte : bytes) {
    broker.send_bytes(std::string(1, byte));
    ASSERT_TRUE(read_all());
  }
  EXPECT_EQ(unit.messages, (std::vector<std::string>{std::string(300, 'a'), "b"}));
}

TEST_P(LocalConnectionTest, ARefusalIsToldAndEndsIt) {
  start();
  broker.send_bytes(five() ? "\x20\x03\x00\x87\x00"s : "\x20\x02\x00\x05"s);
  EXPECT_FALSE(read_all());
  EXPECT_EQ(unit.refused, five() ? 0x87 : 5);
}

TEST_P(LocalConnectionTest, WhatNoBrokerSendsEndsIt) {
  for (const std::string& bytes :
       {"\x34\x06\x00\x01t\x00\x05\x00"s, "\x36\x05\x00\x01t\x00\x05"s, "\x00\x00"s, "\xf0\x00"s,
        "\x30\xff\xff\xff\xff\x7f"s, "\x30\x03\x00\x09t"s, "\x32\x05\x00\x01t\x00\x00"s}) {
    connect();
    broker.send_bytes(bytes);
    EXPECT_FALSE(read_all()) << ::testing::PrintToString(bytes);
    broker.close_one();
    unit = Unit();
  }
  EXPECT_TRUE(unit.messages.empty());
}

// Else it would come again with every connection, and everything behind it would wait.
TEST_P(LocalConnectionTest, ATopicThatCanNotBeIsHandedOnAsSuchAndAcknowledged) {
  connect();
  std::string bad = publish(7, "a");
  bad.replace(bad.find("\x01t"), 2, "\x01\xff");
  broker.send_bytes(bad + publish(8, "b"));
  ASSERT_TRUE(read_all());
  EXPECT_EQ(unit.valid, (std::vector<bool>{false, true}));
  connection->acknowledge();
  ASSERT_TRUE(connection->write().has_value());
  EXPECT_EQ(broker.receive(2000), "\x40\x02\x00\x07\x40\x02\x00\x08"s);
}

// Else its owner's poll would return at once for as long as the broker does not answer.
TEST_P(LocalConnectionTest, AHandshakeThatIsNotAnsweredWaitsWithoutWriting) {
  const testkit::TemporaryDirectory directory;
  testkit::CertificateAuthority authority(directory.path());
  options.peer.endpoint.tls = true;
  options.peer.ca_file = authority.ca_file();
  EXPECT_EQ(start().substr(0, 1), "\x16") << "a ClientHello";
  ASSERT_TRUE(connection->read().has_value());
  EXPECT_FALSE(connection->wants_write());
}

TEST_P(LocalConnectionTest, AQuietConnectionIsProbedAndGivenUp) {
  connect();
  clock.advance_ms(59'000);
  ASSERT_TRUE(connection->tend().has_value());
  EXPECT_FALSE(connection->wants_write());
  clock.advance_ms(1000);
  ASSERT_TRUE(connection->tend().has_value());
  ASSERT_TRUE(connection->write().has_value());
  EXPECT_EQ(broker.receive(2000), "\xc0\x00"s);
  broker.send_bytes("\xd0\x00"s);
  ASSERT_TRUE(read_all());
  clock.advance_ms(60'000);
  ASSERT_TRUE(connection->tend().has_value());
  ASSERT_TRUE(connection->write().has_value());
  clock.advance_ms(60'000);
  EXPECT_FALSE(connection->tend().has_value()) << "nobody answered";
}

TEST_P(LocalConnectionTest, TheBrokersOwnKeepaliveHolds) {
  connect(five() ? "\x13\x00\x05"s : ""s);
  clock.advance_ms(5000);
  ASSERT_TRUE(connection->tend().has_value());
  EXPECT_EQ(connection->wants_write(), five()) << "MQTT 3.1.1 has none";
}

TEST_P(LocalConnectionTest, SubscriptionsAreAnsweredOneByOne) {
  connect();
  connection->subscribe({"a/+", "b"});
  ASSERT_TRUE(connection->write().has_value());
  const std::string properties = five() ? "\x00"s : ""s;
  const auto length = [&](std::size_t rest) { return static_cast<char>(rest + properties.size()); };
  EXPECT_EQ(broker.receive(2000), "\x82"s + length(8) + "\x00\x01"s + properties + "\x00\x03"s +
                                      "a/+\x01\x82"s + length(6) + "\x00\x02"s + properties +
                                      "\x00\x01"s + "b\x01");
  broker.send_bytes("\x90"s + length(3) + "\x00\x01"s + properties + "\x01\x90"s + length(3) +
                    "\x00\x02"s + properties + "\x80");
  ASSERT_TRUE(read_all());
  EXPECT_EQ(unit.subscribed, "\x01\x80");
}

}  // namespace
}  // namespace sudare
