// How records become fragments and batches, and what a failed commit, a crash, a new epoch, a
// withdrawal and a new policy do to them.
#include "gateway/seal/sealer.h"

#include <gmock/gmock.h>

#include <array>
#include <set>
#include <utility>

#include "base/limits.h"
#include "gateway/seal/batch_writer.h"
#include "gateway/store/outbox_reader.h"
#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SealerTest : public testing::Test {
 protected:
  void next_day() {
    car_.clock.advance_ms(kMsPerDay);
    car_.confirm_time();
  }
  void linger(PurposeIndex index) { car_.clock.advance_ms(car_.policy.purposes[index].linger_ms); }

  Car car_;
};

// --- what goes wrong

TEST_F(SealerTest, APurposeWithoutAKeyFailsThePlanUntilItIsWithdrawn) {
  Policy policy = car_.policy;
  policy.purposes[kRepair].rotate_days = 5;  // no such chain
  car_.epochs->use_policy(policy);
  car_.sealer->use_policy(policy);
  EXPECT_FALSE(car_.sealer->can_seal(kRepair));
  car_.add(kDriving, "1");
  car_.add(kRepair, "2");
  const auto plan = car_.sealer->plan(false);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(plan.error().detail, kRepair);
  EXPECT_EQ(car_.sealer->withdraw(kRepair), 1u);
  EXPECT_EQ(car_.plan().add.size(), 1u);
}

TEST_F(SealerTest, APurposeWithoutARecipientFailsThePlan) {
  car_.policy.purposes[kTraffic].recipients.clear();
  EXPECT_FALSE(car_.sealer->can_seal(kTraffic));
  EXPECT_TRUE(car_.sealer->can_seal(kEmergency));
  car_.add(kTraffic, "1");
  const auto plan = car_.sealer->plan(false);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().detail, kTraffic);
}

TEST_F(SealerTest, DamagedRecordNumbersAreNotTaken) {
  car_.persist({{"records", "repair/1", "x"}});
  const auto sealer = Sealer::create(car_.policy, *car_.epochs, *car_.store, car_.clock);
  ASSERT_FALSE(sealer);
  EXPECT_EQ(sealer.error().code, ErrorCode::kMalformed);
}

TEST_F(SealerTest, AFailedCommitIsPlannedAgainWithTheSameRecords) {
  car_.add(kDriving, "1");
  car_.commit();
  car_.add(kDriving, "2");
  linger(kDriving);
  const SealPlan failed = car_.plan();
  ASSERT_EQ(failed.add.size(), 1u);
  car_.add(kDriving, "3");  // arrives before the next try
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].payloads(), ElementsAre("1", "2"));
  EXPECT_EQ(car_.open(failed.add[0]).payloads(), rows[0].payloads());
  EXPECT_EQ(failed.replaced, car_.replaced);
  EXPECT_THAT(rows[1].payloads(), ElementsAre("3"));
  EXPECT_EQ(rows[1].batch.first_record(), 2u);
  EXPECT_EQ(car_.store->status().records, 3u);
}

TEST_F(SealerTest, AFailedCommitDoesNotEndTheEpoch) {
  car_.add(kDriving, "1");
  next_day();
  ASSERT_TRUE(car_.open(car_.plan().add.at(0)).batch.end_of_epoch());
  car_.epochs->driving(true);  // the drive begins before the next try
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].batch.end_of_epoch());
  EXPECT_EQ(rows[0].batch.epoch(), kStartDay);
}

// --- fragments and batches

TEST_F(SealerTest, NothingNewIsNothingToSeal) {
  const SealPlan plan = car_.plan(true);
  EXPECT_TRUE(plan.add.empty() && plan.replaced.empty() && plan.state.empty());
}

TEST_F(SealerTest, EachCommitAddsAFragmentAndTheBatchReplacesThem) {
  car_.add(kDriving, "1");
  car_.add(kDriving, "2");
  const std::vector<Opened> first = car_.commit();
  car_.add(kDriving, "3");
  const std::vector<Opened> second = car_.commit();
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_TRUE(first[0].meta.fragment);
  EXPECT_THAT(first[0].payloads(), ElementsAre("1", "2"));
  EXPECT_THAT(second[0].payloads(), ElementsAre("3"));
  EXPECT_THAT(car_.commit(), IsEmpty()) << "what is sealed is not sealed again";
  linger(kDriving);
  const std::vector<Opened> whole = car_.commit();
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_FALSE(whole[0].meta.fragment);
  EXPECT_THAT(whole[0].payloads(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(car_.replaced, ElementsAre(first[0].meta.id, second[0].meta.id));
  EXPECT_EQ(car_.store->status().rows, 1u);
}

TEST_F(SealerTest, AnEssentialRecordIsSealedWholeAtOnce) {
  car_.add(kEmergency, "crash");
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].meta.fragment);
  EXPECT_TRUE(rows[0].meta.essential);
  EXPECT_EQ(rows[0].meta.not_before_ms, 0);
}

