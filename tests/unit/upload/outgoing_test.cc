#include "gateway/upload/outgoing.h"

#include <gmock/gmock.h>

#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

// A broker that does what the test says.
class TestUplink final : public Uplink {
 public:
  [[nodiscard]] std::vector<std::string> withheld() const override { return {}; }
  [[nodiscard]] Result<int> publish(const std::string& /*topic*/,
                                    const std::string& bytes) override {
    published.push_back(bytes);
    return static_cast<int>(published.size());
  }
  [[nodiscard]] bool flush() override { return true; }

  std::vector<std::string> published;  // the first has message id 1
};

class OutgoingTest : public StoreTest {
 protected:
  static constexpr int kRefused = 0x97;  // quota exceeded

  void SetUp() override {
    open();
    send_from(store_->journaled());
  }
  void send_from(const JournaledRows* journaled) {
    auto reader = OutboxReader::open(directory(), store_->session(), clock_, journaled);
    ASSERT_TRUE(reader);
    outgoing_ = std::make_unique<Outgoing>(std::move(*reader), 100, clock_);
  }
  void TearDown() override { outgoing_.reset(); }

  // What a connection does between two waits; how many were published.
  std::size_t turn() {
    const std::size_t before = uplink_.published.size();
    outgoing_->fill(uplink_);
    return uplink_.published.size() - before;
  }
  [[nodiscard]] std::int64_t wait_ms() const {
    return outgoing_->next_look_ms() - clock_.monotonic_ms();
  }

  TestUplink uplink_;
  std::unique_ptr<Outgoing> outgoing_;
};

TEST_F(OutgoingTest, ARowIsSentOnceItsTimeHasCome) {
  queue({.not_before_ms = clock_.monotonic_ms() + 700});
  EXPECT_EQ(turn(), 0U);
  EXPECT_EQ(wait_ms(), 700);
  clock_.advance_ms(700);
  EXPECT_EQ(turn(), 1U);
}

// Were a wake-up missed, a row that waits for hours would hide it.
TEST_F(OutgoingTest, LooksWithoutNeedThoughARowWaitsForLonger) {
  EXPECT_EQ(turn(), 0U);
  const std::int64_t idle_ms = wait_ms();
  EXPECT_GT(idle_ms, 0);
  queue({.not_before_ms = clock_.monotonic_ms() + 3'600'000});
  outgoing_->look();
  EXPECT_EQ(turn(), 0U);
  EXPECT_EQ(wait_ms(), idle_ms);
}

// It went again only once none was put off.
TEST_F(OutgoingTest, ARefusedRowGoesAgainThoughAnotherIsStillPutOff) {
  queue({});
  EXPECT_EQ(turn(), 1U);
  outgoing_->answered(1, kRefused);
  clock_.advance_ms(1000);
  EXPECT_EQ(turn(), 1U);
  outgoing_->answered(2, kRefused);  // for two seconds
  queue({});
  outgoing_->look();
  EXPECT_EQ(turn(), 1U);
  outgoing_->answered(3, kRefused);  // for one
  EXPECT_EQ(turn(), 0U);
  clock_.advance_ms(1000);
  EXPECT_EQ(turn(), 1U);
  EXPECT_EQ(uplink_.published.back(), content(2, 500));
  clock_.advance_ms(1000);
  EXPECT_EQ(turn(), 1U);
  EXPECT_EQ(uplink_.published.back(), content(1, 500));
}

TEST_F(OutgoingTest, AnOutboxThatCannotBeReadIsReadAgainSoon) {
  send_from(nullptr);
  switch_off();
  switch_on();  // the reader is of the session before
  EXPECT_EQ(turn(), 0U);
  EXPECT_GT(wait_ms(), 0);
  EXPECT_LE(wait_ms(), 2000);
}

}  // namespace
}  // namespace sudare::testkit
