#include "tests/testkit/broker.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/testkit/mqtt_client.h"

namespace sudare::testkit {
namespace {

TEST(TestkitBroker, CarriesAMessage) {
  const Broker broker;
  MqttClient receiver(broker.port());
  receiver.subscribe("a/+");
  MqttClient sender(broker.port());
  EXPECT_TRUE(sender.publish("a/b", "hello"));
  EXPECT_TRUE(sender.flush());
  ASSERT_TRUE(receiver.wait_for(1));
  EXPECT_EQ(receiver.messages().front().payload, "hello");
  EXPECT_EQ(receiver.messages().front().qos, 1);
}

TEST(TestkitBroker, KeepsASessionOverARestart) {
  BrokerOptions options;
  options.persistence = true;
  Broker broker(options);
  MqttClientOptions durable;
  durable.port = broker.port();
  durable.client_id = "durable";
  durable.clean_session = false;
  { MqttClient(durable).subscribe("a"); }
  {
    MqttClient sender(broker.port());
    sender.publish("a", "while away");
    EXPECT_TRUE(sender.flush());
  }
  broker.restart();
  MqttClient again(durable);
  EXPECT_TRUE(again.wait_for(1));
}

TEST(TestkitBroker, TlsRefusesAClientOfAnotherAuthority) {
  const TemporaryDirectory directory;
  CertificateAuthority authority(directory.path() / "one");
  CertificateAuthority other(directory.path() / "other");
  BrokerOptions options;
  options.tls = BrokerTls{authority.ca_file(), authority.server(), true};
  const Broker broker(options);
  MqttClientOptions client;
  client.port = broker.port();
  client.ca_file = authority.ca_file();
  client.certificate = authority.client();
  EXPECT_NO_THROW(MqttClient{client});
  client.certificate = other.client();
  EXPECT_THROW(MqttClient{client}, std::runtime_error);
  client.certificate = authority.client();
  client.ca_file = other.ca_file();
  EXPECT_THROW(MqttClient{client}, std::runtime_error);
}

TEST(TestkitBroker, ExpiredServerCertificateIsRefused) {
  const TemporaryDirectory directory;
  CertificateAuthority authority(directory.path());
  BrokerOptions options;
  options.tls = BrokerTls{authority.ca_file(), authority.expired_server(), false};
  const Broker broker(options);
  MqttClientOptions client;
  client.port = broker.port();
  client.ca_file = authority.ca_file();
  EXPECT_THROW(MqttClient{client}, std::runtime_error);
}

TEST(TestkitProcess, TellsExitStatusAndSignal) {
  EXPECT_EQ(run({"sh", "-c", "echo out; echo err >&2; exit 3"}).status, 3);
  EXPECT_EQ(run({"sh", "-c", "echo out; echo err >&2"}).errors, "err\n");
  EXPECT_EQ(run({"no-such-program-anywhere"}).status, 127);
  Process sleeper({"sleep", "60"});
  EXPECT_TRUE(sleeper.running());
  sleeper.signal(SIGTERM);
  EXPECT_EQ(sleeper.wait(std::chrono::seconds(5)), 128 + SIGTERM);
}

}  // namespace
}  // namespace sudare::testkit