TEST_F(SealerTest, ClosingAllSealsWhatIsOpenWhole) {
  car_.add(kDriving, "1");
  car_.add(kTraffic, "2");
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].meta.fragment || rows[1].meta.fragment);
  EXPECT_EQ(car_.sealer->next_close_in_ms(), -1);
}

TEST_F(SealerTest, SizeClosesABatch) {
  const std::string payload(1000, 'x');
  for (int i = 0; i < 40; ++i) car_.add(kDriving, payload);
  const std::vector<Opened> rows = car_.commit();
  std::uint64_t next = 0;
  for (const Opened& row : rows) {
    EXPECT_LE(row.batch.ByteSizeLong(), car_.policy.purposes[kDriving].batch_bytes_max);
    EXPECT_EQ(row.batch.first_record(), next);
    EXPECT_EQ(row.meta.fragment, &row == &rows.back());
    next += row.batch.record_count();
  }
  EXPECT_EQ(next, 40u);
  EXPECT_EQ(rows.size(), 3u);
}

TEST_F(SealerTest, AnOversizedRecordTravelsAlone) {
  car_.add(kDriving, "before");
  car_.add(kDriving, std::string(64 * 1024, 'x'));
  car_.add(kDriving, "after");
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 3u);
  for (const Opened& row : rows) EXPECT_EQ(row.batch.records_size(), 1);
}

TEST_F(SealerTest, ALargeBatchWithRoomForReportsCanBeCompressed) {
  car_.policy.purposes[kDriving].batch_bytes_max = kBatchBytesMax;
  for (int i = 0; i < 17; ++i) car_.add(kDriving, std::string(64 * 1024, 'x'));
  std::size_t records = 0;
  for (const Opened& row : car_.commit()) {
    records += row.payloads().size();
    EXPECT_LE(row.batch.ByteSizeLong(),
              kBatchBytesMax - kReportedRangesMax * kReportedRangeBytesMax);
  }
  EXPECT_EQ(records, 17u);
}

// --- record numbers, crashes, missing ranges

TEST_F(SealerTest, RecordNumbersGoOnAfterACrash) {
  car_.add(kDriving, "1");
  car_.commit();
  car_.add(kDriving, "lost with the process, and never acknowledged");
  EXPECT_EQ(car_.plan().add.size(), 1u);
  car_.reboot();
  EXPECT_EQ(car_.store->status().rows, 1u) << "the fragment is left";
  car_.add(kDriving, "2");
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].batch.first_record(), 1u);
  EXPECT_THAT(rows[0].payloads(), ElementsAre("2"));
  EXPECT_THAT(car_.replaced, IsEmpty());
}

TEST_F(SealerTest, MissingRangesAreReportedOnceInAWholeBatch) {
  car_.add(kDriving, "1");
  car_.add(kDriving, "2");
  const RowId lost = car_.commit(true).at(0).meta.id;
  CommitGroup group;
  group.damaged = {lost};
  ASSERT_TRUE(car_.store->commit(group));
  car_.add(kDriving, "3");
  EXPECT_EQ(car_.commit().at(0).batch.missing_size(), 0) << "a fragment will be replaced";
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.at(0).batch.missing_size(), 1);
  const v1::MissingRange& range = rows[0].batch.missing(0);
  EXPECT_EQ(range.first_record(), 0u);
  EXPECT_EQ(range.record_count(), 2u);
  EXPECT_EQ(range.reason(), v1::MissingRange::QUARANTINED);
  EXPECT_EQ(car_.reported.size(), 1u);
  car_.add(kDriving, "4");
  EXPECT_EQ(car_.commit(true).at(0).batch.missing_size(), 0);
}

TEST_F(SealerTest, ANewOwnersNumbersStartAtZero) {
  car_.add(kRepair, "1");
  car_.commit(true);
  car_.provision();
  car_.reboot();
  car_.add(kRepair, "2");
  EXPECT_EQ(car_.commit(true).at(0).batch.first_record(), 0u);
}

// --- epochs

