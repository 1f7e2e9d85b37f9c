// The judge at a real broker, with batches made by hand: of two cars, twice, and not at all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "crypto/open/key_file.h"
#include "sim/judge/judge.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/mqtt_client.h"
#include "tests/unit/fleet/forged_batch.h"

namespace sudare::sim {
namespace {

using fleet_test::Forge;

constexpr const char* kTopic = "sudare/1/diagnostics/00";

class JudgeAtBroker : public testing::Test {
 protected:
  void SetUp() override {
    options_.cloud.endpoint = {"127.0.0.1", broker_.port(), false};
    options_.policy_file = directory_.path() / "policy";
    options_.settle_seconds = 4;
    std::ofstream(options_.policy_file) << policy();
    for (const Forge* car : {&own_, &other_}) {
      const std::string file = directory_.path() / std::to_string(options_.key_files.size());
      const int key = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      ASSERT_TRUE(age::open_side::write_key_file(key, car->identities()[0]));
      close(key);
      options_.key_files.push_back(file);
    }
  }
  // Both cars' batches are for the same purpose.
  [[nodiscard]] std::string policy() const {
    return "language: 1 serial: 1 not_after: \"2099-12-31\"\npurpose {\n  name: \"diagnostics\"\n"
           "  recipient: \"" +
           own_.identities()[0].recipient().to_string() + "\"\n  recipient: \"" +
           other_.identities()[0].recipient().to_string() +
           "\"\n  pseudonym { rotate_days: 28 } consent: OPT_OUT ceiling { }\n"
           "  linger_ms: 1000 batch_bytes_max: 4096 keep_hours: 24\n}\n"
           "source {\n  topic: \"car/state\" codec: JSON\n"
           "  classify { path: \"n\" class: NOT_PERSONAL }\n"
           "  release { to: \"diagnostics\" field { path: \"n\" } time { exact: true } }\n}\n";
  }
  // A batch of a car, whose records hold the numbers from `number` on.
  static std::string batch_of(const Forge& car, int number, int records) {
    sudare::v1::Batch batch = car.signed_batch(static_cast<std::uint64_t>(number), records);
    for (int i = 0; i < records; ++i) {
      batch.mutable_records(i)->set_payload("{\"n\":" + std::to_string(number + i) + "}");
    }
    return car.sealed(batch);
  }
  // The car sends the numbers below `count`; the cloud gets these files.
  PurposeJudgement judge(int count, const std::vector<std::string>& files) {
    Truth truth;
    for (int n = 0; n < count; ++n) {
      TruthMessage message;
      message.sequence = static_cast<std::uint64_t>(n) + 1;
      message.topic = "car/state";
      message.payload = "{\"n\":" + std::to_string(n) + "}";
      message.sent_ms = 1'700'000'000'000;
      message.acknowledged = true;
      truth.messages.push_back(message);
    }
    auto judge = Judge::start(options_);
    if (!judge) throw std::runtime_error(judge.error().to_string());
    testkit::MqttClient unit(broker_.port());
    unit.publish(kTopic, "of an earlier run");
    unit.flush();
    testkit::pause(std::chrono::milliseconds(300));  // what comes now is early
    (*judge)->begin();
    for (const std::string& file : files) unit.publish(kTopic, file);
    unit.flush();
    judgement_ = (*judge)->finish(truth, [](std::int64_t) {});
    EXPECT_EQ(judgement_.early, 1U);
    return judgement_.purposes.at("diagnostics");
  }

  Forge own_;
  Forge other_;
  testkit::TemporaryDirectory directory_;
  testkit::Broker broker_;
  JudgeOptions options_;
  Judgement judgement_;
};

TEST_F(JudgeAtBroker, ABatchThatIsDeliveredTwiceCountsOnce) {
  const std::string batch = batch_of(own_, 0, 3);
  const PurposeJudgement result = judge(3, {batch, batch});
  EXPECT_TRUE(judgement_.clean());
  EXPECT_EQ(result.batches, 2U);
  EXPECT_EQ(result.compared->opened, 3U);
}

TEST_F(JudgeAtBroker, RecordsInTwoBatchesAreDuplicatesAndAFork) {
  const PurposeJudgement result = judge(3, {batch_of(own_, 0, 3), batch_of(own_, 0, 3)});
  EXPECT_FALSE(judgement_.clean());
  EXPECT_EQ(result.compared->duplicated, 3U);
  EXPECT_EQ(result.forks, 1U);
}

TEST_F(JudgeAtBroker, AMissingBatchIsLostAndAGap) {
  const PurposeJudgement result = judge(5, {batch_of(own_, 0, 2), batch_of(own_, 3, 2)});
  EXPECT_FALSE(judgement_.clean());
  EXPECT_EQ(result.compared->lost, 1U);
  EXPECT_EQ(result.gaps, 1U);
}

TEST_F(JudgeAtBroker, AnotherUnitsRecordsAreAlteredUnlessTheCloudIsShared) {
  const std::vector<std::string> both = {batch_of(own_, 0, 3), batch_of(other_, 100, 2)};
  EXPECT_EQ(judge(3, both).compared->altered, 2U);
  EXPECT_FALSE(judgement_.clean());
  options_.shared_cloud = true;
  EXPECT_EQ(judge(3, both).compared->altered, 0U);
  EXPECT_TRUE(judgement_.clean());
  EXPECT_EQ(judgement_.other_units, 2U);
}

TEST_F(JudgeAtBroker, ASharedCloudHidesNoUnitThatAltersEverything) {
  options_.shared_cloud = true;
  const PurposeJudgement result = judge(3, {batch_of(own_, 100, 3)});
  EXPECT_FALSE(judgement_.clean());
  EXPECT_EQ(result.compared->lost, 3U);
}

TEST_F(JudgeAtBroker, WhatDoesNotOpenIsCounted) {
  std::string broken = batch_of(own_, 0, 3);
  broken.back() = static_cast<char>(broken.back() ^ 1);
  const PurposeJudgement result = judge(3, {broken, Forge().sealed(own_.signed_batch(0, 1))});
  EXPECT_EQ(result.unopened, 2U) << "altered on the way, and sealed to a stranger";
  EXPECT_EQ(result.compared->lost, 3U);
}

}  // namespace
}  // namespace sudare::sim
