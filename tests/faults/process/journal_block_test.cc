// A block of the journal that the disk does not give back any more: the gateway starts all the
// same, and has everything that is not in that block.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/faults/process/arrivals.h"
#include "tests/faults/process/strace.h"
#include "tests/faults/rig/canary.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using testkit::eventually;
using testkit::Unit;

constexpr std::uint64_t kBurst = 5;
constexpr std::uint64_t kBursts = 8;

class JournalBlock : public testing::Test {
 protected:
  static testkit::UnitOptions options() {
    testkit::UnitOptions options;
    options.linger_ms = 600'000;  // a row to a commit
    options.extra_config = "commit { interval_ms: 5 }\n";
    return options;
  }

  void SetUp() override {
    if (const auto reason = no_sight_of_a_gateway(); !reason.empty()) GTEST_SKIP() << reason;
    unit_.cloud().signal(SIGSTOP);
    start();
    testkit::MqttClient car(unit_.local().port());
    for (std::uint64_t n = 0; n < kBurst * kBursts; ++n) {
      car.publish("test/json", numbered_json(n));
      if (n % kBurst == kBurst - 1) testkit::pause(milliseconds(60));
    }
    ASSERT_TRUE(car.flush());
    ASSERT_TRUE(eventually([&] {
      return unit_.get("/metrics").body.find("sudare_rows{purpose=\"seq\",fate=\"queued\"} 40\n") !=
             std::string::npos;
    }));
    unit_.kill();
    unit_.cloud().signal(SIGCONT);
  }

  void start() {
    unit_.start(false);
    ASSERT_TRUE(eventually([&] {
      return unit_.log().find("local_connected") != std::string::npos;
    })) << unit_.log();
  }
  // The journal is read in large pieces, and where one fails in blocks: `when` counts both.
  void start_with_errors(const std::string& when) {
    unit_.use_command(under_strace(unit_.directory() / "trace",
                                   {"-P", unit_.state() / "outbox.journal", "-e", "trace=pread64",
                                    "-e", "inject=pread64:error=EIO:when=" + when},
                                   testkit::program("sudare-gateway")));
    start();
  }
  std::vector<std::uint64_t> missing() {
    Arrivals arrivals(unit_, 0);
    arrivals.wait_for(0, kBurst * kBursts, std::chrono::seconds(1));
    EXPECT_EQ(unit_.stop().status, 0) << unit_.log();
    EXPECT_TRUE(unit_.account().adds_up());
    return arrivals.missing(0, kBurst * kBursts);
  }

  Unit unit_{options()};
};

TEST_F(JournalBlock, OneThatIsReadAtTheSecondAttemptLosesNothing) {
  unit_.recipient();
  start_with_errors("1");
  EXPECT_THAT(missing(), testing::IsEmpty());
}

TEST_F(JournalBlock, OneThatHoldsNothingLosesNothing) {
  unit_.recipient();
  start_with_errors("1..62+61");  // the first piece, then block 60
  EXPECT_THAT(missing(), testing::IsEmpty());
}

TEST_F(JournalBlock, OneThatHoldsACommitLosesNothingElseAndIsLogged) {
  unit_.recipient();
  start_with_errors("1..4+3");  // the first piece, then block 2
  EXPECT_THAT(unit_.log(), testing::HasSubstr("store_journal_damaged"));
  EXPECT_THAT(missing(), testing::SizeIs(testing::AllOf(testing::Gt(0U), testing::Le(kBurst))));
}

TEST_F(JournalBlock, NoneThatIsReadableDoesNotKeepTheGatewayFromStarting) {
  unit_.recipient();
  start_with_errors("1+");
  EXPECT_THAT(missing(), testing::Not(testing::IsEmpty()));
}

}  // namespace
}  // namespace sudare::faults
