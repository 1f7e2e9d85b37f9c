// `sudare-sim bench` as a program: short runs over real brokers and the real gateway.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/open/key_file.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using nlohmann::json;
using std::chrono::seconds;

std::filesystem::path source_directory() {
  const char* source = std::getenv("SUDARE_SOURCE_DIR");
  return source != nullptr ? source : ".";
}

class SimBench : public testing::Test {
 protected:
  int run(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {testkit::program("sudare-sim").string(),
                                          "bench",
                                          "--quick",
                                          "--directory",
                                          reports().string(),
                                          "--programs",
                                          testkit::program("sudare-sim").parent_path().string(),
                                          "--deploy",
                                          (source_directory() / "deploy").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    testkit::Process bench(arguments, {directory_.path() / "out", directory_.path() / "err", {}});
    const auto status = bench.wait(testkit::patience(seconds(180)));
    said_ = bench.output() + bench.errors();
    return status.value_or(-1);
  }
  std::string key_file(const std::string& name) const {
    return directory_.path() / (name + ".key");
  }
  // The public key of a new key file.
  std::string make_key(const std::string& name) const {
    const auto identity = age::open_side::Identity::generate();
    const int file = open(key_file(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    EXPECT_TRUE(age::open_side::write_key_file(file, identity));
    close(file);
    return identity.recipient().to_string();
  }
  std::filesystem::path reports() const { return directory_.path() / "reports"; }
  json report() const { return json::parse(testkit::read_file(reports() / "report.json")); }

  testkit::TemporaryDirectory directory_;
  std::string said_;
};

TEST_F(SimBench, AQuickRunDeliversAllAndReportsEveryFigure) {
  ASSERT_EQ(run({}), 0) << said_;
  const json figures = report();
  for (const char* key :
       {"ratio_throughput", "ratio_uplink_bytes_bench", "ratio_uplink_bytes_default",
        "rss_peak_mib", "rss_anon_mib", "delivered_after_outage", "delivered_after_kill",
        "enqueue_ratio_1e6", "emergency_p99_ms", "cpu_us_per_reading",
        "disk_bytes_per_payload_byte"}) {
    EXPECT_TRUE(figures.at(key).is_number()) << key;
  }
  EXPECT_EQ(figures.at("delivered_after_outage"), 1.0);
  EXPECT_EQ(figures.at("delivered_after_kill"), 1.0);
  for (const json& round : figures.at("saturation").at("rounds")) {
    EXPECT_EQ(round.at("opened"), round.at("sent"));
    EXPECT_GT(round.at("uplink_bytes_to_cloud"), 0);
    EXPECT_GT(round.at("in_vehicle_broker").at("peak_kib"), 0);
  }
  EXPECT_THAT(testkit::read_file(reports() / "report.html"), testing::HasSubstr("</html>"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(reports()), {}), 2)
      << "brokers' and gateways' directories are removed";
}

TEST_F(SimBench, ARoundWithAReadingThatWasNotReleasedIsVoid) {
  std::string policy = testkit::read_file(source_directory() / "deploy/policies/bench.textproto");
  const std::string all = "time { exact: true }";
  policy.insert(policy.find(all), "rate { min_interval_ms: 5000 }\n    ");
  std::ofstream(directory_.path() / "policy.textproto") << policy;
  EXPECT_EQ(
      run({"--only", "throughput", "--policy", (directory_.path() / "policy.textproto").string()}),
      3)
      << said_;
  EXPECT_THAT(said_, testing::HasSubstr("void: saturation, gateway: not every reading was opened"));
}

// A broker alone is a unit that forwards everything.
TEST_F(SimBench, AUnitThatIsAlreadyThereIsMeasuredBetweenItsBrokers) {
  testkit::BrokerOptions options;
  options.extra = "max_queued_messages 0\n";
  const testkit::Broker broker(options);
  ASSERT_EQ(run({"--local-broker", broker.url(), "--cloud-broker", broker.url()}), 0) << said_;
  const json figures = report();
  ASSERT_EQ(figures.at("unit").size(), 1U);
  EXPECT_EQ(figures.at("unit").at(0).at("opened"), 5000);
  EXPECT_EQ(figures.at("unit_latency").size(), 3U);
  EXPECT_TRUE(figures.at("ratio_throughput").is_null()) << "there is no bridge beside it";
}

TEST_F(SimBench, WhatAUnitSealedIsOpenedWithItsKeyFiles) {
  testkit::UnitOptions options;
  options.local_extra = "max_queued_messages 0\n";
  testkit::Unit unit(options);
  std::string policy = testkit::read_file(source_directory() / "deploy/policies/bench.textproto");
  for (const std::string purpose : {"READINGS", "EMERGENCY"}) {
    const std::string placeholder = "${" + purpose + "_RECIPIENT}";
    policy.replace(policy.find(placeholder), placeholder.size(), make_key(purpose));
  }
  std::ofstream(unit.policy_file()) << policy;
  unit.start();
  ASSERT_EQ(run({"--local-broker", unit.local().url(), "--cloud-broker", unit.cloud().url(), "-i",
                 key_file("READINGS"), "-i", key_file("EMERGENCY")}),
            0)
      << said_;
  EXPECT_EQ(report().at("unit").at(0).at("opened"), 5000);
  EXPECT_GT(report().at("unit").at(0).at("emergency").at("count"), 0);
}

TEST_F(SimBench, BrokersThatAreGivenNeedEachOther) {
  EXPECT_EQ(run({"--local-broker", "mqtt://127.0.0.1:1"}), 1);
  EXPECT_THAT(said_, testing::HasSubstr("belong together"));
}

}  // namespace
}  // namespace sudare
