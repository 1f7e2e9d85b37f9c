// The uploader against a broker of a few lines.
#include "gateway/upload/uploader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "gateway/store/store.h"
#include "tests/testkit/raw_broker.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using namespace std::string_literals;

constexpr const char* kTopic = "sudare/policy";

// QoS 0, MQTT 3.1.1; all lengths fit one byte.
std::string publish(const std::string& payload) {
  const std::string topic(kTopic);
  const std::string body = "\0"s + static_cast<char>(topic.size()) + topic + payload;
  return "\x30"s + static_cast<char>(body.size()) + body;
}

class UploaderTest : public testing::Test {
 protected:
  // Connected, and subscribed to the policy topic.
  void SetUp() override {
    auto store = Store::open({directory_.path().string(), 64U << 20U}, clock_);
    ASSERT_TRUE(store) << store.error().what.view();
    store_ = std::move(*store);
    UploadOptions options;
    options.peer.endpoint = {"127.0.0.1", broker_.port(), false};
    options.peer.version = MqttVersion::k311;
    options.outstanding_max = 10;
    options.backoff_ms_max = 1000;
    options.state_directory = directory_.path().string();
    options.session = store_->session();
    options.journaled = store_->journaled();
    options.policy_topic = kTopic;
    auto uploader = Uploader::start(options, clock_);
    ASSERT_TRUE(uploader) << uploader.error().what.view();
    uploader_ = std::move(*uploader);
    broker_.accept_one();
    ASSERT_NE(broker_.receive(kWaitMs), "");  // CONNECT
    ASSERT_TRUE(broker_.send_bytes("\x20\x02\0\0"s));
    const std::string subscribe = broker_.receive(kWaitMs);
    ASSERT_GT(subscribe.size(), 4U);
    ASSERT_TRUE(broker_.send_bytes("\x90\x03"s + subscribe.substr(2, 2) + "\x01"));
  }

  // Whether so many policies were counted in the end.
  [[nodiscard]] bool counts_policies(std::uint64_t wanted) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kWaitMs);
    while (uploader_->status().policy_messages < wanted) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  static constexpr int kWaitMs = 20'000;

  SystemClock clock_;
  testkit::TemporaryDirectory directory_;
  testkit::RawBroker broker_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Uploader> uploader_;
};

// They come in one piece, which the connection reads at once and hands on one by one: what the
// bound of a turn leaves is in no socket any more, and no event tells of it.
TEST_F(UploaderTest, MessagesThatCameTogetherAreAllTakenThoughNoneFollows) {
  constexpr int kMessages = 100;
  std::string all;
  for (int i = 0; i < kMessages; ++i) all += publish("policy " + std::to_string(i));
  ASSERT_TRUE(broker_.send_bytes(all));
  EXPECT_TRUE(counts_policies(kMessages)) << uploader_->status().policy_messages;
  EXPECT_EQ(uploader_->take().policies.take_not_signed(), kMessages);
}

// M5 of the review: a text of junk after each policy kept every one of them from the unit.
TEST_F(UploaderTest, JunkTakesNoPolicysPlace) {
  const std::string policy = "language: 1\n# sudare-signature: of somebody\n";
  std::string all = publish(policy);
  for (int i = 0; i < 50; ++i) all += publish("junk " + std::to_string(i));
  ASSERT_TRUE(broker_.send_bytes(all));
  ASSERT_TRUE(counts_policies(51)) << uploader_->status().policy_messages;
  OfferedTexts texts = uploader_->take().policies;
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts.take_front(), policy);
  EXPECT_EQ(texts.take_not_signed(), 50U);
  EXPECT_EQ(texts.take_dropped(), 0U);
}

// One that a flood had displaced and that was published again, as the documentation says, was taken
// for a repetition.
TEST_F(UploaderTest, ATextThatWasDroppedIsHandedOnWhenItComesAgain) {
  std::string all;
  for (std::size_t i = 0; i < kOfferedTextsMax; ++i) {
    all += publish(std::to_string(i) + "\n# sudare-signature:");
  }
  const std::string policy = "language: 1\n# sudare-signature: of somebody\n";
  ASSERT_TRUE(broker_.send_bytes(all + publish(policy)));
  ASSERT_TRUE(counts_policies(kOfferedTextsMax + 1));
  EXPECT_EQ(uploader_->take().policies.take_dropped(), 1U);
  ASSERT_TRUE(broker_.send_bytes(publish(policy)));
  ASSERT_TRUE(counts_policies(kOfferedTextsMax + 2));
  OfferedTexts texts = uploader_->take().policies;
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts.take_front(), policy);
}

TEST_F(UploaderTest, MoreTextsThanFitAreCounted) {
  std::string all;
  for (std::size_t i = 0; i < kOfferedTextsMax + 3; ++i) {
    all += publish(std::to_string(i) + "\n# sudare-signature:");
  }
  ASSERT_TRUE(broker_.send_bytes(all));
  ASSERT_TRUE(counts_policies(kOfferedTextsMax + 3));
  OfferedTexts texts = uploader_->take().policies;
  EXPECT_EQ(texts.size(), kOfferedTextsMax);
  EXPECT_EQ(texts.take_front().front(), '0');
  EXPECT_EQ(texts.take_dropped(), 3U);
}

}  // namespace
}  // namespace sudare
