// The connection to the cloud broker, byte by byte, against a broker of a few lines: nothing is
// acknowledged before the owner writes, and what no broker may send ends it.
#include "gateway/mqtt/connection.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <string>

#include "tests/testkit/raw_broker.h"

namespace sudare {
namespace {

using namespace std::string_literals;
using testkit::RawBroker;

class Client final : public MqttEvents {
 public:
  Client(std::uint16_t port, MqttVersion version) {
    MqttOptions options;
    options.peer.endpoint = {"127.0.0.1", port, false};
    options.peer.version = version;
    options.client_id = "connection";
    options.clean_start = false;
    options.session_expiry_seconds = 0x01020304;
    options.maximum_packet_bytes = 0x00010a0b;
    options.receive_maximum = 1000;
    connection = std::move(*MqttConnection::start(options, *this));
  }
  void on_connected(bool /*session_present*/) override { connected = true; }
  void on_refused(int /*reason*/) override {}
  void on_message(std::string_view topic, std::string_view payload, bool /*retained*/) override {
    last = std::string(topic) + "=" + std::string(payload);
    ++messages;
  }
  void on_published(int mid, int reason) override {
    ++published;
    published_mid = mid;
    published_reason = reason;
  }
  void read_all() const {
    pollfd one{connection->fd(), POLLIN, 0};
    poll(&one, 1, 2000);
    for (auto more = connection->read(); more && *more; more = connection->read()) {
    }
  }

