// Each drill, small: it passes, and its control fails as it should. `sudare-sim drill all` is run
// once for all of them.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::HasSubstr;

class Drills : public testing::Test {
 protected:
  static std::vector<std::string> call(const std::vector<std::string>& more) {
    const char* source = std::getenv("SUDARE_SOURCE_DIR");
    const std::filesystem::path root(source != nullptr ? source : ".");
    std::vector<std::string> arguments = {testkit::program("sudare-sim").string(),
                                          "drill",
                                          "--programs",
                                          testkit::program("sudare-sim").parent_path().string(),
                                          "--deploy",
                                          (root / "deploy").string(),
                                          "--source",
                                          root.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // With a TMPDIR of its own, so that what it leaves behind is seen.
  static void SetUpTestSuite() {
    const testkit::TemporaryDirectory directory;
    const auto temporary = directory.path() / "tmp";
    std::filesystem::create_directory(temporary);
    testkit::Process run(
        call({"all", "--quick", "--json"}),
        {directory.path() / "out", directory.path() / "err", {{"TMPDIR", temporary.string()}}});
    status_ = run.wait(testkit::patience(seconds(240))).value_or(-1);
    errors_ = run.errors();
    left_behind_ = !std::filesystem::is_empty(temporary);
    const json all = json::parse(run.output(), nullptr, false);
    if (!all.is_object()) return;
    for (const json& report : all.at("drills")) reports_[report.at("name")] = report;
  }

  // The figures of a drill by what they count: nothing for the attacker, something to get, and
  // enough for the control.
  static void expect_right(const std::string& name, std::size_t figures) {
    ASSERT_TRUE(reports_.contains(name)) << status_ << errors_;
    const json& report = reports_.at(name);
    EXPECT_EQ(report.at("off"), json::array());
    EXPECT_EQ(report.at("figures").size(), figures);
    for (const json& figure : report.at("figures")) {
      SCOPED_TRACE(figure.dump());
      EXPECT_GT(figure.at("of"), 0);
      EXPECT_GT(figure.at("control_of"), 0);
      if (figure.at("must") == "nothing") {
        EXPECT_EQ(figure.at("got"), 0);
        EXPECT_GT(figure.at("control"), 0) << "the control fails as it should";
        EXPECT_GE(figure.at("control"), figure.at("control_least"));
      } else {
        EXPECT_EQ(figure.at("got"), figure.at("of"));
        EXPECT_EQ(figure.at("control"), 0);
      }
    }
  }

  static int status_;
  static std::string errors_;
  static bool left_behind_;
  static std::map<std::string, json> reports_;
};

int Drills::status_ = -1;
std::string Drills::errors_;
bool Drills::left_behind_ = true;
std::map<std::string, json> Drills::reports_;

TEST_F(Drills, APublicBucketTellsNothing) { expect_right("public-bucket", 4); }

TEST_F(Drills, ADictionaryAndOnePurposesKeyRecogniseNobody) { expect_right("dictionary", 2); }

TEST_F(Drills, LeakedSourceOpensNothingAndForgesNoMember) { expect_right("leaked-source", 5); }

TEST_F(Drills, AnOutageLosesNothingWithoutATrace) { expect_right("outage", 2); }

TEST_F(Drills, AStolenUnitOpensNothingAndIsNoticed) { expect_right("stolen-unit", 7); }

TEST_F(Drills, AllEndWithoutLeavingAnythingBehind) {
  EXPECT_EQ(status_, 0) << errors_;
  EXPECT_FALSE(left_behind_);
  EXPECT_EQ(reports_.size(), 5U);
}

TEST_F(Drills, WithoutANameTheyAreListed) {
  const auto run = testkit::run(call({}));
  EXPECT_EQ(run.status, 0);
  for (const auto& [name, report] : reports_) EXPECT_THAT(run.output, HasSubstr("  " + name + " "));
  EXPECT_EQ(testkit::run(call({"no-such-drill"})).status, 2);
}

}  // namespace
}  // namespace sudare
