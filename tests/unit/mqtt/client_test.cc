// The simulator's MQTT client against a real broker: both versions, plain and TLS.
#include "sim/mqtt/client.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>

#include "tests/testkit/broker.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim {
namespace {

using testing::AnyOf;

constexpr std::size_t kReadBytesMax = 1U << 20U;

struct Events final : ClientEvents {
  int connected = 0;
  bool session_present = false;
  std::map<std::uint16_t, int> acknowledged;  // id → reason
  std::vector<std::string> payloads;
  std::string topic;
  std::string reasons;
  void on_connected(bool present) override {
    ++connected;
    session_present = present;
  }
  void on_acknowledged(std::uint16_t id, std::uint8_t reason) override {
    acknowledged[id] = reason;
  }
  void on_message(const PublishPacket& message) override {
    topic = message.topic;
    payloads.emplace_back(message.payload);
  }
  void on_subscribed(std::string_view granted) override { reasons = granted; }
};

// A client and what came of it.
class Session {
 public:
  explicit Session(const MqttPeer& peer, ClientOptions options = {}) {
    auto found = Broker::find(peer);
    if (!found) throw std::runtime_error(std::string(found.error().what.view()));
    broker_ = *std::move(found);
    auto started = Client::start(broker_, options, events);
    if (!started) throw std::runtime_error(std::string(started.error().what.view()));
    client_.emplace(*std::move(started));
  }
  Client& operator*() { return *client_; }
  Client* operator->() { return &*client_; }

  // Serves the connection until `holds`; its error where it ends, or kExpired after 20 s.
  Status until(const std::function<bool()>& holds, bool tend = false) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return fail(ErrorCode::kExpired, "20 seconds");
      pollfd entry{client_->fd(), client_->wants(), 0};
      poll(&entry, 1, 50);
      TRY(client_->exchange(kReadBytesMax));
      const std::chrono::duration<double, std::milli> now =
          std::chrono::steady_clock::now().time_since_epoch();
      if (!tend) continue;
      TRY(client_->tend(static_cast<std::int64_t>(now.count())));
    }
    return Done{};
  }
  Status connect() {
    return until([this] { return client_->connected(); });
  }

  Events events;

 private:
  sim::Broker broker_;
  std::optional<Client> client_;
};

struct Way {
  MqttVersion version;
  bool tls;
};

class MqttClientOver : public testing::TestWithParam<Way> {
 protected:
  MqttClientOver() : authority_(directory_.path() / "ca") {
    testkit::BrokerOptions options;
    options.extra = "max_queued_messages 0\nmax_inflight_messages 0\n" + credentials();
    if (GetParam().tls) {
      options.tls = testkit::BrokerTls{authority_.ca_file(), authority_.server(), true};
    }
    broker_.emplace(std::move(options));
  }
  std::string credentials() {
    const std::string file = directory_.path() / "passwords";
    const auto made = testkit::run({"mosquitto_passwd", "-b", "-c", file, "car", "bamboo"});
    EXPECT_EQ(made.status, 0) << made.errors;
    return "allow_anonymous false\npassword_file " + file + "\n";
  }
  MqttPeer peer(const std::string& password = "bamboo") {
    MqttPeer peer;
    peer.endpoint = {GetParam().tls ? "localhost" : "127.0.0.1", broker_->port(), GetParam().tls};
    peer.version = GetParam().version;
    peer.username = "car";
    peer.password_file = directory_.path() / "password";
    std::ofstream(peer.password_file) << password << "\nsecond line\n";
    if (!GetParam().tls) return peer;
    const testkit::Certificate own = authority_.client();
    peer.ca_file = authority_.ca_file();
    peer.cert_file = own.certificate;
    peer.key_file = own.key;
    return peer;
  }

  testkit::TemporaryDirectory directory_;
  testkit::CertificateAuthority authority_;
  std::optional<testkit::Broker> broker_;
};

TEST_P(MqttClientOver, AWrongPasswordIsRefusedWithTheBrokersReason) {
  Session session(peer("willow"));
  const Status status = session.connect();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kRefused);
  EXPECT_EQ(status.error().detail, GetParam().version == MqttVersion::k5 ? 0x87 : 5);
}

