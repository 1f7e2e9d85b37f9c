// What a benchmark's verdicts rest on: the numbering of readings, the ledger, medians, the report.
#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "sim/bench/charts.h"
#include "sim/bench/goals.h"
#include "sim/bench/ledger.h"
#include "sim/bench/report_json.h"
#include "sim/bench/report_page.h"
#include "sim/bench/series.h"
#include "sim/bench/usage.h"

namespace sudare::sim::bench {
namespace {

constexpr std::int64_t kFirstMs = 1'750'000'000'000;

class BenchSeries : public testing::TestWithParam<PayloadCodec> {
 protected:
  Series series_ = Series::positions(GetParam(), 1, kFirstMs, 50);
};

TEST_P(BenchSeries, EachReadingHasItsNumber) {
  for (const std::uint64_t number : {0U, 1U, 49U, 50U, 299'999U, 9'999'999U}) {
    EXPECT_EQ(series_.number_of(series_.payload(number)), number);
  }
}

TEST_P(BenchSeries, AnAlteredReadingIsNotTheSame) {
  const std::string sent(series_.payload(7));
  EXPECT_TRUE(series_.same_position(7, sent));
  EXPECT_FALSE(series_.same_position(8, sent));
  EXPECT_FALSE(series_.same_position(7, sent.substr(0, sent.size() - 1)));
}

INSTANTIATE_TEST_SUITE_P(Codecs, BenchSeries,
                         testing::Values(PayloadCodec::kJson, PayloadCodec::kProtobuf));

TEST(BenchSeriesOfStrangers, HaveNoNumber) {
  const Series series = Series::positions(PayloadCodec::kJson, 1, kFirstMs, 5);
  for (const char* payload : {"", "{}", "{\"time_ms\":", "{\"time_ms\": 5}", "\x08\x01"}) {
    EXPECT_FALSE(series.number_of(payload)) << payload;
  }
}

TEST(BenchSeriesJson, HasTheSizeOfThePromise) {
  Series series = Series::positions(PayloadCodec::kJson, 1, kFirstMs, 500);
  EXPECT_NEAR(series.mean_bytes(), 200, 5);
  EXPECT_EQ(nlohmann::json::parse(series.payload(3)).size(), 10U) << "all fields";
}

TEST(BenchLedger, LostIsWhatWasAcknowledgedAndNeverOpened) {
  Ledger ledger(4);
  for (std::uint64_t i = 0; i < 4; ++i) ledger.send(i, 1'000'000);
  for (std::uint64_t i = 0; i < 3; ++i) ledger.acknowledge(i);
  ledger.open(0, 3'000'000, "");
  ledger.open(0, 4'000'000, "");
  ledger.open(3, 5'000'000, "");
  ledger.open(4, 5'000'000, "");
  EXPECT_EQ(ledger.lost(), 2U);
  EXPECT_EQ(ledger.twice(), 1U);
  EXPECT_EQ(ledger.strangers(), 1U);
  EXPECT_EQ(ledger.opened_count(), 2U);
  EXPECT_THAT(ledger.latencies_ms(), testing::ElementsAre(2, 4));
}

TEST(BenchQuantile, IsTheValueThatSoManyReach) {
  std::vector<double> rising(1000);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<double>(i + 1);
  EXPECT_EQ(quantile(rising, 0.5), 500);
  EXPECT_EQ(quantile(rising, 0.999), 999);
  EXPECT_EQ(quantile({7}, 0.99), 7);
  EXPECT_EQ(quantile({}, 0.99), 0);
}

Round round_of(const char* subject, double per_second) {
  Round round;
  round.subject = subject;
  round.per_second = per_second;
  round.seconds = 1;
  round.sent = round.opened = 1;
  return round;
}

TEST(BenchRatio, IsTheMedianOverNeighbouringRounds) {
  const std::vector<Round> rounds = {round_of("bridge", 100), round_of("gateway", 150),
                                     round_of("bridge", 10),  round_of("gateway", 12),
                                     round_of("bridge", 200), round_of("gateway", 400)};
  const Spread ratio = ratio_of(rounds, [](const Round& round) { return round.per_second; });
  EXPECT_EQ(ratio.median, 1.5);
  EXPECT_EQ(ratio.least, 1.2);
  EXPECT_EQ(ratio.most, 2);
}

TEST(BenchFindings, NameAVoidRoundAndAGatewaysLossButNoBridges) {
  Report report;
  report.throughput = {round_of("gateway", 1)};
  report.throughput[0].void_reason = "not every reading was opened";
  report.deliveries = {{"cloud away", "bridge, default settings", 5000, 4000, 0},
                       {"cloud away", "gateway", 5000, 1, 0}};
  EXPECT_THAT(findings(report),
              testing::ElementsAre("saturation, gateway: not every reading was opened",
                                   "cloud away: 1 readings lost"));
}

TEST(BenchGoals, AMissedOneSaysWhatLimitsIt) {
  Report report;
  report.throughput = {round_of("bridge", 100), round_of("gateway", 110)};
  report.throughput[1].broker.user_seconds = 0.9;
  const auto goals = goals_of(report);
  ASSERT_FALSE(goals.empty());
  EXPECT_FALSE(goals[0].met);
  EXPECT_THAT(goals[0].limit, testing::HasSubstr("the in-vehicle broker has 90.0 % of a core"));
}

TEST(BenchReport, OfNothingHasItsKeysAndAPage) {
  const auto json = nlohmann::json::parse(json_of(Report{}));
  EXPECT_TRUE(json.at("ratio_throughput").is_null());
  EXPECT_TRUE(json.at("rss_peak_mib").is_null());
  EXPECT_THAT(html_of(Report{}), testing::EndsWith("</html>\n"));
}

TEST(BenchCharts, WithoutLinesAreEmpty) { EXPECT_EQ(line_figure(LineChart{}), ""); }

TEST(BenchCharts, EscapeTheirNames) {
  EXPECT_THAT(bar_figure({"id", "<b>", "", 0, {{"a&b", 1, 0, 0, 0}}}),
              testing::AllOf(testing::HasSubstr("&lt;b&gt;"), testing::HasSubstr("a&amp;b")));
}

TEST(BenchUsage, OfThisProcessIsSeenAndOfNoneIsZero) {
  EXPECT_GT(usage_of(getpid()).peak_kib, 0);
  EXPECT_EQ(usage_of(-1).peak_kib, 0);
}

}  // namespace
}  // namespace sudare::sim::bench
