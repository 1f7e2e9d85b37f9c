// A unit's pseudonyms with the real gateway: epochs across wrong clocks, a restored backup, a
// cloned unit, a new owner.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "base/clock.h"
#include "crypto/identity/epoch_chain.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/store.h"
#include "tests/system/gateway/unit.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint16_t kRotation = 28;

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

void copy_state(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

// Publishes numbers [from, to) and waits until the in-vehicle broker has them.
void publish(Unit& unit, std::uint64_t from, std::uint64_t to) {
  MqttClient car(unit.local().port());
  for (std::uint64_t n = from; n < to; ++n) car.publish("test/json", Unit::number_payload(n));
  ASSERT_TRUE(car.flush());
}

// --- clocks

class GatewayEpochs : public ::testing::Test {
 protected:
  static UnitOptions options() {
    UnitOptions options;
    options.not_after = "2199-12-31";  // the unit that believes in 2100 must not stop for it
    return options;
  }
  void SetUp() override {
    // Two epochs and some days ago, on a unit that stood since.
    const std::int64_t day = today_ - 2 * kRotation - 3;
    unit.set_state(unit.directory() / "older");
    unit.write_config();
    const SystemClock clock;
    auto store = Store::open({unit.state().string(), 64U << 20, 4U << 20}, clock);
    ASSERT_TRUE(store);
    CommitGroup group;
    auto root = Epochs::provision(day, group.state);
    ASSERT_TRUE(root);
    root_ = std::move(*root);
    ASSERT_TRUE((*store)->commit(group));
    first_ = epoch_of_day(kRotation, day);
    // A receiver whose time counts, and a switch that says that the car stands.
    std::string policy = with(unit.policy_text(options().not_after), "  time_field: \"time_ms\"\n",
                              "  time_field: \"time_ms\"\n  gnss_time: true\n");
    policy +=
        "source {\n  topic: \"test/ignition\"\n  codec: JSON\n"
        "  classify { path: \"on\" class: NOT_PERSONAL }\n  ignition_field: \"on\"\n"
        "  release { to: \"asked\" field { path: \"on\" } time { exact: true } }\n}\n";
    std::ofstream(unit.policy_file()) << policy;
    unit.recipient();
  }
  // Starts at this clock, sends records and a position, and stops. Returns the batch that carries
  // `number`.
  v1::Batch boot(const std::string& clock, std::uint64_t number) {
    unit.set_clock(clock.empty() ? clock : "@" + clock);
    unit.start();
    MqttClient car(unit.local().port());
    car.publish("test/ignition", R"({"on": false})");
    car.publish("vehicle/position", Unit::position_payload(number));
    EXPECT_TRUE(car.flush());
    pause(std::chrono::milliseconds(1500));  // an epoch changes with the next commit
    car.publish("vehicle/position", Unit::position_payload(number));
    EXPECT_TRUE(car.flush());
    publish(unit, number, number + 1);
    EXPECT_TRUE(eventually([&] { return unit.opened().numbers.contains(number); })) << unit.log();
    EXPECT_EQ(unit.stop().status, 0);
    for (const v1::Batch& batch : unit.opened().batches) {
      for (const v1::Record& record : batch.records()) {
        if (record.payload().find(":" + std::to_string(number) + "}") != std::string::npos) {
          return batch;
        }
      }
    }
    ADD_FAILURE() << "no batch with " << number;
    return {};
  }
  std::string pseudonym_in(std::uint32_t epoch) {
    auto chain = chain_start(root_, kRotation);
    chain_walk(*chain, epoch - first_);
    const auto key = epoch_key(*chain, "seq", kRotation, epoch);
    return std::string(reinterpret_cast<const char*>(key->pseudonym.data()), kPseudonymBytes);
  }

  Unit unit{options()};
  RootKey root_;
  std::uint32_t first_ = 0;
  std::int64_t today_ = SystemClock().wall_ms() / kMsPerDay;
};

TEST_F(GatewayEpochs, BootsAt1970And2100AndNowReleaseUnderTheRightEpoch) {
  const v1::Batch in_1970 = boot("1970-01-01 00:00:10", 1);
  EXPECT_EQ(in_1970.epoch(), first_);
  EXPECT_EQ(in_1970.pseudonym(), pseudonym_in(first_));
  const v1::Batch in_2100 = boot("2100-01-01 00:00:00", 2);
  EXPECT_EQ(in_2100.epoch(), first_);
  EXPECT_EQ(in_2100.pseudonym(), pseudonym_in(first_));
  const std::uint32_t now = epoch_of_day(kRotation, today_);
  const v1::Batch in_time = boot("", 3);
  EXPECT_EQ(in_time.epoch(), now);
  EXPECT_EQ(in_time.pseudonym(), pseudonym_in(now));
  const v1::Batch in_1970_again = boot("1970-01-01 00:00:10", 4);
  EXPECT_EQ(in_1970_again.epoch(), now) << "a chain never goes back";
  EXPECT_GT(in_1970_again.first_record(), in_time.first_record()) << "and its numbers go on";
}

// --- forks

class GatewayFork : public ::testing::Test {
 protected:
  // What came to a recipient of "seq", as files.
  void collect(Unit& from, const std::string& name) {
    int count = 0;
    for (const MqttMessage& message : from.recipient().messages()) {
      if (message.topic.rfind("sudare/1/seq/", 0) != 0) continue;
      fs::create_directories(files());
      std::ofstream(files() / (name + std::to_string(count++) + ".age"), std::ios::binary)
          << message.payload;
    }
    EXPECT_GT(count, 0);
  }
  RunResult opened() {
    const fs::path key = unit.directory() / "seq.key";
    if (!fs::exists(key)) unit.write_key_file("seq", key);
    return run({program("sudare"), "open", "-i", key, "--purpose", "seq", files(), "--report",
                unit.directory() / "report.json"});
  }
  [[nodiscard]] fs::path files() const { return unit.directory() / "came"; }
  void send(std::uint64_t from, std::uint64_t to) {
    unit.start();
    publish(unit, from, to);
    ASSERT_TRUE(unit.wait_for_numbers(to)) << unit.log();
    ASSERT_EQ(unit.stop().status, 0);
  }

  Unit unit;
};

TEST_F(GatewayFork, ARestoredBackupIsRaisedByTheRecipient) {
  unit.recipient();
  send(0, 10);
  copy_state(unit.state(), unit.directory() / "backup");
  send(10, 20);
  collect(unit, "before");
  const RunResult control = opened();
  EXPECT_EQ(control.status, 0) << "without a restored backup: " << control.errors;
  copy_state(unit.directory() / "backup", unit.state());
  send(20, 30);
  collect(unit, "after");
  const RunResult raised = opened();
  EXPECT_EQ(raised.status, 3);
  EXPECT_THAT(raised.errors, HasSubstr("fork: records "));
  EXPECT_THAT(raised.errors, HasSubstr("a restored backup or a cloned unit"));
  EXPECT_THAT(raised.output, HasSubstr("\"seq\":29"));  // both sides are kept
  EXPECT_THAT(raised.output, HasSubstr("\"seq\":19"));
}

TEST_F(GatewayFork, AClonedUnitIsRaisedByTheRecipient) {
  unit.recipient();
  send(0, 10);
  Unit clone;
  copy_state(unit.state(), clone.directory() / "copied");
  clone.set_state(clone.directory() / "copied");
  clone.write_config();
  fs::copy_file(unit.policy_file(), clone.policy_file(), fs::copy_options::overwrite_existing);
  clone.recipient();
  unit.start();
  clone.start();
  publish(unit, 10, 20);
  publish(clone, 10, 25);
  ASSERT_TRUE(unit.wait_for_numbers(20)) << unit.log();
  ASSERT_TRUE(eventually([&] {
    return clone.get("/metrics").body.find("sudare_rows{purpose=\"seq\",fate=\"delivered\"} 25") !=
           std::string::npos;
  })) << clone.get("/metrics").body;
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_EQ(clone.stop().status, 0);
  collect(unit, "unit");
  EXPECT_EQ(opened().status, 0);
  collect(clone, "clone");
  const RunResult raised = opened();
  EXPECT_EQ(raised.status, 3);
  EXPECT_THAT(raised.errors, HasSubstr("fork: records "));
}

// --- a new owner

class GatewayTransfer : public ::testing::Test {
 protected:
  void SetUp() override {
    authority_ = run({program("sudare"), "key", "new", "-o", unit.directory() / "relink.key"});
    ASSERT_EQ(authority_.status, 0);
    std::ofstream(unit.directory() / "id.json") << R"({"vin": "JTDKB20U793012345"})";
  }
  RunResult transfer(const std::string& record) {
    const std::string key = authority_.output.substr(0, authority_.output.find('\n'));
    return run({program("sudare"), "provision", "--transfer", "--state", unit.state(), "--identity",
                unit.directory() / "id.json", "--relink-recipient", key, "-o",
                unit.directory() / record});
  }
  // In hex, as `sudare open` tells it.
  std::string pseudonym_of(const std::string& batch) {
    const fs::path key = unit.directory() / "seq.key";
    if (!fs::exists(key)) unit.write_key_file("seq", key);
    std::ofstream(unit.directory() / "batch.age", std::ios::binary) << batch;
    const std::string out = run({program("sudare"), "open", "-i", key, "--purpose", "seq",
                                 unit.directory() / "batch.age"})
                                .output;
    const std::string field = "\"pseudonym\":\"";
    const std::size_t at = out.find(field);
    EXPECT_NE(at, std::string::npos) << out;
    return at == std::string::npos ? "" : out.substr(at + field.size(), 2 * kPseudonymBytes);
  }
  Unit unit;
  RunResult authority_;
};

TEST_F(GatewayTransfer, IsRefusedWhileTheGatewayRuns) {
  unit.start();
  const RunResult refused = transfer("next.age");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("in use by another process"));
  EXPECT_THAT(refused.errors, HasSubstr("hint: stop the gateway first"));
  EXPECT_FALSE(fs::exists(unit.directory() / "next.age"));
  EXPECT_TRUE(unit.gateway().running());
}

