// `sudare-sim vehicle` and `replay` as programs, against a real broker.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/clips/make_clip.h"
#include "sim/truth.h"
#include "sudare/vehicle/v1/drive_recorder.pb.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class SimCar : public testing::Test {
 protected:
  testkit::RunResult run_sim(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), testkit::program("sudare-sim").string());
    return testkit::run(arguments);
  }
  std::vector<std::string> vehicle(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"vehicle", "--local-broker", broker_.url()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string file(const std::string& name) const { return directory_.path() / name; }

  testkit::Broker broker_;
  testkit::TemporaryDirectory directory_;
};

TEST_F(SimCar, EveryMessageIsAcknowledgedAndInTheTruth) {
  const auto run =
      run_sim(vehicle({"--speed", "0", "--count", "3000", "--truth", file("t"), "--json"}));
  ASSERT_EQ(run.status, 0) << run.errors;
  const json summary = json::parse(run.output);
  EXPECT_EQ(summary.at("sent"), 3000);
  EXPECT_EQ(summary.at("acknowledged"), 3000);
  const auto truth = sim::read_truth(file("t"));
  ASSERT_TRUE(truth) << truth.error().to_string();
  ASSERT_EQ(truth->messages.size(), 3000U);
  for (const auto& message : truth->messages) EXPECT_TRUE(message.acknowledged);
  EXPECT_EQ(truth->planted.size(), 12U);
  EXPECT_EQ(truth->places.size(), 2U);
}

TEST_F(SimCar, DriveRecorderEventsComeWithTheirClips) {
  for (const char* const kind : {"mp4", "ts", "avi"}) {
    const fs::path recorder = directory_.path() / kind;
    fs::create_directory(recorder);
    const auto run = run_sim(vehicle({"--speed", "0", "--count", "60", "--truth", file("t"),
                                      "--clips", recorder, "--clip-format", kind}));
    ASSERT_EQ(run.status, 0) << run.errors;
    vehicle::v1::DriveRecorderEvent event;
    const auto truth = sim::read_truth(file("t"));
    ASSERT_TRUE(truth);
    for (const auto& message : truth->messages) {
      if (message.topic == "vehicle/drive-recorder/event") event.ParseFromString(message.payload);
    }
    ASSERT_TRUE(fs::exists(recorder / event.clip_file())) << run.errors;
    const std::string clip = testkit::read_file(recorder / event.clip_file());
    const std::string position =
        sim::iso_6709({event.latitude_e7() / 1e7, event.longitude_e7() / 1e7});
    EXPECT_GT(clip.size(), 100'000U);
    EXPECT_NE(clip.find(position), std::string::npos) << kind << ": what must not leave is in it";
  }
}

TEST_F(SimCar, WithoutFfmpegAClipIsAnErrorAndTheMessagesGoOut) {
  auto arguments = vehicle({"--speed", "0", "--count", "60", "--clips", directory_.path()});
  arguments.insert(arguments.begin(),
                   {"/usr/bin/env", "PATH=/nonexistent", testkit::program("sudare-sim").string()});
  const auto run = testkit::run(arguments);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.errors, testing::HasSubstr("apt-get install ffmpeg"));
  EXPECT_THAT(run.output, testing::HasSubstr("60 acknowledged"));
}

TEST_F(SimCar, SameSeedAndStartGiveTheSameMessages) {
  const std::vector<std::string> same = {
      "--speed", "0", "--count", "500", "--start", "2026-11-20T00:00:00+09:00", "--truth"};
  for (const char* name : {"a", "b"}) {
    auto arguments = vehicle(same);
    arguments.push_back(file(name));
    ASSERT_EQ(run_sim(arguments).status, 0);
  }
  const auto a = sim::read_truth(file("a"));
  const auto b = sim::read_truth(file("b"));
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->messages.size(), b->messages.size());
  for (std::size_t i = 0; i < a->messages.size(); ++i) {
    ASSERT_EQ(a->messages[i].payload, b->messages[i].payload) << i;
    ASSERT_EQ(a->messages[i].time_ms, b->messages[i].time_ms) << i;
  }
}

