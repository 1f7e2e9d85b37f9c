// `sudare-sim fleet` as a program, against a real broker.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "crypto/open/identity.h"
#include "fleet/cli/keys.h"
#include "fleet/templates/policy_templates.h"
#include "gateway/policy/load.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"

namespace sudare {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

// As fast as the machine goes, a broker's queue of 100 batches would be what is tested.
testkit::BrokerOptions unbounded_queues() {
  testkit::BrokerOptions options;
  options.extra = "max_queued_messages 0\n";
  return options;
}

class SimFleet : public testing::Test {
 protected:
  std::vector<std::string> fleet(const testkit::Broker& broker, std::vector<std::string> more) {
    std::vector<std::string> arguments = {testkit::program("sudare-sim").string(),
                                          "fleet",
                                          "--cloud-broker",
                                          broker.url(),
                                          "--json",
                                          "--together",
                                          "30"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::unique_ptr<testkit::Process> start(const testkit::Broker& broker,
                                          const std::vector<std::string>& more) {
    return std::make_unique<testkit::Process>(
        fleet(broker, more), testkit::ProcessOptions{file("out"), file("err"), {}});
  }
  // Its recipient and some cars have connected, however long the start took.
  static bool on_its_way(const testkit::Broker& broker) {
    return testkit::eventually(
        [&] {
          const std::string log = broker.log();
          int connected = 0;
          for (std::size_t at = 0; (at = log.find("New client connected", at)) != log.npos; ++at) {
            ++connected;
          }
          return connected > 5;
        },
        testkit::patience(seconds(60)));
  }
  static json judged(const testkit::RunResult& run) {
    EXPECT_THAT(run.output, HasSubstr("{")) << run.errors;
    return json::parse(run.output, nullptr, false);
  }
  std::string file(const std::string& name) const { return directory_.path() / name; }

  // The default policy with keys in files: its path, and the options that name them.
  std::vector<std::string> policy_options() {
    std::map<std::string, std::string> recipients;
    std::vector<std::string> options = {"--policy", file("policy.textproto")};
    for (const char* purpose : {"traffic", "diagnostics", "emergency", "driving-diagnosis",
                                "car-finder", "ownership", "recorder"}) {
      const auto identity = age::open_side::Identity::generate();
      EXPECT_TRUE(cli::create_key_file(file(purpose), identity, purpose));
      recipients[purpose] = identity.recipient().to_string();
      options.insert(options.end(), {"-i", file(purpose)});
    }
    std::ofstream(file("policy.textproto"))
        << fill_recipients(default_policy_template(), recipients);
    return options;
  }
  static std::vector<std::string> joined(std::vector<std::string> a,
                                         const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  testkit::TemporaryDirectory directory_;
};

TEST_F(SimFleet, TwoHundredCarsThroughTunnelsLoseDuplicateAlterAndLeakNothing) {
  const testkit::Broker broker(unbounded_queues());
  std::ofstream(file("profile")) << "link { outages_per_driving_hour: 20 outage_seconds: 30 }";
  const auto run =
      testkit::run(fleet(broker, {"--cars", "200", "--speed", "0", "--profile", file("profile")}));
  EXPECT_EQ(run.status, 0) << run.output << run.errors;
  const json found = judged(run);
  EXPECT_EQ(found.at("cars"), 200);
  EXPECT_EQ(found.at("connected_max"), 200);
  EXPECT_GT(found.at("outages"), 400);
  EXPECT_GT(found.at("connections"), 300);
  EXPECT_GT(found.at("expected"), 3000);
  EXPECT_EQ(found.at("opened"), found.at("expected"));
  for (const char* none : {"lost", "duplicated", "altered", "leaked", "foreign", "undelivered_rows",
                           "failed_commits", "batches_unopened"}) {
    EXPECT_EQ(found.at(none), 0) << none;
  }
  EXPECT_EQ(found.at("fates").at("delivered"), found.at("expected"));
  EXPECT_EQ(found.at("fates").at("queued"), 0);
  EXPECT_TRUE(found.at("accounts_add_up"));
  EXPECT_THAT(run.errors, Not(HasSubstr("\r"))) << "progress in a pipe";
}

TEST_F(SimFleet, ByTheDayCarsComeAndGoAndSleepWithoutAConnection) {
  const testkit::Broker broker(unbounded_queues());
  std::vector<std::string> arguments = {testkit::program("sudare-sim").string(),
                                        "fleet",
                                        "--cloud-broker",
                                        broker.url(),
                                        "--json",
                                        "--cars",
                                        "30",
                                        "--speed",
                                        "0",
                                        "--duration",
                                        "86400",
                                        "--start",
                                        "2026-06-01T00:00:00+09:00"};
  const auto run = testkit::run(arguments);
  EXPECT_EQ(run.status, 0) << run.output << run.errors;
  const json found = judged(run);
  EXPECT_EQ(found.at("simulated_seconds"), 86400);
  EXPECT_GT(found.at("messages"), 30 * 2000);
  EXPECT_GT(found.at("connections"), 30 * 2) << "each trip has a connection of its own";
}

TEST_F(SimFleet, TwoShardsOverOneBrokerKnowTheirOwnRecordsAndAreTheWholeFleet) {
  const testkit::Broker broker(unbounded_queues());
  const std::vector<std::string> common =
      joined({"--cars", "41", "--duration", "300", "--start", "2026-06-01T08:00:00+09:00"},
             policy_options());
  const auto first = start(broker, joined(common, {"--speed", "120", "--shard", "1/2"}));
  const auto second =
      testkit::run(fleet(broker, joined(common, {"--speed", "120", "--shard", "2/2"})));
  ASSERT_EQ(first->wait(testkit::patience(seconds(60))), 0) << first->output() << first->errors();
  ASSERT_EQ(second.status, 0) << second.output << second.errors;
  const json one = json::parse(first->output());
  const json two = judged(second);
  const json whole = judged(testkit::run(fleet(broker, joined(common, {"--speed", "0"}))));
  EXPECT_EQ(one.at("cars"), 21);
  EXPECT_EQ(two.at("cars"), 20);
  EXPECT_GT(one.at("foreign").get<int>() + two.at("foreign").get<int>(), 0);
  EXPECT_EQ(one.at("messages").get<int>() + two.at("messages").get<int>(), whole.at("messages"));
  EXPECT_EQ(one.at("payload_bytes").get<int>() + two.at("payload_bytes").get<int>(),
            whole.at("payload_bytes"));
  EXPECT_EQ(one.at("expected").get<int>() + two.at("expected").get<int>(), whole.at("expected"));
}

TEST_F(SimFleet, ABrokerThatKeepsItsQueuesAndIsRestartedLosesNothing) {
  testkit::BrokerOptions options = unbounded_queues();
  options.persistence = true;
  testkit::Broker broker(options);
  const auto run = start(broker, {"--cars", "60", "--speed", "60", "--duration", "480"});
  ASSERT_TRUE(on_its_way(broker)) << run->errors();
  std::this_thread::sleep_for(seconds(1));
  broker.restart();
  const auto status = run->wait(testkit::patience(seconds(90)));
  ASSERT_EQ(status, 0) << run->output() << run->errors();
  const json found = json::parse(run->output());
  EXPECT_GT(found.at("connections_lost"), 0);
  EXPECT_EQ(found.at("lost"), 0);
  EXPECT_EQ(found.at("duplicated"), 0);
}

// What it had acknowledged and not passed on is gone: whether there was any is chance, but it must
// be told exactly.
TEST_F(SimFleet, ABrokerThatIsKilledMayLoseAndTheExitStatusSaysSo) {
  testkit::Broker broker(unbounded_queues());
  const auto run = start(broker, {"--cars", "60", "--speed", "60", "--duration", "480"});
  ASSERT_TRUE(on_its_way(broker)) << run->errors();
  std::this_thread::sleep_for(seconds(1));
  broker.kill();
  broker.start();
  const auto status = run->wait(testkit::patience(seconds(90)));
  ASSERT_TRUE(status) << run->errors();
  const json found = json::parse(run->output());
  EXPECT_GT(found.at("connections_lost"), 0);
  EXPECT_EQ(found.at("undelivered_rows"), 0) << "cars send again what was not acknowledged";
  EXPECT_EQ(found.at("duplicated"), 0);
  EXPECT_EQ(found.at("altered"), 0);
  EXPECT_EQ(*status, found.at("lost") == 0 ? 0 : 3);
  EXPECT_EQ(found.at("expected"), found.at("opened").get<int>() + found.at("lost").get<int>());
}

// A broker that accepts and drops: the loss must show.
TEST_F(SimFleet, ABrokerThatDropsWhatItAcknowledgedIsALossAndExit3) {
  testkit::BrokerOptions options;
  options.extra = "max_inflight_messages 1\nmax_queued_messages 1\nmax_queued_bytes 1\n";
  const testkit::Broker broker(options);
  const auto run = testkit::run(
      fleet(broker, {"--cars", "60", "--speed", "0", "--duration", "120", "--no-outages"}));
  EXPECT_EQ(run.status, 3) << run.output << run.errors;
  EXPECT_GT(judged(run).at("lost"), 0);
}

TEST_F(SimFleet, ASignalEndsItInOrder) {
  const testkit::Broker broker(unbounded_queues());
  const auto run = start(broker, {"--cars", "20", "--speed", "10", "--duration", "36000"});
  ASSERT_TRUE(on_its_way(broker)) << run->errors();
  run->signal(SIGTERM);
  const auto status = run->wait(seconds(30));
  ASSERT_EQ(status, 0) << run->output() << run->errors();
  const json found = json::parse(run->output());
  EXPECT_TRUE(found.at("stopped"));
  EXPECT_GT(found.at("expected"), 0);
  EXPECT_EQ(found.at("opened"), found.at("expected")) << "what waited was sealed and delivered";
}

TEST_F(SimFleet, ASignalBeforeItIsReadyIsNoBrokersFault) {
  testkit::Broker broker(unbounded_queues());
  broker.signal(SIGSTOP);
  const auto run = start(broker, {"--cars", "2", "--duration", "60", "--truth", file("t")});
  ASSERT_TRUE(testkit::eventually([&] { return std::filesystem::exists(file("t")); }));
  run->signal(SIGTERM);
  const auto status = run->wait(seconds(30));
  broker.signal(SIGCONT);
  ASSERT_EQ(status, 1) << run->output() << run->errors();
  EXPECT_THAT(run->errors(), HasSubstr("stopped before the fleet was ready"));
}

TEST_F(SimFleet, OverTlsEachCarShowsItsCertificate) {
  testkit::CertificateAuthority authority(directory_.path());
  testkit::BrokerOptions options = unbounded_queues();
  options.tls = {authority.ca_file(), authority.server(), true};
  const testkit::Broker broker(options);
  const testkit::Certificate car = authority.client("car");
  const std::vector<std::string> tls = {
      "--ca", authority.ca_file(), "--cert", car.certificate, "--key", car.key, "--cars",
      "20",   "--speed",           "0",      "--duration",    "120"};
  const auto run = testkit::run(fleet(broker, tls));
  EXPECT_EQ(run.status, 0) << run.output << run.errors;
  EXPECT_EQ(judged(run).at("connected_max"), 20);
}

TEST_F(SimFleet, ItsTruthIsEnoughForAnotherMachineToCompare) {
  const testkit::Broker broker(unbounded_queues());
  const auto run =
      testkit::run(fleet(broker, joined({"--cars", "3", "--speed", "0", "--duration", "60",
                                         "--no-receive", "--truth", file("truth")},
                                        policy_options())));
  ASSERT_EQ(run.status, 0) << run.output << run.errors;
  EXPECT_FALSE(judged(run).contains("expected"));
  std::ofstream(file("opened")) << "";
  const auto compared =
      testkit::run({testkit::program("sudare-sim").string(), "compare", "--truth", file("truth"),
                    "--opened", file("opened"), "--policy", file("policy.textproto"), "--json"});
  EXPECT_EQ(compared.status, 3) << compared.errors;
  const json emergency = json::parse(compared.output).at("purposes").at("emergency");
  EXPECT_EQ(emergency.at("expected"), 3) << "a line check of each car";
  EXPECT_EQ(emergency.at("lost"), 3);
}

TEST_F(SimFleet, APolicyWithoutItsKeysIsAnErrorWithAHint) {
  const testkit::Broker broker;
  const std::vector<std::string> all = policy_options();
  const auto run =
      testkit::run(fleet(broker, {all.begin(), all.begin() + 4}));  // the first key only
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.errors, HasSubstr("error: no key opens what purpose \"diagnostics\" gets"));
  EXPECT_THAT(run.errors, HasSubstr("hint: -i KEYFILE"));
}

TEST_F(SimFleet, ABrokerThatIsNotThereIsAnErrorBeforeAnyCarDrives) {
  testkit::Broker broker;
  broker.stop();
  const auto run = testkit::run(fleet(broker, {"--cars", "2", "--speed", "0"}));
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.errors, HasSubstr("error: the cloud broker takes no subscription"));
}

TEST_F(SimFleet, AShardThatIsNoneIsAnError) {
  const testkit::Broker broker;
  for (const char* shard : {"0/2", "3/2", "1", "1/2x", "a/b", "-1/2"}) {
    const auto run = testkit::run(fleet(broker, {"--shard", shard}));
    EXPECT_EQ(run.status, 1) << shard;
    EXPECT_THAT(run.errors, HasSubstr("--shard")) << shard;
  }
}

TEST_F(SimFleet, ARunThatCouldShowNothingIsAnErrorAndNoSuccess) {
  const testkit::Broker broker;
  const auto night = testkit::run({testkit::program("sudare-sim").string(), "fleet",
                                   "--cloud-broker", broker.url(), "--cars", "2", "--speed", "0",
                                   "--start", "2026-06-01T00:00:00+09:00"});
  EXPECT_EQ(night.status, 1);
  EXPECT_THAT(night.errors, HasSubstr("error: no car drove"));
  const auto expired = testkit::run(fleet(broker, {"--start", "2040-06-01T00:00:00+09:00"}));
  EXPECT_EQ(expired.status, 1);
  EXPECT_THAT(expired.errors, HasSubstr("error: the policy is not valid"));
}

TEST_F(SimFleet, SpeaksMqtt311Too) {
  const testkit::Broker broker(unbounded_queues());
  const auto run = testkit::run(
      fleet(broker, {"--cars", "5", "--speed", "0", "--duration", "120", "--mqtt-version", "3"}));
  EXPECT_EQ(run.status, 0) << run.output << run.errors;
}

}  // namespace
}  // namespace sudare
