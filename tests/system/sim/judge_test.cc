// A real unit on the bench: sudare-gateway between two real brokers, TLS with client certificates
// on the cloud side, driven and judged by `sudare-sim vehicle`.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/open/key_file.h"
#include "sim/truth.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testkit::RunResult;

class Judged : public testing::Test {
 protected:
  // Positions are released as speed and satellites, at exact times of the fix or of receipt.
  void make_unit(testkit::UnitOptions options, bool times_of_receipt = false) {
    options.cloud_tls = true;
    unit_ = std::make_unique<testkit::Unit>(options);
    if (times_of_receipt) {
      std::string policy = unit_->policy_text("2099-12-31");
      const std::string field = "  time_field: \"time_ms\"\n";
      policy.erase(policy.find(field), field.size());
      std::ofstream(unit_->policy_file()) << policy;
    }
    unit_->write_key_file("seq", file("seq.key"));
  }
  [[nodiscard]] std::string file(const std::string& name) const { return directory_.path() / name; }

  std::vector<std::string> vehicle(const std::vector<std::string>& more) {
    const testkit::Certificate own = unit_->authority().client("tester");
    std::vector<std::string> arguments = {testkit::program("sudare-sim"),
                                          "vehicle",
                                          "--local-broker",
                                          unit_->local().url(),
                                          "--cloud-broker",
                                          unit_->cloud().url(),
                                          "--cloud-ca",
                                          unit_->authority().ca_file(),
                                          "--cloud-cert",
                                          own.certificate,
                                          "--cloud-key",
                                          own.key,
                                          "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::vector<std::string> judged(const std::vector<std::string>& more) {
    std::vector<std::string> arguments =
        vehicle({"-i", file("seq.key"), "--policy", unit_->policy_file()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  testkit::TemporaryDirectory directory_;
  std::unique_ptr<testkit::Unit> unit_;
};

TEST_F(Judged, ACleanRunIsSaidToBeClean) {
  make_unit({});
  unit_->start();
  const RunResult run = testkit::run(judged({"--rate", "200", "--count", "600"}));
  ASSERT_EQ(run.status, 0) << run.errors << run.output;
  const json unit = json::parse(run.output).at("unit");
  EXPECT_TRUE(unit.at("clean"));
  const json& seq = unit.at("purposes").at("seq");
  EXPECT_GT(seq.at("records").at("expected"), 100);
  EXPECT_EQ(seq.at("records").at("opened"), seq.at("records").at("expected"));
  EXPECT_EQ(seq.at("records").at("verified"), seq.at("records").at("expected"));
  EXPECT_EQ(seq.at("gaps"), 0);
  EXPECT_GT(seq.at("latency_ms").at("batches"), 0);
  EXPECT_LT(unit.at("settled_ms"), unit.at("settle_ms_max")) << "all came: no need to wait";
  EXPECT_TRUE(unit.at("clock").is_null()) << "no time of receipt";
}

TEST_F(Judged, WithoutKeyAndPolicyBatchesAreCountedAndScanned) {
  make_unit({});
  unit_->start();
  const RunResult run = testkit::run(vehicle({"--rate", "200", "--count", "200", "--settle", "3"}));
  ASSERT_EQ(run.status, 0) << run.errors << run.output;
  const json seq = json::parse(run.output).at("unit").at("purposes").at("seq");
  EXPECT_FALSE(seq.at("opened"));
  EXPECT_GT(seq.at("batches"), 0);
  EXPECT_GT(seq.at("bytes"), 0);
  EXPECT_FALSE(seq.contains("records"));
}

TEST_F(Judged, WhatIsInTheClearInTheCloudIsALeak) {
  make_unit({});
  unit_->start();
  testkit::Process run(
      vehicle({"--rate", "50", "--count", "300", "--settle", "3", "--truth", file("t")}),
      {file("out"), file("err"), {}});
  const auto planted = [&] {
    const auto truth = sim::parse_truth("t", testkit::read_file(file("t")));
    return truth && !truth->messages.empty() ? truth->planted.at(0).value : std::string();
  };
  ASSERT_TRUE(testkit::eventually([&] { return !planted().empty(); }));
  ASSERT_TRUE(unit_->recipient().publish("sudare/1/seq/00", "the car is " + planted()));
  EXPECT_EQ(run.wait(std::chrono::seconds(60)), 3) << run.errors();
  const json seq = json::parse(run.output()).at("unit").at("purposes").at("seq");
  EXPECT_EQ(seq.at("leaked_raw").at("identifiers"), 1);
}

TEST_F(Judged, ACloudThatLosesBatchesIsFound) {
  const auto access = [this](const std::string& more) {
    std::ofstream(file("acl")) << "topic write sudare/1/#\n" + more;
  };
  access("topic read sudare/1/#\n");
  testkit::UnitOptions options;
  options.cloud_extra = "acl_file " + file("acl") + "\n";
  make_unit(options);
  unit_->start();
  testkit::Process run(judged({"--rate", "50", "--count", "1000", "--settle", "5"}),
                       {file("out"), file("err"), {}});
  const auto sent = [&] {
    const std::string name = "\nsudare_uplink_acknowledged_total ";
    const std::string page = unit_->get("/metrics").body;
    const std::size_t at = page.find(name);
    return at == std::string::npos ? 0 : std::atoi(page.c_str() + at + name.size());
  };
  const auto wait_for_more = [&](int more) {
    const int before = sent();
    return testkit::eventually([&] { return sent() >= before + more; });
  };
  ASSERT_TRUE(wait_for_more(2));
  access("");  // the broker takes batches and hands none out
  kill(unit_->cloud().pid(), SIGHUP);
  ASSERT_TRUE(wait_for_more(4));
  access("topic read sudare/1/#\n");
  kill(unit_->cloud().pid(), SIGHUP);
  EXPECT_EQ(run.wait(std::chrono::seconds(90)), 3) << run.errors();
  const json seq = json::parse(run.output()).at("unit").at("purposes").at("seq");
  const std::uint64_t lost = seq.at("records").at("lost");
  EXPECT_GT(lost, 0U);
  EXPECT_LT(lost, seq.at("records").at("expected"));
  EXPECT_EQ(seq.at("gaps"), lost) << "the record numbers say the same";
  EXPECT_EQ(seq.at("records").at("altered"), 0);
}

TEST_F(Judged, AUnitThatRunsAnotherPolicyIsFound) {
  make_unit({});
  unit_->start();
  std::string policy = unit_->policy_text("2099-12-31");
  policy.replace(policy.find("coarsen { step: 5 }"), 19, "coarsen { step: 50 }");
  std::ofstream(file("other.textproto")) << policy;
  const RunResult run =
      testkit::run(vehicle({"--rate", "200", "--count", "400", "--settle", "3", "-i",
                            file("seq.key"), "--policy", file("other.textproto")}));
  EXPECT_EQ(run.status, 3) << run.errors;
  const json seq = json::parse(run.output).at("unit").at("purposes").at("seq");
  EXPECT_GT(seq.at("records").at("altered"), 0);
  EXPECT_EQ(seq.at("other_policy_batches"), seq.at("batches"));
}

TEST_F(Judged, TheUnitsClockIsMeasured) {
  testkit::UnitOptions options;
  options.clock = "+90s";
  make_unit(options, true);
  unit_->start();
  const RunResult run = testkit::run(judged({"--rate", "200", "--count", "600"}));
  ASSERT_EQ(run.status, 0) << run.errors << run.output;
  const json unit = json::parse(run.output).at("unit");
  const json& clock = unit.at("clock");
  ASSERT_TRUE(clock.at("consistent"));
  EXPECT_LE(clock.at("offset_ms_least"), 90'000);
  EXPECT_GE(clock.at("offset_ms_most"), 90'000);
  EXPECT_GE(clock.at("offset_ms"), clock.at("offset_ms_least"));
  EXPECT_LE(clock.at("offset_ms"), clock.at("offset_ms_most"));
  EXPECT_EQ(unit.at("purposes").at("seq").at("records").at("altered"), 0);
}

TEST_F(Judged, DamagedMessagesAreRefusedAndTheOthersComeThrough) {
  make_unit({});
  unit_->start();
  const RunResult run = testkit::run(
      judged({"--rate", "200", "--count", "1000", "--malformed", "0.3", "--truth", file("t")}));
  ASSERT_EQ(run.status, 0) << run.errors << run.output;
  const json unit = json::parse(run.output).at("unit");
  EXPECT_EQ(unit.at("damaged").size(), 6U) << "every kind that Protobuf has";
  EXPECT_GT(unit.at("purposes").at("seq").at("records").at("expected"), 100);
  std::uint64_t damaged = 0;
  const auto truth = sim::read_truth(file("t"));
  ASSERT_TRUE(truth);
  for (const auto& message : truth->messages) {
    if (message.topic == "vehicle/position" && !message.damage.empty()) ++damaged;
  }
  ASSERT_GT(damaged, 50U);
  ASSERT_EQ(unit_->stop().status, 0);
  EXPECT_EQ(unit_->account().total().by_fate[static_cast<std::size_t>(Fate::kRejected)],
            static_cast<std::int64_t>(damaged));
}

TEST_F(Judged, MistakesAreExplainedBeforeTheCarDrives) {
  make_unit({});
  const int status = 1;
  unit_->write_key_file("asked", file("asked.key"));
  {
    const auto other = testkit::run({testkit::program("sudare"), "key", "new", "-o", file("k")});
    ASSERT_EQ(other.status, 0) << other.errors;
  }
  RunResult run = testkit::run(judged({"-i", file("k"), "--count", "5"}));
  EXPECT_EQ(run.status, status);
  EXPECT_THAT(run.errors, HasSubstr("the key opens no purpose of"));
  run = testkit::run(judged({"-i", file("none"), "--count", "5"}));
  EXPECT_EQ(run.status, status);
  EXPECT_THAT(run.errors, HasSubstr("error: " + file("none")));
  unit_->cloud().stop();
  run = testkit::run(judged({"--count", "5", "--truth", file("t")}));
  EXPECT_EQ(run.status, status);
  EXPECT_THAT(run.errors, HasSubstr("error: cloud broker localhost:"));
  EXPECT_THAT(run.errors, HasSubstr("is it running"));
  EXPECT_FALSE(std::filesystem::exists(file("t"))) << "nothing was sent";
  run = testkit::run({testkit::program("sudare-sim"), "vehicle", "--local-broker",
                      unit_->local().url(), "--policy", unit_->policy_file()});
  EXPECT_EQ(run.status, 2) << "--policy needs --cloud-broker";
}

}  // namespace
}  // namespace sudare
