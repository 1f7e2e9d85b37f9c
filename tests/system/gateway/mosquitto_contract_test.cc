// What gateway/mqtt and gateway/collect rely on in the installed libmosquitto, against a broker of
// a few lines that sees every byte: nothing is acknowledged before the owner writes.
#include <gtest/gtest.h>
#include <poll.h>

#include <string>

#include "gateway/mqtt/connection.h"
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
    options.client_id = "contract";
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
  int published_mid = 0;
  int published_reason = -1;
};

class MosquittoContract : public ::testing::TestWithParam<MqttVersion> {
 protected:
  [[nodiscard]] bool five() const { return GetParam() == MqttVersion::k5; }
  // CONNECT and CONNACK; the bytes of CONNECT.
  std::string connect(Client& client) {
    broker.accept_one();
    pollfd one{client.connection->fd(), POLLOUT, 0};
    poll(&one, 1, 2000);
    EXPECT_TRUE(client.connection->write().has_value());
    std::string bytes = broker.receive(2000);
    broker.send_bytes(five() ? "\x20\x03\x00\x00\x00"s : "\x20\x02\x00\x00"s);
    client.read_all();
    EXPECT_TRUE(client.connected);
    return bytes;
  }
  // PUBLISH, QoS 1, topic "t", no properties.
  [[nodiscard]] std::string publish(char mid) const {
    const std::string body = "\x00\x01t\x00"s + mid + (five() ? "\x00"s : ""s) + "hi";
    return "\x32"s + static_cast<char>(body.size()) + body;
  }
  RawBroker broker;
};
INSTANTIATE_TEST_SUITE_P(Mqtt, MosquittoContract,
                         ::testing::Values(MqttVersion::k5, MqttVersion::k311),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(MosquittoContract, PubackLeavesOnlyWhenTheOwnerWrites) {
  Client client(broker.port(), GetParam());
  connect(client);
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

TEST_P(MosquittoContract, PubackIsNotWrittenWhenTheConnectionGoes) {
  Client client(broker.port(), GetParam());
  connect(client);
  broker.send_bytes(publish(7));
  client.read_all();
  client.connection.reset();
  EXPECT_EQ(broker.receive(2000), "");
}

TEST_P(MosquittoContract, ConnectCarriesSessionAndLimits) {
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

TEST_P(MosquittoContract, APublishIsAcknowledgedWithItsReason) {
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

// The library closes, and then reports success for ever.
TEST_P(MosquittoContract, ADisconnectOfTheBrokersEndsTheConnection) {
  Client client(broker.port(), GetParam());
  connect(client);
  broker.send_bytes(five() ? "\xe0\x02\x8b\x00"s : "\xe0\x00"s);
  pollfd one{client.connection->fd(), POLLIN, 0};
  ASSERT_EQ(poll(&one, 1, 2000), 1);
  bool ended = false;
  for (int i = 0; i < 100 && !ended; ++i) ended = !client.connection->read();
  EXPECT_TRUE(ended);
}

TEST(MosquittoVersion, IsTheOneThatWasTested) {
  if (mqtt_library_untested()) GTEST_SKIP() << "not run: this libmosquitto is not 2.0.11";
  EXPECT_EQ(mqtt_library_version().major, 2);
}

}  // namespace
}  // namespace sudare
