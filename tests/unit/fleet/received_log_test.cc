// What a recipient knows from one run to the next.
#include "fleet/open/received_log.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

VerifiedBatch batch(char id, std::uint64_t first, int records, char sender = 'p') {
  VerifiedBatch made;
  made.verified = sender == 0 ? Verified::kNone : Verified::kSelf;
  made.batch.set_batch_id(std::string(16, id));
  if (sender != 0) made.batch.set_pseudonym(std::string(16, sender));
  made.batch.set_first_record(first);
  for (int i = 0; i < records; ++i) made.batch.add_records();
  return made;
}

class ReceivedLogTest : public testing::Test {
 protected:
  // One run of `open`: what it makes of these batches.
  std::vector<Arrival> run(const std::vector<VerifiedBatch>& batches) {
    receiver = Receiver();
    ReceivedLog log;
    const auto held = OutputDirectory::hold(directory.path(), OutputDirectory::Hold::kToAppend);
    EXPECT_TRUE(log.open(directory.path(), *held, "traffic", receiver));
    std::vector<Arrival> arrivals;
    for (const VerifiedBatch& one : batches) {
      arrivals.push_back(receiver.take(one));
      if (arrivals.back() != Arrival::kDuplicate) log.add(one);
    }
    EXPECT_TRUE(log.flush());
    return arrivals;
  }
  [[nodiscard]] std::filesystem::path file() const { return directory.path() / "traffic.received"; }

  testkit::TemporaryDirectory directory;
  Receiver receiver;
};

using testing::ElementsAre;

TEST_F(ReceivedLogTest, WhatIsSentAgainInALaterRunIsADuplicate) {
  run({batch('a', 0, 5), batch('n', 0, 3, 0)});
  EXPECT_THAT(run({batch('a', 0, 5), batch('n', 0, 3, 0), batch('b', 5, 5)}),
              ElementsAre(Arrival::kDuplicate, Arrival::kDuplicate, Arrival::kNew));
  EXPECT_TRUE(receiver.clean());
}

TEST_F(ReceivedLogTest, AForkIsSeenInALaterRun) {
  run({batch('a', 0, 5)});
  EXPECT_THAT(run({batch('b', 3, 5)}), ElementsAre(Arrival::kFork));
  EXPECT_EQ(receiver.counts().forks, 1U);
}

TEST_F(ReceivedLogTest, AGapIsOneUntilALaterRunClosesIt) {
  run({batch('a', 0, 5), batch('c', 10, 5)});
  EXPECT_EQ(receiver.gaps().size(), 1U);
  run({batch('b', 5, 5)});
  EXPECT_TRUE(receiver.gaps().empty());
}

TEST_F(ReceivedLogTest, WhatTheCarLostIsNoGapInALaterRun) {
  VerifiedBatch telling = batch('a', 8, 2);
  v1::MissingRange& lost = *telling.batch.add_missing();
  lost.set_first_record(0);
  lost.set_record_count(8);
  lost.set_reason(v1::MissingRange::EVICTED);
  run({telling});
  run({});
  EXPECT_TRUE(receiver.gaps().empty());
  EXPECT_EQ(receiver.counts().evicted, 0U) << "it was counted when it came";
  EXPECT_EQ(receiver.missing_arrived(), 0U);
  run({batch('b', 3, 2)});
  EXPECT_EQ(receiver.missing_arrived(), 2U) << "of what an earlier run was told";
}

TEST_F(ReceivedLogTest, ATornLineCostsOnlyItself) {
  run({batch('a', 0, 5), batch('b', 5, 5)});
  const std::string text = testkit::read_file(file());
  std::ofstream(file(), std::ios::trunc) << text.substr(0, text.size() - 9);
  EXPECT_THAT(run({batch('a', 0, 5), batch('b', 5, 5)}),
              ElementsAre(Arrival::kDuplicate, Arrival::kNew));
}

TEST_F(ReceivedLogTest, ASummaryLeadsToTheSameKnowledge) {
  run({batch('a', 0, 5), batch('b', 5, 5), batch('d', 20, 5, 'q'), batch('n', 0, 1, 0)});
  std::string lines;
  receiver.for_each_remembered([&](const Received& one) { lines += received_line(one); });
  std::ofstream(file(), std::ios::trunc) << lines;
  EXPECT_THAT(
      run({batch('a', 0, 5), batch('n', 0, 1, 0), batch('e', 9, 2), batch('f', 20, 1, 'q')}),
      ElementsAre(Arrival::kDuplicate, Arrival::kDuplicate, Arrival::kFork, Arrival::kFork));
}

TEST(ReceivedLine, WhatIsNoneIsRefused) {
  const std::string id(32, 'a');
  for (const std::string& line :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"b":7})"),
        R"({"b":")" + id.substr(1) + R"("})", R"({"p":")" + id + R"("})",
        R"({"p":")" + id + R"(","f":-1,"n":2})", R"({"p":")" + id + R"(","f":1,"n":2,"l":[[1]]})",
        R"({"p":")" + id + R"(","f":1,"n":2,"l":[[1,"2"]]})"}) {
    EXPECT_FALSE(parse_received(line)) << line;
  }
}

TEST(ReceivedLine, NumbersThatAddUpPastTheEndDoNotWrap) {
  const auto received = parse_received(R"({"p":")" + std::string(32, 'a') +
                                       R"(","f":18446744073709551615,"n":18446744073709551615})");
  ASSERT_TRUE(received);
  Receiver receiver;
  receiver.remember(*received);
  EXPECT_LE(receiver.gaps().size(), 1U);
}

}  // namespace
}  // namespace sudare
