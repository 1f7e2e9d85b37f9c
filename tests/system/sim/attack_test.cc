// `sudare-sim attack` and `sudare policy report` as programs.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/open/identity.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/sanitized.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

// Half a minute on a machine with nothing else to do.
constexpr seconds kLongest = testkit::kSanitized ? seconds(1200) : seconds(240);

class SimAttack : public testing::Test {
 protected:
  using Environment = std::vector<std::pair<std::string, std::string>>;
  std::unique_ptr<testkit::Process> start(const std::vector<std::string>& more,
                                          const Environment& environment = {}) {
    std::vector<std::string> arguments = {testkit::program("sudare-sim").string(), "attack", "-o",
                                          directory_.path() / "attack"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<testkit::Process>(
        arguments,
        testkit::ProcessOptions{directory_.path() / "out", directory_.path() / "err", environment});
  }
  std::string page() const { return testkit::read_file(directory_.path() / "attack/report.html"); }
  json report() const {
    return json::parse(testkit::read_file(directory_.path() / "attack/report.json"));
  }
  static bool any_missed(const json& report) {
    const json& goals = report.at("goals");
    return std::any_of(goals.begin(), goals.end(),
                       [](const json& goal) { return !goal.at("pass").get<bool>(); });
  }
  // One purpose that gets the position in this way.
  std::string policy(const std::string& release) const {
    const std::string key = age::open_side::Identity::generate().recipient().to_string();
    const std::string file = directory_.path() / "fleet.textproto";
    std::ofstream(file) << "language: 1 serial: 1 not_after: \"2099-12-31\"\npurpose { name: "
                        << "\"fleet\" recipient: \"" << key << "\" pseudonym { none {} } "
                        << "consent: OPT_IN ceiling { cell: M1000 } linger_ms: 60000 "
                        << "batch_bytes_max: 4096 keep_hours: 24 }\n"
                        << "source { topic: \"vehicle/position\" codec: PROTOBUF message: "
                        << "\"sudare.vehicle.v1.Position\" time_field: \"time_ms\"\n"
                        << "release { to: \"fleet\" time { bucket_ms: 60000 } " << release
                        << " } }\n";
    return file;
  }
  testkit::TemporaryDirectory directory_;
};

TEST_F(SimAttack, TheShortRunBreaksEveryControlAndReportsWhatItFound) {
  const auto attack = start({"--short"});
  const auto status = attack->wait(kLongest);
  ASSERT_TRUE(status && (*status == 0 || *status == 3)) << attack->output() << attack->errors();
  const json found = report();
  EXPECT_EQ(found.at("controls").size(), 4U);
  for (const json& control : found.at("controls")) EXPECT_TRUE(control.at("broken")) << control;
  EXPECT_EQ(*status == 3, any_missed(found));
  EXPECT_TRUE(found.at("reduced"));
  EXPECT_GT(found.at("curves").size(), 20U);
  EXPECT_FALSE(found.at("maps").empty());
  EXPECT_THAT(attack->output(), HasSubstr("controls broken."));
  EXPECT_THAT(attack->errors(), Not(HasSubstr("\r")));
  EXPECT_THAT(attack->errors(), Not(HasSubstr("consent_changed"))) << "the units' own log";
  EXPECT_THAT(page(), HasSubstr("</html>"));
  EXPECT_THAT(page(), Not(HasSubstr("http://")));
  EXPECT_THAT(page(), Not(HasSubstr("https://")));
}

TEST_F(SimAttack, APolicyThatDropsEverythingMissesTheGoals) {
  const std::string file = policy(
      "field { path: \"latitude_e7\" } field { path: \"longitude_e7\" } "
      "location { cell: M1000 on_move: true } rate { min_interval_ms: 86400000 }");
  const auto attack = start({"--policy", file, "--short"});
  ASSERT_EQ(attack->wait(kLongest), 3) << attack->output() << attack->errors();
  EXPECT_THAT(attack->output(), HasSubstr("MISSED"));
}

TEST_F(SimAttack, APolicyThatGivesNobodyAPositionMissesTheGoalsAndSaysSo) {
  const std::string file = policy("field { path: \"satellites\" }");
  const auto attack = start({"--policy", file, "--short"});
  ASSERT_EQ(attack->wait(kLongest), 3) << attack->output() << attack->errors();
  EXPECT_THAT(attack->output(), HasSubstr("receives no position"));
  EXPECT_THAT(attack->output(), HasSubstr("a service receives positions"));
  EXPECT_THAT(page(), HasSubstr("No position."));
}

TEST_F(SimAttack, AnInterruptLeavesNoReport) {
  const auto attack = start({"--cars", "400", "--networks", "grid", "--no-real"});
  const auto at_work = [&] { return attack->errors().find("control") != std::string::npos; };
  ASSERT_TRUE(testkit::eventually(at_work, testkit::patience(seconds(60)))) << attack->errors();
  attack->signal(SIGINT);
  EXPECT_EQ(attack->wait(testkit::patience(seconds(60))), 1);
  EXPECT_THAT(attack->errors(), HasSubstr("error: stopped"));
  EXPECT_TRUE(fs::is_empty(directory_.path() / "attack"));
}

TEST_F(SimAttack, WhatCannotBeMeasuredIsSaidBeforeTheWork) {
  EXPECT_EQ(start({"--networks", "moon"})->wait(seconds(20)), 2);
  EXPECT_EQ(start({"--cars", "1"})->wait(seconds(20)), 2);
  std::ofstream(directory_.path() / "file") << "no folder";
  EXPECT_EQ(start({"--html", directory_.path() / "file/page.html"})->wait(seconds(20)), 1);
  const auto attack = start({"--purpose", "weather"});
  EXPECT_EQ(attack->wait(seconds(20)), 1);
  EXPECT_THAT(attack->errors(), HasSubstr("no purpose \"weather\""));
}

// Cars that drive a minute from a place of their own.
std::string fcd_of(int cars) {
  std::string text = "<fcd-export>";
  for (int second = 0; second <= 60; second += 5) {
    text += "<timestep time='" + std::to_string(second) + "'>";
    for (int car = 0; car < cars; ++car) {
      text += "<vehicle id='c" + std::to_string(car) + "' x='136." + std::to_string(100 + car) +
              "' y='35.1" + std::to_string(100 + second) + "' speed='10'/>";
    }
    text += "</timestep>";
  }
  return text + "</fcd-export>";
}

TEST_F(SimAttack, TooFewRecordedCarsAreRefusedBeforeTheWork) {
  const std::string file = directory_.path() / "few.xml";
  std::ofstream(file) << fcd_of(19);
  const auto attack = start({"--fcd", file});
  EXPECT_EQ(attack->wait(seconds(20)), 1);
  EXPECT_THAT(attack->errors(), HasSubstr("19 cars with a trip are too few"));
}

TEST_F(SimAttack, RecordedCarsAreMeasuredWithoutAMapOfTheRoads) {
  const std::string file = directory_.path() / "enough.xml";
  std::ofstream(file) << fcd_of(20);
  const auto attack =
      start({"--short", "--cars", "20", "--days", "2", "--messages", "1000", "--fcd", file});
  ASSERT_TRUE(attack->wait(kLongest)) << attack->errors();
  std::size_t of_file = 0;
  const json found = report();
  for (const json& control : found.at("controls")) of_file += control.at("network") == "sumo";
  EXPECT_EQ(of_file, 1U) << "raw: the others take a map";
}

TEST_F(SimAttack, DataSetsThatAreNotHereAreSaidToBeMissing) {
  const auto attack =
      start({"--cars", "20", "--days", "2", "--messages", "1000", "--networks", "grid"},
            {{"SUDARE_FIXTURES", directory_.path() / "nothing"}});
  ASSERT_TRUE(attack->wait(kLongest)) << attack->errors();
  EXPECT_THAT(attack->output(), HasSubstr("its files are not here"));
  const json found = report();
  EXPECT_FALSE(found.at("real_traces").empty());
  for (const json& row : found.at("real_traces")) EXPECT_NE(row.at("not_run"), "") << row;
}

class PolicyReport : public SimAttack {
 protected:
  // `sudare` in a folder of its own, with a simulator beside it that says how it was called.
  fs::path alone(bool with_simulator) {
    const fs::path folder = directory_.path() / "bin";
    fs::create_directories(folder);
    fs::copy_file(testkit::program("sudare"), folder / "sudare",
                  fs::copy_options::overwrite_existing);
    if (with_simulator) {
      std::ofstream(folder / "sudare-sim") << "#!/bin/sh\nprintf '%s ' \"$@\"\nexit 3\n";
      fs::permissions(folder / "sudare-sim", fs::perms::owner_all);
    }
    return folder / "sudare";
  }
};

TEST_F(PolicyReport, ChecksThePolicyFirst) {
  std::ofstream(directory_.path() / "fleet.textproto") << "language: 1\nserial: no\n";
  const auto result =
      testkit::run({alone(true), "policy", "report", directory_.path() / "fleet.textproto"});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.errors, HasSubstr("fleet.textproto:2:9"));
  EXPECT_EQ(result.output, "");
}

TEST_F(PolicyReport, WritesThePageBesideThePolicy) {
  const std::string file = policy("field { path: \"satellites\" }");
  const auto result = testkit::run({alone(true), "policy", "report", file});
  EXPECT_EQ(result.status, 3);
  const std::string stem = file.substr(0, file.rfind('.'));
  EXPECT_EQ(result.output, "attack --policy " + file + " --small --html " + stem +
                               ".report.html --json " + stem + ".report.json ");
}

TEST_F(PolicyReport, SaysThatTheSimulatorIsMissing) {
  const std::string file = policy("field { path: \"satellites\" }");
  const auto result = testkit::run({"env", "PATH=" + (directory_.path() / "none").string(),
                                    alone(false), "policy", "report", file});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("the simulator is not installed"));
  EXPECT_THAT(result.errors, HasSubstr("hint:"));
}

}  // namespace
}  // namespace sudare