TEST_F(SealerTest, AnEpochEndsWithItsLastBatchAndTheNextStartsAtZero) {
  car_.add(kDriving, "1");
  car_.commit(true);
  car_.add(kDriving, "2");
  next_day();
  const Opened last = car_.commit().at(0);
  EXPECT_TRUE(last.batch.end_of_epoch());
  EXPECT_EQ(last.batch.epoch(), kStartDay);
  EXPECT_EQ(last.batch.first_record(), 1u);
  car_.add(kDriving, "3");
  const Opened next = car_.commit(true).at(0);
  EXPECT_FALSE(next.batch.end_of_epoch());
  EXPECT_EQ(next.batch.epoch(), kStartDay + 1);
  EXPECT_EQ(next.batch.first_record(), 0u);
  EXPECT_NE(next.batch.pseudonym(), last.batch.pseudonym());
  EXPECT_NE(next.signed_by, last.signed_by);
}

TEST_F(SealerTest, OnlyTheLastBatchEndsTheEpoch) {
  for (int i = 0; i < 20; ++i) car_.add(kDriving, std::string(1000, 'x'));
  next_day();
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].batch.end_of_epoch());
  EXPECT_TRUE(rows[1].batch.end_of_epoch());
}

TEST_F(SealerTest, WithoutAnOpenBatchAnEmptyOneTellsTheEnd) {
  car_.add(kDriving, "1");
  car_.commit(true);
  car_.reboot();  // the car was parked
  next_day();
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1u) << "and none for purposes that sent nothing";
  EXPECT_TRUE(rows[0].batch.end_of_epoch());
  EXPECT_EQ(rows[0].batch.first_record(), 1u);
  EXPECT_EQ(rows[0].batch.record_count(), 0u);
  EXPECT_EQ(car_.epochs->epoch(kDriving), kStartDay + 1);
  EXPECT_TRUE(car_.store->account().adds_up());
  next_day();
  EXPECT_THAT(car_.commit(), IsEmpty());
}

TEST_F(SealerTest, PurposesWithoutAPseudonymStayOpenOverAnEpoch) {
  car_.policy.purposes[kTraffic].linger_ms = 2 * static_cast<std::uint32_t>(kMsPerDay);
  car_.add(kTraffic, "1");
  car_.commit();
  next_day();
  EXPECT_THAT(car_.commit(), IsEmpty());
  EXPECT_EQ(car_.epochs->epoch(kDriving), kStartDay + 1);
}

// --- consent and policy

TEST_F(SealerTest, WithdrawingForgetsTheOpenBatch) {
  car_.add(kDriving, "1");
  car_.commit();
  car_.add(kDriving, "2");
  car_.add(kRepair, "3");
  EXPECT_EQ(car_.sealer->pending_records(), 2u);
  EXPECT_EQ(car_.sealer->withdraw(kDriving), 1u);
  EXPECT_EQ(car_.sealer->pending_records(), 1u);
  car_.uncommitted.erase(kDriving);
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].meta.purpose, "repair");
  car_.add(kDriving, "4");
  EXPECT_EQ(car_.commit(true).at(0).batch.first_record(), 1u) << "no number is skipped";
}

TEST_F(SealerTest, ABatchThatCannotBeSealedLeavesAsItsFragments) {
  car_.add(kDriving, "1");
  const std::vector<Opened> fragments = car_.commit();
  ASSERT_EQ(fragments.size(), 1u);
  car_.add(kDriving, "2");
  const auto recipients = std::exchange(car_.policy.purposes[kDriving].recipients, {});
  ASSERT_FALSE(car_.sealer->plan(true));
  EXPECT_EQ(car_.sealer->give_up(kDriving), 1u);
  const SealPlan plan = car_.plan(true);
  EXPECT_THAT(plan.add, IsEmpty());
  EXPECT_THAT(plan.released, ElementsAre(fragments[0].meta.id));
  EXPECT_THAT(car_.plan(true).released, ElementsAre(fragments[0].meta.id)) << "until committed";
  CommitGroup group;
  group.released = plan.released;
  group.state = plan.state;
  ASSERT_TRUE(car_.store->commit(group));
  car_.sealer->committed();
  EXPECT_THAT(car_.plan().released, IsEmpty());
  auto reader = OutboxReader::open(car_.directory.path() / "state", car_.store->session(),
                                   car_.clock, car_.store->journaled());
  ASSERT_TRUE(reader);
  const auto rows = (*reader)->ready({}, 10, 1 << 20);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u) << "sent without a restart";
  EXPECT_EQ((*rows)[0].id, fragments[0].meta.id);
  // The numbers go on where the fragment ended: nothing looks lost at the recipient.
  car_.uncommitted.clear();
  car_.policy.purposes[kDriving].recipients = recipients;
  car_.add(kDriving, "3");
  const std::vector<Opened> next = car_.commit(true);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].batch.first_record(), 1u);
}

