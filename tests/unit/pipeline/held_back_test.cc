// Rows that wait: each is in the account, whatever becomes of it.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "fleet/open/open_batch.h"
#include "gateway/store/outbox_reader.h"
#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

const age::open_side::Identity& recipient() {
  static const auto identity = age::open_side::Identity::generate();
  return identity;
}

std::string probe(const std::string& at_once = "") {
  return "purpose { name: \"probe\" recipient: \"" + recipient().recipient().to_string() +
         "\" pseudonym { none {} } consent: OPT_OUT keep_hours: 24 batch_bytes_max: 4096 "
         "linger_ms: 60000 ceiling { cell: EXACT hold_back: M1000 } }\n"
         "source { topic: \"position\" urgent: true codec: JSON time_field: \"t\"\n"
         "classify { path: \"t\" class: TIMESTAMP unit: MILLISECONDS }\n"
         "classify { path: \"lat\" class: LATITUDE unit: DEGREES }\n"
         "classify { path: \"lon\" class: LONGITUDE unit: DEGREES }\n"
         "release { to: \"probe\" field { path: \"lat\" } field { path: \"lon\" } location { cell: "
         "EXACT hold_back { ring: M1000 " +
         at_once +
         " } } time { bucket_ms: 60000 } } }\n"
         "source { topic: \"ignition\" codec: JSON ignition_field: \"on\"\n"
         "classify { path: \"on\" class: NOT_PERSONAL }\n"
         "release { to: \"open\" field { path: \"on\" } time { exact: true } } }\n";
}

class HeldBackTest : public PipelineTest {
 protected:
  void start(const std::string& at_once = "") {
    begin("2099-12-31", false, probe(at_once));
    now_ms_ = clock.wall_ms();
  }
  // 20 m/s eastward.
  void drive(int fixes) {
    for (int i = 0; i < fixes; ++i) {
      char payload[128];
      (void)snprintf(payload, sizeof payload, R"({"t": %lld, "lat": 35.005, "lon": %.5f})",
                     static_cast<long long>(now_ms_ += 1000), longitude_ += 0.00022);
      take("position", payload);
      ++sent_;
    }
  }
  // What kill -9 leaves, and the next start.
  void restart() {
    pipeline.reset();
    time.reset();
    store.reset();
    store = std::move(*Store::open({directory.path() / "state", 64U << 20, 1U << 20}, clock));
    begin("2099-12-31", false, probe());
  }
  // What the recipient of "probe" finds in everything that could be sent by now.
  [[nodiscard]] std::vector<double> longitudes_that_left() const {
    std::vector<double> longitudes;
    const auto reader = OutboxReader::open((directory.path() / "state").string(), store->session(),
                                           clock, store->journaled());
    const auto ready = (*reader)->ready({}, 10'000, 64U << 20);
    for (const OutboxRow& row : *ready) {
      if (row.purpose != "probe") continue;
      const auto batch =
          open_batch({&recipient(), 1}, "probe", Unsigned::kTaken, bytes_of(row.bytes));
      EXPECT_TRUE(batch.has_value());
      for (const v1::Record& record : batch->batch.records()) {
        longitudes.push_back(nlohmann::json::parse(record.payload()).at("lon").get<double>());
      }
    }
    return longitudes;
  }
  [[nodiscard]] std::int64_t rows(Fate which) const { return fate("probe", which); }

  std::int64_t now_ms_ = 0;
  double longitude_ = 136.5;
  std::int64_t sent_ = 0;
};

TEST_F(HeldBackTest, RowsWaitAndAreThenQueued) {
  start();
  drive(250);
  commit();
  EXPECT_GT(rows(Fate::kHeldBack), 100);
  EXPECT_EQ(rows(Fate::kQueued), 0);
  drive(300);
  commit();
  EXPECT_GT(rows(Fate::kQueued), 100);
  EXPECT_EQ(rows(Fate::kHeldBack) + rows(Fate::kQueued) + rows(Fate::kDropped), sent_);
}

TEST_F(HeldBackTest, IgnitionOffDropsThem) {
  start();
  drive(400);
  take("ignition", R"({"on": false})");
  commit();
  EXPECT_EQ(rows(Fate::kHeldBack), 0);
  EXPECT_GT(reason("probe", Reason::kTripEnd), 100U);
}

TEST_F(HeldBackTest, ARestartTurnsThemIntoDroppedRestart) {
  start();
  drive(400);
  commit();
  const std::int64_t waiting = rows(Fate::kHeldBack);
  ASSERT_GT(waiting, 100);
  pipeline.reset();  // as kill -9 does
  store.reset();
  store = std::move(*Store::open({directory.path() / "state", 64U << 20, 1U << 20}, clock));
  EXPECT_EQ(rows(Fate::kHeldBack), 0);
  EXPECT_EQ(reason("probe", Reason::kRestart), static_cast<std::uint64_t>(waiting));
  EXPECT_TRUE(store->account().adds_up());
}

TEST_F(HeldBackTest, NothingNearTheStartTheRestartOrTheEndLeavesTheUnit) {
  constexpr double kCellDegrees = 0.0125;  // of 1 km, eastward: on each side at least one cell
  start();
  const double begun = longitude_;
  drive(700);
  commit();
  const double restarted = longitude_;
  restart();
  drive(700);
  const double ended = longitude_;
  take("ignition", R"({"on": false})");
  commit(true);
  clock.advance_ms(3 * 60'000);
  commit(true);
  const std::vector<double> left = longitudes_that_left();
  EXPECT_GT(left.size(), 500U);
  for (const double at : left) {
    for (const double hidden : {begun, restarted, ended}) {
      EXPECT_GE(std::abs(at - hidden), kCellDegrees);
    }
  }
}

TEST_F(HeldBackTest, AWithdrawalCountsThemAsNotConsented) {
  start();
  drive(400);
  commit();
  const std::int64_t waiting = rows(Fate::kHeldBack) + rows(Fate::kQueued);
  take("vehicle/consent/probe", R"({"granted": false, "counter": 1})", true);
  commit();
  EXPECT_EQ(rows(Fate::kHeldBack), 0);
  EXPECT_EQ(rows(Fate::kQueued), 0);
  EXPECT_EQ(rows(Fate::kNotConsented), waiting);
}

TEST_F(HeldBackTest, AnotherPolicyAndTheEndDropThem) {
  start();
  drive(400);
  ASSERT_TRUE(pipeline->use_policy({load("2099-12-31", probe()), false}).has_value());
  EXPECT_EQ(rows(Fate::kHeldBack), 0);
  drive(400);
  commit(true);
  EXPECT_EQ(rows(Fate::kHeldBack), 0);
  EXPECT_GT(reason("probe", Reason::kRestart), 100U);
}

TEST_F(HeldBackTest, WhatGoesOutAtOnceIsARowOfItsOwn) {
  start("at_once: M1000");
  drive(100);
  EXPECT_TRUE(pipeline->commit_at_once());
  commit();
  EXPECT_EQ(rows(Fate::kQueued), sent_);
  EXPECT_EQ(rows(Fate::kDropped), sent_) << "the fine ones, at the start of the trip";
  EXPECT_EQ(pipeline->next_commit_in_ms(), -1) << "its batch waits for nothing";
}

}  // namespace
}  // namespace sudare::pipeline_test
