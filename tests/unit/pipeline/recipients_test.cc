// Recipients that hold on some days only.
#include <gmock/gmock.h>

#include "fleet/authority/policy_signature.h"
#include "fleet/commands/days.h"
#include "fleet/open/open_batch.h"
#include "gateway/store/outbox_reader.h"
#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

using Identity = age::open_side::Identity;

SigningKey fresh_key() {
  EXPECT_TRUE(crypto_is_ready());
  return SigningKey::generate();
}

class RecipientsTest : public PipelineTest {
 protected:
  // "p" is received by first() on days 0 and 1 from now, by second() on days 1 and 2.
  void begin_rotating(const std::string& not_after = "2099-12-31") {
    const std::string text =
        "language: 1 serial: 1 not_after: \"" + not_after + "\"\npurpose { name: \"p\" " +
        certified(first_, 1, 0, 1) + certified(second_, 2, 1, 2) +
        "pseudonym { rotate_days: 28 } keep_hours: 240 batch_bytes_max: 16384 ceiling { } "
        "consent: OPT_OUT linger_ms: 1000 }\n" +
        source("topic", release("p"));
    const SchemaSet schemas;
    PolicyLoad loaded = load_policy("policy", text, schemas, nullptr);
    ASSERT_NE(loaded.policy, nullptr);
    time = std::move(*TrustedTime::load(*store, clock, kDay));
    auto made = Pipeline::create({std::move(loaded.policy), false}, *store, *time, clock,
                                 "vehicle/consent", "vehicle/network");
    ASSERT_TRUE(made.has_value());
    pipeline = std::move(*made);
  }
  std::string certified(const Identity& identity, std::uint64_t serial, int from, int to) {
    const auto token = certify({"p", identity.recipient(), serial, kDay + from, kDay + to}, key_);
    return "certificate: \"" + *token + "\" ";
  }
  void send() {
    pipeline->begin_round();
    take("topic", R"({"n": 1})");
  }
  // Which of the two open each row of the outbox, in order: "1", "2", "12" or "".
  [[nodiscard]] std::vector<std::string> openers() const {
    auto reader = OutboxReader::open((directory.path() / "state").string(), store->session(), clock,
                                     store->journaled());
    EXPECT_TRUE(reader.has_value());
    std::vector<std::string> all;
    const auto rows = (*reader)->ready({}, 100, 1U << 20, {});
    EXPECT_TRUE(rows.has_value());
    for (const OutboxRow& row : *rows) {
      std::string who;
      for (const auto& [name, identity] : {std::pair{"1", &first_}, {"2", &second_}}) {
        const auto opened = open_batch({identity, 1}, "p", Unsigned::kRefused, bytes_of(row.bytes));
        if (opened) who += name;
      }
      all.push_back(who);
    }
    return all;
  }
  void next_day() { clock.advance_ms(kMsPerDay); }

  SigningKey key_ = fresh_key();
  Identity first_ = Identity::generate();
  Identity second_ = Identity::generate();
};

TEST_F(RecipientsTest, OnlyThoseOfTheDayAreSealedTo) {
  begin_rotating();
  for (int day = 0; day < 3; ++day) {
    send();
    commit(true);
    next_day();
  }
  clock.advance_ms(2 * kMsPerDay);  // until every batch may be sent
  EXPECT_THAT(openers(), testing::ElementsAre("1", "12", "2"));
}

TEST_F(RecipientsTest, WithoutOneNothingLeavesAndTheReasonIsCounted) {
  begin_rotating();
  clock.advance_ms(3 * kMsPerDay);
  send();
  commit(true);
  EXPECT_EQ(reason("p", Reason::kNoRecipient), 1U);
  EXPECT_EQ(fate("p", Fate::kRejected), 1);
  EXPECT_THAT(openers(), testing::IsEmpty());
}

TEST_F(RecipientsTest, WhatWaitsUnsealedIsSealedToNobodyOnceTheLastHasEnded) {
  begin_rotating();
  clock.advance_ms(2 * kMsPerDay);
  send();
  next_day();
  commit(true);
  EXPECT_EQ(reason("p", Reason::kNoRecipient), 1U);
  EXPECT_EQ(fate("p", Fate::kQueued), 0);
  EXPECT_THAT(openers(), testing::IsEmpty());
}

// The usual way to date them.
TEST_F(RecipientsTest, APolicyAndItsCertificatesThatEndOnOneDayStopNoCommit) {
  begin_rotating(commands::day_text(kDay + 2));
  clock.advance_ms(2 * kMsPerDay);
  send();
  next_day();
  commit(true);
  EXPECT_EQ(pipeline->stats().failed_commits, 0U);
  EXPECT_EQ(fate("p", Fate::kQueued), 0);
  EXPECT_EQ(reason("p", Reason::kNoRecipient), 1U);
  EXPECT_THAT(openers(), testing::IsEmpty());
}

TEST_F(RecipientsTest, WhatIsOnDiskStaysAsItWasSealed) {
  begin_rotating();
  clock.advance_ms(2 * kMsPerDay);
  send();
  commit();
  next_day();
  send();
  commit();
  EXPECT_EQ(fate("p", Fate::kQueued), 1);
  EXPECT_EQ(fate("p", Fate::kRejected), 1);
  EXPECT_THAT(openers(), testing::ElementsAre("2"));
}

TEST_F(RecipientsTest, AnEpochThatEndsWithoutARecipientStopsNoCommit) {
  begin_rotating();
  send();
  commit(true);
  clock.advance_ms(60 * kMsPerDay);
  time->observe(TimeSource::kGnss, clock.wall_ms());
  pipeline->begin_round();
  clock.advance_ms(kStartGraceMs);
  pipeline->begin_round();
  take("unknown", "x");
  commit();
  EXPECT_EQ(pipeline->stats().failed_commits, 0U);
}

}  // namespace
}  // namespace sudare::pipeline_test
