// The pipeline: gates, rows, commits.
#include <stdlib.h>

#include <fstream>

#include "gateway/store/outbox_reader.h"
#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

TEST_F(PipelineTest, NotProvisionedIsNotFound) {
  const testkit::TemporaryDirectory other;
  const auto fresh = std::move(*Store::open({other.path() / "s", 64U << 20, 1U << 20}, clock));
  const auto fresh_time = std::move(*TrustedTime::load(*fresh, clock, kDay));
  const auto made =
      Pipeline::create({load("2099-12-31"), false}, *fresh, *fresh_time, clock, "c", "n");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kNotFound);
}

TEST_F(PipelineTest, EachPurposeHasItsOwnRow) {
  begin();
  take("both", R"({"n": 1})");
  commit();
  EXPECT_EQ(fate("open", Fate::kQueued), 1);
  EXPECT_EQ(fate("asked", Fate::kNotConsented), 1);
}

TEST_F(PipelineTest, WhatIsNotAMessageOfThePolicyIsCounted) {
  begin();
  take("nowhere", R"({"n": 1})");
  take("both", "{");
  take("both", R"({"n": 1})", true);
  take("both", "", false, true);
  commit();
  EXPECT_EQ(reason("", Reason::kUnknownTopic), 1U);
  EXPECT_EQ(reason("open", Reason::kMalformed), 1U);
  EXPECT_EQ(reason("open", Reason::kRetained), 1U);
  EXPECT_EQ(reason("open", Reason::kTooLarge), 1U);
  EXPECT_EQ(fate("asked", Fate::kNotConsented), 3) << "consent comes before the payload";
}

TEST_F(PipelineTest, AnEventOfAClipThatNobodyTakesIsDroppedAndNotQueued) {
  begin("2099-12-31", false,
        "source { topic: \"event\" codec: JSON clip_event { file_field: \"f\" moment_field: "
        "\"m\" trigger_field: \"t\" } }");
  take("event", R"({"f": "a.mp4"})");
  commit();
  EXPECT_EQ(fate("", Fate::kQueued), 0);
  EXPECT_EQ(reason("", Reason::kNoRule), 1U);
}

TEST_F(PipelineTest, WithdrawalTakesBackWhatWaits) {
  begin();
  take("vehicle/consent/asked", R"({"granted": true, "counter": 1})", true);
  take("both", R"({"n": 1})");
  commit();
  take("both", R"({"n": 2})");
  take("vehicle/consent/asked", R"({"granted": false, "counter": 2})", true);
  EXPECT_TRUE(pipeline->commit_at_once());
  commit();
  EXPECT_EQ(fate("asked", Fate::kQueued), 0);
  EXPECT_EQ(fate("asked", Fate::kNotConsented), 2);
  EXPECT_EQ(fate("open", Fate::kQueued), 2);
}

TEST_F(PipelineTest, AWithdrawalHoldsBackRowsBeforeItsCommit) {
  begin();
  take("both", R"({"n": 1})");
  take("urgent", R"({"n": 2})");
  commit(true);
  auto reader =
      OutboxReader::open(directory.path() / "state", store->session(), clock, store->journaled());
  ASSERT_TRUE(reader);
  const auto purposes = [&] {
    std::vector<std::string> names;
    const auto rows = (*reader)->ready({}, 10, 1 << 20, pipeline->withheld());
    EXPECT_TRUE(rows);
    for (const OutboxRow& row : *rows) names.push_back(row.purpose);
    return names;
  };
  EXPECT_EQ(purposes(), (std::vector<std::string>{"emergency", "open"}));
  take("vehicle/consent/open", R"({"granted": false, "counter": 1})", true);
  EXPECT_EQ(purposes(), std::vector<std::string>{"emergency"}) << "no commit since";
  take("vehicle/consent/open", R"({"granted": true, "counter": 2})", true);
  EXPECT_EQ(purposes(), std::vector<std::string>{"emergency"}) << "the rows before it still go";
  commit();
  EXPECT_TRUE(pipeline->withheld().empty());
  EXPECT_EQ(fate("open", Fate::kNotConsented), 1);
}

TEST_F(PipelineTest, AWithdrawalReachesRowsOfAPurposeThatThePolicyNoLongerNames) {
  begin();
  take("vehicle/consent/gone", R"({"granted": false, "counter": 7})", true);
  EXPECT_TRUE(pipeline->commit_at_once());
  EXPECT_EQ(pipeline->withheld(), std::vector<std::string>{"gone"});
  commit();
  begin();
  EXPECT_EQ(pipeline->withheld(), std::vector<std::string>{"gone"});
}