TEST_F(SealerTest, AfterAWithdrawalNoEndIsTold) {
  car_.add(kDriving, "1");
  car_.commit(true);
  car_.sealer->withdraw(kDriving);
  car_.commit();
  car_.reboot();
  next_day();
  EXPECT_THAT(car_.commit(), IsEmpty());
}

TEST_F(SealerTest, AnotherPolicyGoesOnWithTheNumbersOfItsPurposes) {
  car_.add(kDriving, "1");
  car_.commit(true);
  Policy other = car_.policy;
  std::swap(other.purposes[kDriving], other.purposes[kTraffic]);
  std::swap(car_.identities[kDriving], car_.identities[kTraffic]);
  car_.policy = other;
  car_.epochs->use_policy(car_.policy);
  car_.sealer->use_policy(car_.policy);
  car_.add(kTraffic, "2");  // the index that is now "driving-diagnosis"
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].batch.purpose(), "driving-diagnosis");
  EXPECT_EQ(rows[0].batch.first_record(), 1u);
}

TEST_F(SealerTest, ARotationThatComesBackDoesNotRepeatNumbers) {
  for (const std::uint16_t days : std::array<std::uint16_t, 3>{1, 28, 1}) {
    car_.policy.purposes[kDriving].rotate_days = days;
    car_.epochs->use_policy(car_.policy);
    car_.sealer->use_policy(car_.policy);
    car_.add(kDriving, "x");
    car_.commit(true);
  }
  car_.add(kDriving, "x");
  EXPECT_EQ(car_.commit(true).at(0).batch.first_record(), 2u);
}

// --- when

TEST_F(SealerTest, NextCloseIsTheSoonestLinger) {
  EXPECT_EQ(car_.sealer->next_close_in_ms(), -1);
  car_.policy.purposes[kRepair].linger_ms = 5'000;
  car_.add(kDriving, "1");
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 30'000);
  car_.add(kRepair, "2");
  car_.clock.advance_ms(1'000);
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 4'000);
  car_.clock.advance_ms(10'000);
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0);
  car_.commit();
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 19'000);
  next_day();
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0) << "an epoch is due";
}

TEST_F(SealerTest, ALaterLingerDoesNotPutOffASoonerOne) {
  car_.policy.purposes[kRepair].linger_ms = 60'000;
  car_.add(kDriving, "1");
  car_.add(kRepair, "2");
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 30'000);
}

TEST_F(SealerTest, WhatIsFullOrNeverLingersClosesNow) {
  car_.policy.purposes[kDriving].linger_ms = 0;
  car_.add(kDriving, "1");
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0);
  car_.commit();
  EXPECT_EQ(car_.sealer->next_close_in_ms(), -1);
  car_.add(kRepair, std::string(10'000, 'x'));
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 30'000);
  car_.add(kRepair, std::string(10'000, 'x'));
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0) << "the first is full";
}

TEST_F(SealerTest, AnEssentialPurposeNeverLingers) {
  car_.policy.purposes[kEmergency].linger_ms = 30'000;
  car_.add(kEmergency, "1");
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0);
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].meta.fragment);
}

TEST_F(SealerTest, AnEpochThatEndsClosesABatchThatWouldLinger) {
  car_.policy.purposes[kDriving].linger_ms = 2 * kMsPerDay;
  car_.add(kDriving, "1");
  next_day();
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].meta.fragment);
  EXPECT_TRUE(rows[0].batch.end_of_epoch());
}

TEST_F(SealerTest, ABucketedBatchGoesOutAtARandomPointOfTheNextBucket) {
  car_.clock.advance_ms(45'000);  // into the bucket of a minute
  std::set<std::int64_t> times;
  for (int i = 0; i < 200; ++i) {
    car_.add(kTraffic, "x");
    const bool whole = i % 2 == 0;  // fragments wait as well
    const SealPlan plan = car_.plan(whole);
    ASSERT_EQ(plan.add.size(), 1u);
    const std::int64_t wait_ms = plan.add[0].meta().not_before_ms - car_.clock.monotonic_ms();
    EXPECT_GE(wait_ms, 15'000);
    EXPECT_LT(wait_ms, 75'000);
    times.insert(wait_ms);
    car_.sealer->committed();
  }
  EXPECT_GT(times.size(), 150u);
  EXPECT_GT(*times.rbegin() - *times.begin(), 45'000) << "over the whole bucket";
}

}  // namespace
}  // namespace sudare::seal_test