TEST_P(MqttClientOver, WhatIsPublishedComesBackWhole) {
  Session session(peer());
  ASSERT_TRUE(session.connect());
  session->subscribe({"a/#"}, 1);
  ASSERT_TRUE(session.until([&] { return !session.events.reasons.empty(); }));
  EXPECT_EQ(session.events.reasons, "\x01");
  // Larger than every buffer on the way, and nothing at all.
  std::string large(3U << 20U, '\0');
  for (std::size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>(i * 2'654'435'761U >> 24U);
  ASSERT_TRUE(session->publish("a/large", large, 1, false));
  ASSERT_TRUE(session->publish("a/none", "", 0, false));
  ASSERT_TRUE(session.until([&] { return session.events.payloads.size() == 2; }));
  EXPECT_TRUE(session.events.payloads[0] == large);
  EXPECT_EQ(session.events.payloads[1], "");
  EXPECT_EQ(session.events.topic, "a/none");
  ASSERT_TRUE(session.until([&] { return session->outstanding() == 0; }));
  EXPECT_EQ(session.events.acknowledged.size(), 1U);
}

TEST_P(MqttClientOver, EveryMessageIdIsUsedAndThenNoMoreIsTaken) {
  Session session(peer());
  ASSERT_TRUE(session.connect());
  std::size_t published = 0;
  while (session->publish("a", "payload", 1, false)) ++published;
  EXPECT_EQ(published, 65'534U);
  EXPECT_EQ(session->publish("a", "payload", 1, false).error().code, ErrorCode::kFull);
  ASSERT_TRUE(session.until([&] { return session->outstanding() == 0; }));
  EXPECT_EQ(session.events.acknowledged.size(), published);
  // Ids begin again at 1.
  EXPECT_EQ(*session->publish("a", "payload", 1, false), 1);
  ASSERT_TRUE(session.until([&] { return session->outstanding() == 0; }));
}

TEST_P(MqttClientOver, ABrokerThatIsKilledIsGoneAndAnotherClientConnects) {
  Session session(peer());
  ASSERT_TRUE(session.connect());
  broker_->kill();
  const Status status = session.until([] { return false; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  broker_->start();
  Session again(peer());
  EXPECT_TRUE(again.connect());
}

TEST_P(MqttClientOver, ABrokerThatStopsIsGone) {
  Session session(peer());
  ASSERT_TRUE(session.connect());
  broker_->stop();
  const Status status = session.until([] { return false; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
}

TEST_P(MqttClientOver, APersistentSessionBringsWhatWasMissed) {
  ClientOptions options;
  options.client_id = "recipient";
  options.clean_start = false;
  options.session_expiry_seconds = 600;
  {
    Session session(peer(), options);
    ASSERT_TRUE(session.connect());
    EXPECT_FALSE(session.events.session_present);
    session->subscribe({"a"}, 1);
    ASSERT_TRUE(session.until([&] { return !session.events.reasons.empty(); }));
  }
  Session sender(peer());
  ASSERT_TRUE(sender.connect());
  ASSERT_TRUE(sender->publish("a", "missed", 1, false));
  ASSERT_TRUE(sender.until([&] { return sender->outstanding() == 0; }));
  Session session(peer(), options);
  ASSERT_TRUE(session.until([&] { return !session.events.payloads.empty(); }));
  EXPECT_TRUE(session.events.session_present);
}

std::string name_of(const testing::TestParamInfo<Way>& info) {
  return std::string(info.param.version == MqttVersion::k5 ? "Mqtt5" : "Mqtt311") +
         (info.param.tls ? "Tls" : "Plain");
}
INSTANTIATE_TEST_SUITE_P(Ways, MqttClientOver,
                         testing::Values(Way{MqttVersion::k311, false}, Way{MqttVersion::k5, false},
                                         Way{MqttVersion::k311, true}, Way{MqttVersion::k5, true}),
                         name_of);

MqttPeer peer_of(const testkit::Broker& broker) {
  MqttPeer peer;
  peer.endpoint = {"127.0.0.1", broker.port(), false};
  return peer;
}

TEST(MqttClient, WhatTheBrokerTakesIsNotExceeded) {
  testkit::BrokerOptions options;
  options.extra = "max_inflight_messages 3\nmax_packet_size 1000\n";
  const testkit::Broker broker(std::move(options));
  Session session(peer_of(broker));
  ASSERT_TRUE(session.connect());
  EXPECT_EQ(session->publish("a", std::string(1000, 'x'), 1, false).error().code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(session->unwritten_bytes(), 0U);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session->publish("a", std::string(900, 'x'), 1, false));
  EXPECT_EQ(session->publish("a", "x", 1, false).error().code, ErrorCode::kFull);
  ASSERT_TRUE(session->publish("a", "x", 0, false)) << "QoS 0 is not counted";
  ASSERT_TRUE(session.until([&] { return session->outstanding() == 0; }));
  EXPECT_TRUE(session->publish("a", "x", 1, false));
}

TEST(MqttClient, WhyTheBrokerEndsAConnectionIsTold) {
  const testkit::Broker broker;
  Session session(peer_of(broker));
  ASSERT_TRUE(session.connect());
  ASSERT_TRUE(session->publish("no/+/topic", "x", 1, false));
  const Status status = session.until([] { return false; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_GE(status.error().detail, 0x80) << "the reason code of MQTT 5";
}

TEST(MqttClient, AnIdleConnectionIsKeptAlive) {
  const testkit::Broker broker;
  ClientOptions options;
  options.keepalive_seconds = 2;
  Session session(peer_of(broker), options);
  ASSERT_TRUE(session.connect());
  // The broker ends a connection that is silent for 3 s; this one is served for 4 s.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  ASSERT_TRUE(session.until([&] { return std::chrono::steady_clock::now() > end; }, true));
  ASSERT_TRUE(session->publish("a", "x", 1, false));
  EXPECT_TRUE(session.until([&] { return session->outstanding() == 0; }, true));
}

TEST(MqttClient, ABrokerThatSaysNothingForTwiceItsKeepaliveIsGivenUp) {
  testkit::BrokerOptions options;
  options.extra = "max_keepalive 10\n";  // the client asks for 60 s
  const testkit::Broker broker(std::move(options));
  Session session(peer_of(broker));
  ASSERT_TRUE(session.connect());
  ASSERT_TRUE(session->tend(1'000));
  ASSERT_TRUE(session->tend(21'000));
  const Status status = session->tend(21'001);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
}

TEST(MqttClient, NobodyListeningIsUnavailable) {
  MqttPeer peer;
  peer.endpoint = {"127.0.0.1", testkit::free_port(), false};
  Session session(peer);
  EXPECT_EQ(session.connect().error().code, ErrorCode::kUnavailable);
}

class MqttClientTls : public testing::Test {
 protected:
  MqttClientTls() : authority_(directory_.path() / "ca") {}
  ErrorCode connect_to(const testkit::Certificate& server, bool show_certificate) {
    testkit::BrokerOptions options;
    options.tls = testkit::BrokerTls{authority_.ca_file(), server, true};
    const testkit::Broker broker(std::move(options));
    MqttPeer peer;
    peer.endpoint = {"localhost", broker.port(), true};
    peer.ca_file = authority_.ca_file();
    const testkit::Certificate own = authority_.client();
    if (show_certificate) {
      peer.cert_file = own.certificate;
      peer.key_file = own.key;
    }
    Session session(peer);
    const Status status = session.connect();
    return status ? ErrorCode::kInternal : status.error().code;
  }

  testkit::TemporaryDirectory directory_;
  testkit::CertificateAuthority authority_;
};

TEST_F(MqttClientTls, AStrangersCertificateIsNotTaken) {
  EXPECT_EQ(connect_to(authority_.expired_server(), true), ErrorCode::kAuthentication);
  EXPECT_EQ(connect_to(authority_.server_elsewhere(), true), ErrorCode::kAuthentication);
  testkit::CertificateAuthority other(directory_.path() / "other");
  EXPECT_EQ(connect_to(other.server(), true), ErrorCode::kAuthentication);
}

TEST_F(MqttClientTls, WithoutOwnCertificateTheBrokerEndsIt) {
  // Its alert, or a reset that overtakes it.
  EXPECT_THAT(connect_to(authority_.server(), false),
              AnyOf(ErrorCode::kAuthentication, ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace sudare::sim
