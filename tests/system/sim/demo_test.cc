// `./dev demo` as a program: every figure right, nothing left behind.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using nlohmann::json;
using std::chrono::seconds;

class SimDemo : public testing::Test {
 protected:
  // With a TMPDIR of its own, so that what it leaves behind is seen.
  std::unique_ptr<testkit::Process> start(const std::vector<std::string>& more) {
    const char* source = std::getenv("SUDARE_SOURCE_DIR");
    std::filesystem::create_directory(temporary());
    std::vector<std::string> arguments = {
        testkit::program("sudare-sim").string(),
        "demo",
        "--json",
        "--programs",
        testkit::program("sudare-sim").parent_path().string(),
        "--deploy",
        (std::filesystem::path(source != nullptr ? source : ".") / "deploy").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<testkit::Process>(
        arguments, testkit::ProcessOptions{directory_.path() / ("out" + std::to_string(++runs_)),
                                           directory_.path() / "err",
                                           {{"TMPDIR", temporary().string()}}});
  }
  std::filesystem::path temporary() const { return directory_.path() / "tmp"; }

  void expect_right(testkit::Process& demo) {
    ASSERT_EQ(demo.wait(testkit::patience(seconds(120))), 0) << demo.output() << demo.errors();
    const json result = json::parse(demo.output());
    EXPECT_TRUE(result.at("off").empty()) << result.at("off");
    EXPECT_EQ(result.at("opened").size(), 6U);
    for (const auto& [purpose, counts] : result.at("opened").items()) {
      EXPECT_GT(counts.at("opened"), 0) << purpose;
    }
    const json& clips = result.at("clips");
    EXPECT_GE(clips.at("made"), 1) << "the registration's event";
    EXPECT_EQ(clips.at("opened"), clips.at("made"));
    EXPECT_GE(clips.at("recorder").at("positions"), 1) << "the control";
    EXPECT_EQ(clips.at("recipient").at("positions"), 0);
    EXPECT_EQ(clips.at("recipient").at("identifiers"), 0);
    EXPECT_EQ(result.at("scans").at("vehicle_broker").at("identifiers"), 12);
    EXPECT_GT(result.at("scans").at("cloud_broker").at("bytes"), 10'000);
    EXPECT_GT(result.at("scans").at("unit").at("bytes"), 10'000);
    EXPECT_TRUE(std::filesystem::is_empty(temporary()));
  }

  testkit::TemporaryDirectory directory_;
  int runs_ = 0;
};

TEST_F(SimDemo, EveryFigureIsRightTwiceInARow) {
  for (int run = 0; run < 2; ++run)
    expect_right(*start({"--seconds", "20", "--seed", std::to_string(7 + run)}));
}

TEST_F(SimDemo, TwelveRealTrips) {
  SUDARE_FIXTURE_OR_SKIP(folder, "trajectories/envirocar");
  std::vector<std::string> arguments = {"--seconds", "20", "--trips"};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.rfind("track_", 0) == 0) arguments.push_back(std::filesystem::absolute(entry.path()));
  }
  ASSERT_EQ(arguments.size(), 15U);
  expect_right(*start(arguments));
}

TEST_F(SimDemo, AnInterruptEndsEverythingItStarted) {
  const auto demo = start({"--seconds", "600"});
  // Until the gateway is at work.
  const auto working = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(temporary())) {
      if (std::filesystem::exists(entry.path() / "truth.ndjson")) return true;
    }
    return false;
  };
  ASSERT_TRUE(testkit::eventually(working, seconds(60))) << demo->errors();
  demo->signal(SIGINT);
  EXPECT_EQ(demo->wait(seconds(30)), 1);
  EXPECT_TRUE(std::filesystem::is_empty(temporary()));
  // Whatever it started has the directory in its arguments.
  const auto left = testkit::run({"pgrep", "-f", temporary().string() + "/sudare-demo"});
  EXPECT_EQ(left.output, "");
}

}  // namespace
}  // namespace sudare
