#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "base/clock.h"
#include "sim/demo/demo.h"
#include "sim/process/child.h"
#include "sim/process/metrics.h"
#include "sim/process/wait.h"
#include "sudare/v1/policy.pb.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SimMetrics, LinesAreSummedByLabels) {
  const Metrics metrics = parse_metrics(
      "# HELP x y\nrows{purpose=\"a\",fate=\"queued\"} 3\nrows{purpose=\"b\",fate=\"queued\"} 4\r\n"
      "rows{purpose=\"a\",fate=\"delivered\"} 5e1\nplain 7\nbroken{purpose=\"a\nbroken two\n\n");
  EXPECT_EQ(metrics.sum("rows", {{"fate", "queued"}}), 7U);
  EXPECT_EQ(metrics.sum("rows", {{"purpose", "a"}}), 53U);
  EXPECT_EQ(metrics.sum("plain"), 7U);
  EXPECT_EQ(metrics.sum("broken"), 0U);
  EXPECT_THAT(metrics.values_of("rows", "purpose"), testing::ElementsAre("a", "b"));
}

TEST(SimWait, WorkThatGoesOnMayTakeLongerThanItMayRest) {
  const SystemClock clock;
  const std::int64_t start_ms = clock.monotonic_ms();
  const auto left = [&] {
    return left_of(10, static_cast<std::uint64_t>(clock.monotonic_ms() - start_ms) / 100);
  };
  EXPECT_TRUE(wait_for_none(left, 300));
}

TEST(SimWait, WorkThatRestsIsNotWaitedFor) {
  std::uint64_t looks = 0;
  const auto left = [&] { return left_of(4, std::min<std::uint64_t>(++looks, 3)); };
  EXPECT_FALSE(wait_for_none(left, 200));
  EXPECT_GE(looks, 4U);
}

// A page that answers only now and then, or a count that goes up and down.
TEST(SimWait, OnlyLessThanEverBeforeIsProgress) {
  std::uint64_t looks = 0;
  EXPECT_FALSE(wait_for_none([&] { return ++looks % 2 == 0 ? kLeftUnknown : 5; }, 200));
}

TEST(SimHastenPolicy, ShortensTimesAndNothingElse) {
  const auto text = hasten_policy("p", R"(
    serial: 3
    purpose { name: "a" linger_ms: 900000 ceiling { cell: M1000 time_bucket_ms: 900000 } }
    purpose { name: "b" linger_ms: 1000 essential: true }
    source { topic: "t" release { to: "a" field { path: "x" } time { bucket_ms: 900000 } } }
    source { topic: "u" release { to: "b" time { exact: true } } })",
                                  4000);
  ASSERT_TRUE(text);
  sudare::v1::Policy policy;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(*text, &policy));
  EXPECT_EQ(policy.purpose(0).linger_ms(), 4000U);
  EXPECT_EQ(policy.purpose(0).ceiling().time_bucket_ms(), 4000U);
  EXPECT_EQ(policy.purpose(0).ceiling().cell(), sudare::v1::M1000);
  EXPECT_EQ(policy.purpose(1).linger_ms(), 1000U);
  EXPECT_EQ(policy.source(0).release(0).time().bucket_ms(), 4000U);
  EXPECT_EQ(policy.source(1).release(0).time().bucket_ms(), 0U);
  EXPECT_TRUE(policy.source(1).release(0).time().exact());
  EXPECT_FALSE(hasten_policy("p", "no policy {", 4000));
}

// A result in which everything is right.
DemoResult right() {
  DemoResult result;
  result.run.sent = result.run.acknowledged = 10;
  result.planted_identifiers = 12;
  result.planted_positions = 9;
  result.vehicle_broker = {12, 9, 1000};
  result.batches = result.cloud_messages = 2;
  result.account["traffic"] = {10, 10, {{"dropped", 7}, {"delivered", 3}}};
  result.without_signature = {"traffic"};
  PurposeComparison& counts = result.comparison.purposes["traffic"];
  counts.expected = counts.opened = 3;
  return result;
}

TEST(SimDemoFindings, NothingWhereEveryFigureIsRight) { EXPECT_THAT(findings(right()), IsEmpty()); }

TEST(SimDemoFindings, AnyFigureThatIsOffIsNamed) {
  const auto with = [](const std::function<void(DemoResult&)>& spoil) {
    DemoResult result = right();
    spoil(result);
    return findings(result);
  };
  EXPECT_THAT(with([](DemoResult& r) { r.run.acknowledged = 9; }), testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.account["traffic"].taken = 11; }),
              Contains(HasSubstr("does not add up")));
  EXPECT_THAT(with([](DemoResult& r) { r.account["traffic"].sent = 11; }),
              Contains(HasSubstr("11 rows sent, 10 taken")));
  EXPECT_THAT(with([](DemoResult& r) { r.without_signature.clear(); }),
              Contains(HasSubstr("due are signed")));
  EXPECT_THAT(with([](DemoResult& r) {
                r.account["traffic"].fates = {{"queued", 10}};
              }),
              Contains(HasSubstr("still queued")));
  EXPECT_THAT(with([](DemoResult& r) { r.comparison.purposes["traffic"].opened = 2; }),
              Contains(HasSubstr("3 rows delivered, 2 opened")));
  EXPECT_THAT(with([](DemoResult& r) { r.comparison.purposes["traffic"].altered = 1; }),
              testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.comparison.purposes["traffic"].positions = 1; }),
              testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.vehicle_broker.positions = 8; }),
              Contains(HasSubstr("control")));
  EXPECT_THAT(with([](DemoResult& r) { r.cloud_broker.identifiers = 1; }), testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.unit.positions = 1; }), testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.cloud_messages = 1; }), testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.failed_programs = 1; }), testing::SizeIs(1));
  EXPECT_THAT(with([](DemoResult& r) { r.recorded = false; }), testing::SizeIs(1));
}

TEST(SimChild, AToolThatFailsSaysWhy) {
  const testkit::TemporaryDirectory directory;
  const auto log = directory.path() / "log";
  const auto failed = run_tool({"sh", "-c", "echo too bad; exit 4"}, log);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().to_string(), HasSubstr("failed with status 4\ntoo bad"));
  EXPECT_THAT(run_tool({"/no/such/program"}, log).error().text, HasSubstr("could not be started"));
  EXPECT_EQ(run_tool({"echo", "fine"}, log).value(), "fine\n");
}

TEST(SimChild, StopEndsAChildThatWillNot) {
  const testkit::TemporaryDirectory directory;
  auto child = Child::start({"sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"},
                            directory.path() / "log");
  ASSERT_TRUE(child);
  while (tail_of(directory.path() / "log").empty()) {
  }
  EXPECT_EQ(child->stop(50), -1);
  EXPECT_FALSE(child->running());
}

}  // namespace
}  // namespace sudare::sim