  std::unique_ptr<MqttConnection> connection;
  bool connected = false;
  int messages = 0;
  std::string last;
  int published = 0;
  int published_mid = 0;
  int published_reason = -1;
};

class MqttConnectionTest : public ::testing::TestWithParam<MqttVersion> {
 protected:
  [[nodiscard]] bool five() const { return GetParam() == MqttVersion::k5; }
  // CONNECT and CONNACK; the bytes of CONNECT.
  std::string connect(Client& client) { return connect(client, ""); }
  std::string connect(Client& client, const std::string& properties) {
    broker.accept_one();
    pollfd one{client.connection->fd(), POLLOUT, 0};
    poll(&one, 1, 2000);
    EXPECT_TRUE(client.connection->write().has_value());
    std::string bytes = broker.receive(2000);
    const std::string rest = five() ? static_cast<char>(properties.size()) + properties : ""s;
    broker.send_bytes("\x20"s + static_cast<char>(2 + rest.size()) + "\x00\x00"s + rest);
    client.read_all();
    EXPECT_TRUE(client.connected);
    return bytes;
  }
  // PUBLISH, QoS 1, topic "t", no properties.
  [[nodiscard]] std::string publish(char mid) const {
    const std::string body = "\x00\x01t\x00"s + mid + (five() ? "\x00"s : ""s) + "hi";
    return "\x32"s + static_cast<char>(body.size()) + body;
  }
  void subscribe(const Client& client) {
    ASSERT_TRUE(client.connection->subscribe({"t"}).has_value());
    ASSERT_TRUE(client.connection->write().has_value());
    ASSERT_NE(broker.receive(2000), "");
  }
  // Whether the connection ends where the broker sends this.
  bool ends(Client& client, const std::string& bytes) {
    EXPECT_TRUE(broker.send_bytes(bytes));
    pollfd one{client.connection->fd(), POLLIN, 0};
    for (int i = 0; i < 100; ++i) {
      if (poll(&one, 1, 200) == 0) return false;
      if (!client.connection->read()) return true;
    }
    return false;
  }
  RawBroker broker;
};
INSTANTIATE_TEST_SUITE_P(Mqtt, MqttConnectionTest,
                         ::testing::Values(MqttVersion::k5, MqttVersion::k311),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(MqttConnectionTest, PubackLeavesOnlyWhenTheOwnerWrites) {
  Client client(broker.port(), GetParam());
  connect(client);
  subscribe(client);
  broker.send_bytes(publish(7) + publish(8));
  client.read_all();
  ASSERT_EQ(client.messages, 2);
  EXPECT_EQ(client.last, "t=hi");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.connection->tend().has_value());
    (void)client.connection->read();
  }
  EXPECT_EQ(broker.receive(300), "") << "something left before the owner wrote";
  EXPECT_TRUE(client.connection->wants_write());
  EXPECT_TRUE(client.connection->write().has_value());
  EXPECT_EQ(broker.receive(2000), "\x40\x02\x00\x07\x40\x02\x00\x08"s);
}

TEST_P(MqttConnectionTest, PubackIsNotWrittenWhenTheConnectionGoes) {
  Client client(broker.port(), GetParam());
  connect(client);
  subscribe(client);
  broker.send_bytes(publish(7));
  client.read_all();
  client.connection.reset();
  EXPECT_EQ(broker.receive(2000), "");
}

TEST_P(MqttConnectionTest, ConnectCarriesSessionAndLimits) {
  Client client(broker.port(), GetParam());
  const std::string bytes = connect(client);
  ASSERT_GE(bytes.size(), 12U);
  EXPECT_EQ(bytes[8], five() ? 5 : 4);  // protocol level
  EXPECT_EQ(bytes[9], 0);               // no clean start, no will, no login
  if (!five()) return;
  EXPECT_NE(bytes.find("\x11\x01\x02\x03\x04"s), std::string::npos) << "session expiry";
  EXPECT_NE(bytes.find("\x27\x00\x01\x0a\x0b"s), std::string::npos) << "maximum packet size";
  EXPECT_NE(bytes.find("\x21\x03\xe8"s), std::string::npos) << "receive maximum";
}

TEST_P(MqttConnectionTest, APublishIsAcknowledgedWithItsReason) {
  Client client(broker.port(), GetParam());
  connect(client);
  const auto mid = client.connection->publish("a/b", "payload");
  ASSERT_TRUE(mid.has_value());
  EXPECT_TRUE(client.connection->write().has_value());
  EXPECT_NE(broker.receive(2000).find("payload"), std::string::npos);
  const std::string id = "\x00"s + static_cast<char>(*mid);
  broker.send_bytes(five() ? "\x40\x03"s + id + "\x97" : "\x40\x02"s + id);
  client.read_all();
  EXPECT_EQ(client.published_mid, *mid);
  EXPECT_EQ(client.published_reason, five() ? 0x97 : 0);
}

TEST_P(MqttConnectionTest, AnAcknowledgementOfWhatWasNotSentOrOnceMoreSaysNothing) {
  Client client(broker.port(), GetParam());
  connect(client);
  const auto mid = client.connection->publish("a/b", "payload");
  ASSERT_TRUE(client.connection->write().has_value());
  const std::string own = "\x40\x02\x00"s + static_cast<char>(*mid);
  broker.send_bytes("\x40\x02\x12\x34"s);
  client.read_all();
  EXPECT_EQ(client.published_mid, 0);
  broker.send_bytes(own + own);
  client.read_all();
  EXPECT_EQ(client.published, 1);
}

TEST_P(MqttConnectionTest, WhatNoBrokerMaySendEndsIt) {
  const std::string large = "\x40\xff\xff\x7f"s + std::string(2000, '\0');  // over its maximum
  for (const std::string& bytes :
       {"\xf0\x00"s, "\x10\x00"s, "\x20\x03\x00\x00\x00"s, "\x40\x01\x00"s, "\x50\x02\x00\x01"s,
        "\xff\xff\xff\xff\xff"s, publish(7), large}) {
    Client client(broker.port(), GetParam());
    connect(client);
    EXPECT_TRUE(ends(client, bytes)) << static_cast<int>(static_cast<unsigned char>(bytes[0]));
    broker.close_one();
  }
}

// What MQTT 3.1.1 does not have.
class MqttConnection5 : public MqttConnectionTest {};
INSTANTIATE_TEST_SUITE_P(Mqtt, MqttConnection5, ::testing::Values(MqttVersion::k5));

TEST_P(MqttConnection5, APropertyThatNobodyKnowsEndsItAndNothingElse) {
  for (const std::string& bytes : {"\x40\x06\x00\x01\x00\x02\x7f\x01"s, "\xe0\x04\x8b\x02\x7f\x01"s,
                                   "\x90\x06\x00\x01\x02\x7f\x01\x00"s}) {
    Client client(broker.port(), GetParam());
    connect(client);
    EXPECT_TRUE(ends(client, bytes));
    broker.close_one();
  }
}

TEST_P(MqttConnectionTest, ADisconnectOfTheBrokersEndsIt) {
  Client client(broker.port(), GetParam());
  connect(client);
  EXPECT_TRUE(ends(client, five() ? "\xe0\x02\x8b\x00"s : "\xe0\x00"s));
}

TEST_P(MqttConnection5, NoMoreIsUnacknowledgedThanTheBrokerTakes) {
  Client client(broker.port(), GetParam());
  EXPECT_EQ(client.connection->room(), 0U) << "before it is connected";
  connect(client, "\x21\x00\x02"s);
  EXPECT_EQ(client.connection->room(), 2U);
  ASSERT_TRUE(client.connection->publish("t", "1").has_value());
  ASSERT_TRUE(client.connection->publish("t", "2").has_value());
  EXPECT_EQ(client.connection->publish("t", "3").error().code, ErrorCode::kFull);
  ASSERT_TRUE(client.connection->write().has_value());
  broker.send_bytes("\x40\x02\x00\x01"s);
  client.read_all();
  EXPECT_EQ(client.connection->room(), 1U);
}

TEST_P(MqttConnection5, WhatIsLongerThanTheBrokerTakesIsNotSent) {
  Client client(broker.port(), GetParam());
  connect(client, "\x27\x00\x00\x00\x20"s);
  EXPECT_EQ(client.connection->publish("t", std::string(40, 'x')).error().code,
            ErrorCode::kTooLarge);
  EXPECT_TRUE(client.connection->publish("t", "short").has_value());
}

}  // namespace
}  // namespace sudare