TEST_F(SimCar, WithADurationNoTimeLiesInTheFuture) {
  const auto before = std::chrono::system_clock::now();
  ASSERT_EQ(run_sim(vehicle({"--speed", "0", "--duration", "3600", "--truth", file("t")})).status,
            0);
  const auto truth = sim::read_truth(file("t"));
  ASSERT_TRUE(truth);
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  ASSERT_GE(std::chrono::system_clock::now(), before);
  for (const auto& message : truth->messages) EXPECT_LE(message.time_ms, now_ms);
}

TEST_F(SimCar, ASignalEndsARunInOrder) {
  testkit::Process process({testkit::program("sudare-sim").string(), "vehicle", "--local-broker",
                            broker_.url(), "--rate", "200", "--truth", file("t"), "--json"},
                           {file("out"), file("err"), {}});
  ASSERT_TRUE(testkit::eventually(
      [&] { return testkit::read_file(file("t")).find("\"acknowledged\"") != std::string::npos; }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(std::chrono::seconds(15)), 0);
  const json summary = json::parse(process.output());
  EXPECT_TRUE(summary.at("stopped"));
  EXPECT_EQ(summary.at("sent"), summary.at("acknowledged"));
}

TEST_F(SimCar, ABrokerThatIsAwayForAWhileLosesNothing) {
  testkit::Process process(
      {testkit::program("sudare-sim").string(), "vehicle", "--local-broker", broker_.url(),
       "--rate", "400", "--count", "2000", "--truth", file("t"), "--json"},
      {file("out"), file("err"), {}});
  ASSERT_TRUE(testkit::eventually(
      [&] { return testkit::read_file(file("t")).find("\"acknowledged\"") != std::string::npos; }));
  broker_.kill();
  broker_.start();
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 0) << process.errors();
  const json summary = json::parse(process.output());
  EXPECT_EQ(summary.at("acknowledged"), 2000);
  EXPECT_GE(summary.at("reconnects"), 1);
}

TEST_F(SimCar, MistakesAreExplained) {
  const auto password = run_sim({"vehicle", "--local-broker", "mqtt://u:secret@127.0.0.1:1883"});
  EXPECT_EQ(password.status, 1);
  EXPECT_THAT(password.errors, HasSubstr("no user or password in it"));
  EXPECT_THAT(password.errors, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(run_sim({"vehicle"}).status, 2);
  EXPECT_EQ(run_sim({"vehicle", "--local-broker", broker_.url(), "--qos", "2"}).status, 2);
  EXPECT_THAT(run_sim(vehicle({"--start", "soon"})).errors, HasSubstr("--start: no time"));
  EXPECT_THAT(run_sim(vehicle({"--consent", "a,B"})).errors, HasSubstr("no name of a purpose"));
  EXPECT_THAT(run_sim(vehicle({"--profile", file("none")})).errors, HasSubstr("No such file"));
  EXPECT_THAT(run_sim(vehicle({"--truth", "/nowhere/t"})).errors, HasSubstr("error: /nowhere/t:"));
  EXPECT_THAT(run_sim({"vehicle", "--local-broker", "mqtts://127.0.0.1:1"}).errors,
              HasSubstr("--ca"));
}

TEST_F(SimCar, ReplayPublishesACsvTrip) {
  std::ofstream(file("trip.csv")) << "time,lat,lon\n1582890859,51.1,7.1\n1582890869,51.101,7.1\n";
  const auto run =
      run_sim({"replay", "--local-broker", broker_.url(), "--speed", "0", "--keep-time",
               "--consent", "none", "--truth", file("t"), file("trip.csv")});
  ASSERT_EQ(run.status, 0) << run.errors;
  const auto truth = sim::read_truth(file("t"));
  ASSERT_TRUE(truth);
  std::vector<std::int64_t> times;
  for (const auto& message : truth->messages) {
    EXPECT_FALSE(message.retained);
    if (message.topic != "vehicle/position") continue;
    times.push_back(message.time_ms);
    if (times.size() == 1) {
      EXPECT_EQ(message.positions.at(0).latitude, 511'000'000);
    }
  }
  ASSERT_GE(times.size(), 2U);
  EXPECT_EQ(times[0], 1'582'890'859'000);
  EXPECT_EQ(times[1], 1'582'890'869'000);
}

}  // namespace
}  // namespace sudare