TEST_F(GatewayTransfer, TheNewOwnersRecordsCarryAnotherNameAndTheFormerOnesQueueIsGone) {
  std::string former;
  {
    MqttClient recipient(unit.cloud().port());
    recipient.subscribe("sudare/1/seq/#");
    unit.start();
    publish(unit, 0, 5);
    ASSERT_TRUE(recipient.wait_for(1)) << unit.log();
    former = pseudonym_of(recipient.messages().at(0).payload);
    ASSERT_EQ(former.size(), 2 * kPseudonymBytes);
  }
  unit.cloud().stop();
  publish(unit, 5, 10);
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_queue_records 5") != std::string::npos;
  })) << unit.get("/metrics").body;
  EXPECT_EQ(unit.stop().status, 0);
  publish(unit, 10, 15);  // on the way to the dealer: the broker keeps them for the gateway
  const RunResult done = transfer("next.age");
  ASSERT_EQ(done.status, 0) << done.errors;
  EXPECT_THAT(done.output, HasSubstr("restart the in-vehicle broker before the gateway"));
  unit.local().restart();
  unit.cloud().start();
  unit.recipient();
  unit.start();
  publish(unit, 100, 105);
  ASSERT_TRUE(eventually([&] { return unit.opened().numbers.contains(104); })) << unit.log();
  for (const std::uint64_t number : unit.opened().numbers) EXPECT_GE(number, 100U);
  const v1::Batch last = unit.opened().batches.back();
  EXPECT_EQ(last.missing_size(), 0) << "what the former owner lost is not told under a new name";
  EXPECT_NE(pseudonym_of(unit.recipient().messages().back().payload), former);
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_EQ(unit.account().total().taken, 5U);
}

TEST_F(GatewayTransfer, TheFormerOwnersRetainedConsentDoesNotSpeakForTheNewOne) {
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 7})", 1, true);
  car.publish("test/asked", Unit::number_payload(1));
  ASSERT_TRUE(unit.wait_for_numbers(1)) << unit.log();
  EXPECT_EQ(unit.stop().status, 0);
  ASSERT_EQ(transfer("next.age").status, 0);
  unit.start();
  car.publish("test/asked", Unit::number_payload(2));
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics")
               .body.find("sudare_rows{purpose=\"asked\",fate=\"not_consented\"} 1") !=
           std::string::npos;
  })) << unit.get("/metrics").body;
  car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 8})", 1, true);
  car.publish("test/asked", Unit::number_payload(3));
  EXPECT_TRUE(eventually([&] { return unit.opened().numbers.contains(3); })) << unit.log();
  EXPECT_FALSE(unit.opened().numbers.contains(2));
}

}  // namespace
}  // namespace sudare::testkit
