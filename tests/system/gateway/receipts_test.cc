// Certainty from end to end: a producer that keeps its messages until the gateway's receipt loses
// none where the in-vehicle broker is killed, and none comes twice.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/faults/rig/car.h"
#include "tests/system/gateway/unit.h"

namespace sudare::testkit {
namespace {

using faults::Car;
using faults::CarOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

UnitOptions with_receipts() {
  UnitOptions options;
  options.extra_config = faults::kReceiptsConfig;
  // Else a broker that was not told of its limit drops what a fast producer sends.
  options.local_extra = "max_queued_messages 100000\nmax_inflight_messages 1000\n";
  return options;
}

CarOptions producer_at(const Unit& unit, std::uint16_t port) {
  (void)unit;
  CarOptions options;
  options.port = port;
  options.producer = faults::kProducer;
  return options;
}

// Records with a "seq", with repeats.
std::size_t json_records(const Unit::Opened& opened) {
  std::size_t records = 0;
  for (const v1::Batch& batch : opened.batches) {
    records += static_cast<std::size_t>(batch.records_size());
  }
  return records;
}

TEST(GatewayReceipts, EveryConfiguredProducerFindsAReceipt) {
  Unit unit(with_receipts());
  unit.start();
  MqttClient app(unit.local().port());
  app.subscribe("vehicle/receipt/car");
  ASSERT_TRUE(app.wait_for(1));
  EXPECT_EQ(app.messages()[0].payload, "0");
  EXPECT_TRUE(app.messages()[0].retained);
}

TEST(GatewayReceipts, AKilledBrokerLosesNothingAndNothingComesTwice) {
  Unit unit(with_receipts());
  unit.recipient();
  unit.start();
  Car car(producer_at(unit, unit.local().port()));
  for (int i = 0; i < 5; ++i) {
    pause(milliseconds(200));
    unit.local().kill();
    unit.local().start();
  }
  pause(milliseconds(200));
  ASSERT_TRUE(car.stop()) << car.settled() << " of " << car.published();
  EXPECT_TRUE(unit.wait_for_numbers(car.published()));
  const Unit::Opened opened = unit.opened();
  EXPECT_EQ(opened.numbers.size(), car.published());
  EXPECT_EQ(json_records(opened), car.published());
  std::cout << car.published() << " messages\n";
}

TEST(GatewayReceipts, AKilledGatewayReleasesNothingTwice) {
  Unit unit(with_receipts());
  unit.recipient();
  unit.start();
  Car car(producer_at(unit, unit.local().port()));
  for (int i = 0; i < 5; ++i) {
    pause(milliseconds(200));
    unit.kill();
    unit.start();
  }
  ASSERT_TRUE(car.stop());
  EXPECT_TRUE(unit.wait_for_numbers(car.published()));
  EXPECT_EQ(json_records(unit.opened()), car.published());
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_TRUE(unit.account().adds_up());
}

TEST(GatewayReceipts, AProducerThatTheGatewayDoesNotKnowIsToldSo) {
  Unit unit(with_receipts());
  unit.start();
  const RunResult result = run({program("sudare-sim").string(), "vehicle", "--local-broker",
                                unit.local().url(), "--receipts", "other", "--count", "1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("no receipt at vehicle/receipt/other"), std::string::npos)
      << result.errors;
}

// The control: what the broker's PUBACK is worth.
TEST(GatewayReceipts, TheControlThatTrustsTheBrokerLoses) {
  UnitOptions options = with_receipts();
  Unit unit(options);
  unit.recipient();
  unit.start();
  unit.stop();  // the session is there; messages wait in the broker's memory
  CarOptions trusting = producer_at(unit, unit.local().port());
  trusting.producer.clear();
  trusting.messages_max = 1000;
  Car car(trusting);
  ASSERT_TRUE(eventually([&] { return car.settled() == 1000; }));
  unit.local().kill();
  unit.local().start();
  unit.start();
  EXPECT_FALSE(unit.wait_for_numbers(1, seconds(2)));
}

}  // namespace
}  // namespace sudare::testkit