TEST_F(PipelineTest, ConsentHoldsOverARestart) {
  begin();
  take("vehicle/consent/asked", R"({"granted": true, "counter": 5})", true);
  commit();
  begin();
  take("vehicle/consent/asked", R"({"granted": false, "counter": 4})", true);  // older: ignored
  take("both", R"({"n": 1})");
  commit();
  EXPECT_EQ(fate("asked", Fate::kQueued), 1);
}

TEST_F(PipelineTest, EssentialRowsAskForACommit) {
  begin();
  take("both", R"({"n": 1})");
  EXPECT_FALSE(pipeline->commit_at_once());
  take("urgent", R"({"n": 1})");
  EXPECT_TRUE(pipeline->commit_at_once());
  const auto uploadable = pipeline->commit(false);
  ASSERT_TRUE(uploadable.has_value());
  EXPECT_TRUE(*uploadable);
}

TEST_F(PipelineTest, AnExpiredPolicyServesEssentialOnly) {
  begin("2023-12-31");
  clock.advance_ms(0);
  time->observe(TimeSource::kGnss, clock.wall_ms());  // with the clock: confirmed
  pipeline->begin_round();
  take("both", R"({"n": 1})");
  take("urgent", R"({"n": 1})");
  commit();
  EXPECT_EQ(reason("open", Reason::kPolicyExpired), 1U);
  EXPECT_EQ(fate("emergency", Fate::kQueued), 1);
}

TEST_F(PipelineTest, AClockAt2100IsTheClocksFaultNotThePolicys) {
  clock.set_wall_ms(4'102'444'800'000);
  begin("2098-12-31");
  take("both", R"({"n": 1})");
  take("urgent", R"({"n": 1})");
  commit();
  EXPECT_EQ(reason("open", Reason::kClockUnknown), 1U);
  EXPECT_EQ(fate("emergency", Fate::kQueued), 1);
}

TEST_F(PipelineTest, AClockAt1970DoesNotStopTheGateway) {
  clock.set_wall_ms(0);
  begin();
  take("both", R"({"n": 1})");
  commit();
  EXPECT_EQ(fate("open", Fate::kQueued), 1) << "the day is the floor's";
  EXPECT_FALSE(time->confirmed());
}

TEST_F(PipelineTest, GnssTimeConfirmsTheClock) {
  begin();
  EXPECT_FALSE(time->confirmed());
  take("gnss", R"({"n": 1, "t": )" + std::to_string(clock.wall_ms()) + "}");
  EXPECT_TRUE(time->confirmed());
}

// Else the pseudonyms of a driver who declines what positions are for would never change.
TEST_F(PipelineTest, GnssTimeConfirmsTheClockAlsoWhereNothingOfTheMessageMayLeave) {
  begin("2099-12-31", false,
        source("declined", "time_field: \"t\" gnss_time: true " + release("asked")));
  take("declined", R"({"n": 1, "t": )" + std::to_string(clock.wall_ms()) + "}");
  EXPECT_TRUE(time->confirmed());
  commit();
  EXPECT_EQ(fate("asked", Fate::kNotConsented), 1);
}

TEST_F(PipelineTest, WithoutAValidPolicyOnlyEssentialIsServed) {
  begin("2099-12-31", true);
  take("both", R"({"n": 1})");
  take("urgent", R"({"n": 1})");
  commit();
  EXPECT_EQ(reason("open", Reason::kNoPolicy), 1U);
  EXPECT_EQ(fate("emergency", Fate::kQueued), 1);
}

TEST_F(PipelineTest, AnotherPolicyClosesOpenBatches) {
  begin();
  take("both", R"({"n": 1})");
  commit();
  ASSERT_TRUE(pipeline->use_policy({load("2099-12-31", source("new", release("open"))), false})
                  .has_value());
  EXPECT_EQ(pipeline->next_commit_in_ms(), -1);
  take("new", R"({"n": 2})");
  commit();
  EXPECT_EQ(fate("open", Fate::kQueued), 2);
}

TEST_F(PipelineTest, DeliveredRowsAreDeletedWithTheNextCommit) {
  begin();
  take("both", R"({"n": 1})");
  commit(true);
  EXPECT_EQ(store->status().rows, 1U);
  pipeline->delivered({store->next_row_id() - 1});
  commit();
  EXPECT_EQ(store->status().rows, 0U);
  EXPECT_EQ(fate("open", Fate::kDelivered), 1);
}

TEST_F(PipelineTest, NothingToDoIsNoCommit) {
  begin();
  commit();
  const std::uint64_t commits = pipeline->stats().commits;
  commit();
  EXPECT_EQ(pipeline->stats().commits, commits);
}

}  // namespace
}  // namespace sudare::pipeline_test
