// `sudare provision --cars` and `--erase`, as a factory line and a workshop call them.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/system/fleet/tool.h"
#include "tests/testkit/process.h"

namespace sudare::fleet_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCars =
    "unit,vin,frame_number,terminal_number\n"
    "slot-1,JTDKB20U793012345,,08012345678\n"
    "slot-2,,ZVW30-1234567,\n";

class ProvisionCars : public ToolTest {
 protected:
  void SetUp() override { recipient_ = key("relink.key", "relink"); }
  testkit::RunResult make(const std::string& cars, const std::vector<std::string>& more = {}) {
    std::vector<std::string> call{"provision", "--cars",    write("cars.csv", cars),
                                  "--output",  path("out"), "--relink-recipient",
                                  recipient_};
    call.insert(call.end(), more.begin(), more.end());
    return sudare(call);
  }

  std::string recipient_;
};

TEST_F(ProvisionCars, OptionsOfTwoModesAreAUsageError) {
  EXPECT_EQ(make(kCars, {"--state", path("state")}).status, 2);
  EXPECT_EQ(make(kCars, {"--transfer"}).status, 2);
  EXPECT_EQ(make(kCars, {"--erase"}).status, 2);
  EXPECT_EQ(sudare({"provision", "--erase"}).status, 2);
  EXPECT_EQ(sudare({"provision", "--cars", write("c", kCars), "--output", path("out")}).status, 2);
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(ProvisionCars, ErrorsNameTheLineAndNeverTheValue) {
  const auto done = make(std::string(kCars) +
                         "slot-3,JTDKB20U7930123,,\n"
                         "WVWZZZ1KZAW000123,WVWZZZ1KZAW000123,,\n"
                         "slot-5,JTDKB20U793012345,,\n"
                         "\"slot-6,,,\n");
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.errors, HasSubstr("cars.csv:4: what stands for the VIN is none"));
  EXPECT_THAT(done.errors, HasSubstr("cars.csv:5: the unit's name holds a number of the car"));
  EXPECT_THAT(
      done.errors,
      HasSubstr("cars.csv:6: the same car as under another unit's name (refused)\nhint: line "));
  EXPECT_THAT(done.errors, HasSubstr("cars.csv:7: CSV: a quote is not closed"));
  for (const char* value : {"JTDKB20U793", "WVWZZZ1KZAW", "08012345678", "ZVW30"}) {
    EXPECT_THAT(done.errors + done.output, Not(HasSubstr(value)));
  }
  EXPECT_THAT(done.output, HasSubstr("2 made, 0 there already, 4 failed"));
  EXPECT_TRUE(fs::exists(path("out/slot-1/state/outbox.db")));
  EXPECT_FALSE(fs::exists(path("out/slot-5")));
}

TEST_F(ProvisionCars, AHeaderThatIsNoneMakesNothing) {
  for (const std::string text : {"", "slot-1,JTDKB20U793012345\n"}) {
    const auto done = make(text);
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.errors, HasSubstr("cars.csv"));
  }
  EXPECT_FALSE(fs::exists(path("out/slot-1")));
}

TEST_F(ProvisionCars, TheSameListAgainIsFine) {
  EXPECT_EQ(make(kCars).status, 0);
  const std::string before = read("out/slot-1/sealed");
  const auto again = make(std::string(kCars) + "slot-3,WVWZZZ1KZAW000123,,\r\n", {"--json"});
  EXPECT_EQ(again.status, 0) << again.errors;
  const auto said = lines(again.output);
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0]["state"], "present");
  EXPECT_EQ(said[0]["unit"], "slot-1");
  EXPECT_EQ(said[2]["state"], "made");
  EXPECT_EQ(said[2]["line"], 4);
  EXPECT_EQ(read("out/slot-1/sealed"), before);
  EXPECT_THAT(again.errors, Not(HasSubstr("there already"))) << "progress in a pipe";
}

TEST_F(ProvisionCars, WhatItMakesIsForItsOwnerAlone) {
  ASSERT_EQ(make(kCars).status, 0);
  for (const auto& entry : fs::recursive_directory_iterator(path("out"))) {
    struct stat status {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077U, 0U) << entry.path();
  }
}

// The relink authority finds the car by what the line has sealed.
TEST_F(ProvisionCars, TheAuthorityFindsTheCar) {
  ASSERT_EQ(make(kCars).status, 0);
  const auto shown =
      testkit::run({"age", "-d", "-i", path("relink.key"), path("out/slot-2/sealed")});
  EXPECT_EQ(shown.status, 0) << shown.errors;
  EXPECT_THAT(shown.output, HasSubstr("ZVW30-1234567"));
}

// Cars come one by one; what has come is made, and a signal ends it.
TEST_F(ProvisionCars, AListThatGoesOnIsMadeAsItComes) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  testkit::Process process({testkit::program("sudare"), "provision", "--cars", pipe, "--output",
                            path("out"), "--relink-recipient", recipient_, "--json"},
                           {path("said"), path("errors"), {}});
  const int writer = open(pipe.c_str(), O_WRONLY);
  ASSERT_GE(writer, 0);
  const std::string text = kCars;
  ASSERT_EQ(::write(writer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  EXPECT_TRUE(testkit::eventually([&] { return lines(read("said")).size() == 2; }));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(std::chrono::seconds(20)), 1);
  close(writer);
  EXPECT_THAT(read("errors"), HasSubstr("stopped"));
  EXPECT_TRUE(fs::is_empty(path("out/.making")));
  EXPECT_EQ(make(kCars).status, 0);
}

TEST_F(ProvisionCars, AnErasedUnitIsNone) {
  ASSERT_EQ(make(kCars).status, 0);
  const std::string state = path("out/slot-1/state");
  write("out/slot-1/state/notes", "mine");
  const auto erased = sudare({"provision", "--erase", "--state", state});
  EXPECT_EQ(erased.status, 0) << erased.errors;
  EXPECT_THAT(erased.output, HasSubstr("flash chip"));
  EXPECT_THAT(erased.errors, HasSubstr("notes: not written by Sudare, left"));
  EXPECT_FALSE(fs::exists(state + "/outbox.db"));
  fs::remove(state + "/notes");
  const Json again =
      Json::parse(sudare({"provision", "--erase", "--state", state, "--json"}).output);
  EXPECT_EQ(again["removed"], 0);
}

TEST_F(ProvisionCars, WhatIsNoUnitIsNotErased) {
  fs::create_directory(path("out"));
  write("out/policy.last-valid", "mine");
  for (const char* name : {"out", "nowhere"}) {
    const auto erased = sudare({"provision", "--erase", "--state", path(name)});
    EXPECT_EQ(erased.status, 1) << name;
    EXPECT_THAT(erased.errors, HasSubstr("hint: ")) << name;
  }
  EXPECT_EQ(read("out/policy.last-valid"), "mine");
}

}  // namespace
}  // namespace sudare::fleet_test
