// The collector against a real broker: what is read is acknowledged when, and only when, told.
#include "gateway/collect/collector.h"

#include <gtest/gtest.h>

#include "tests/testkit/broker.h"
#include "tests/testkit/mqtt_client.h"
#include "tests/testkit/reveal.h"

namespace sudare {
namespace {

using testkit::Broker;
using testkit::MqttClient;

class CollectorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Collector> make() {
    CollectOptions options;
    options.peer.endpoint = {"127.0.0.1", broker.port(), false};
    options.client_id = "unit-test";
    options.session_expiry_seconds = 3600;
    auto collector = std::make_unique<Collector>(options, clock);
    collector->set_filters({"normal/+"}, {"urgent/+"});
    return collector;
  }
  // Turns the loop until `count` messages are there, or nothing comes for a while.
  std::size_t pump(Collector& collector, std::size_t count) {
    std::vector<pollfd> none;
    const std::int64_t end = clock.monotonic_ms() + (count == 0 ? 300 : 5000);
    const std::size_t before = payloads.size();
    while (clock.monotonic_ms() < end && (count == 0 || payloads.size() - before < count)) {
      collector.wait(20, true, none);
      (void)collector.read({1000, 1 << 20}, take);
    }
    return payloads.size() - before;
  }
  void connect(Collector& collector) {
    std::vector<pollfd> none;
    const std::int64_t end = clock.monotonic_ms() + 5000;
    while (!collector.status().subscribed && clock.monotonic_ms() < end) {
      collector.wait(20, true, none);
      (void)collector.read({1000, 1 << 20}, take);
      collector.acknowledge();
    }
    ASSERT_TRUE(collector.status().subscribed);
  }

  Broker broker;
  SystemClock clock;
  std::vector<std::string> payloads;
  std::vector<bool> too_large;
  Collector::Take take = [this](const Message& message, bool large) {
    payloads.push_back(message.payload.reveal(TestReveal::key()));
    too_large.push_back(large);
  };
};

TEST_F(CollectorTest, UnacknowledgedMessagesComeAgain) {
  {
    const auto collector = make();
    connect(*collector);
    MqttClient car(broker.port());
    for (const char* text : {"a", "b", "c"}) car.publish("normal/x", text);
    ASSERT_EQ(pump(*collector, 3), 3U);
  }  // gone without a word, as after a power cut
  payloads.clear();
  const auto again = make();
  EXPECT_EQ(pump(*again, 3), 3U);
}

TEST_F(CollectorTest, AcknowledgedMessagesDoNot) {
  {
    const auto collector = make();
    connect(*collector);
    MqttClient car(broker.port());
    for (const char* text : {"a", "b", "c"}) car.publish("normal/x", text);
    ASSERT_EQ(pump(*collector, 3), 3U);
    collector->acknowledge();
    collector->disconnect(1000);
  }
  payloads.clear();
  const auto again = make();
  EXPECT_EQ(pump(*again, 0), 0U);
}

TEST_F(CollectorTest, DisconnectKeepsWhatIsUnacknowledgedAtTheBroker) {
  {
    const auto collector = make();
    connect(*collector);
    MqttClient car(broker.port());
    car.publish("normal/x", "a");
    ASSERT_EQ(pump(*collector, 1), 1U);
    collector->disconnect(1000);
  }
  const auto again = make();
  EXPECT_EQ(pump(*again, 1), 1U);
}

TEST_F(CollectorTest, UrgentComesFirst) {
  const auto collector = make();
  connect(*collector);
  MqttClient car(broker.port());
  for (int i = 0; i < 500; ++i) car.publish("normal/x", "n");
  ASSERT_TRUE(car.flush());
  car.publish("urgent/x", "u");
  ASSERT_TRUE(car.flush());
  pump(*collector, 501);
  const auto urgent = std::find(payloads.begin(), payloads.end(), "u");
  ASSERT_NE(urgent, payloads.end());
  EXPECT_LT(urgent - payloads.begin(), 500) << "it stood behind all others";
}

TEST_F(CollectorTest, ABoundStopsTheRound) {
  const auto collector = make();
  connect(*collector);
  MqttClient car(broker.port());
  for (int i = 0; i < 50; ++i) car.publish("normal/x", "1234567890");
  ASSERT_TRUE(car.flush());
  std::vector<pollfd> none;
  for (int round = 0; payloads.size() < 50 && round < 1000; ++round) {
    const std::size_t before = payloads.size();
    const bool by_messages = round % 2 == 0;
    collector->wait(2000, true, none);
    const std::size_t read =
        collector->read(by_messages ? ReadBound{7, 1 << 20} : ReadBound{1000, 35}, take).messages;
    EXPECT_EQ(payloads.size() - before, read);
    EXPECT_LE(read, by_messages ? 7U : 4U);
  }
  EXPECT_EQ(payloads.size(), 50U);
}

TEST_F(CollectorTest, FiltersCanChangeWhileConnected) {
  const auto collector = make();
  connect(*collector);
  collector->set_filters({"other/+"}, {});
  connect(*collector);
  MqttClient car(broker.port());
  car.publish("normal/x", "old");
  car.publish("other/x", "new");
  ASSERT_TRUE(car.flush());
  pump(*collector, 1);
  EXPECT_EQ(payloads, std::vector<std::string>{"new"});
}

}  // namespace
}  // namespace sudare
