// The services' sandboxes, as systemd itself judges them: a directive that is lost shows here.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

// Of systemd-analyze's --threshold: 1.1 of 10.
constexpr const char* kThreshold = "--threshold=11";

class UnitFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (testkit::find_command("systemd-analyze").empty()) SUDARE_NOT_RUN("systemd");
    const char* const source = std::getenv("SUDARE_SOURCE_DIR");
    shipped_ = fs::path(source == nullptr ? "." : source) / "deploy/systemd";
  }
  void write(const std::string& name, const std::string& text) const {
    const fs::path file = directory_.path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  testkit::RunResult judge(const std::string& unit) const {
    return testkit::run({"env", "SYSTEMD_UNIT_PATH=" + directory_.path().string() + ":",
                         "systemd-analyze", "security", "--offline=true", "--no-pager", kThreshold,
                         (directory_.path() / unit).string()});
  }
  // What is not restricted, by the names of systemd-analyze(1).
  static std::set<std::string> open_in(const std::string& table) {
    const std::regex expression("✗ (\\S+)");
    std::set<std::string> names;
    for (std::sregex_iterator at(table.begin(), table.end(), expression), end; at != end; ++at) {
      names.insert((*at)[1]);
    }
    return names;
  }

  testkit::TemporaryDirectory directory_;
  fs::path shipped_;
};

// They talk over the network and over Unix sockets; the gateway to a cloud whose address nobody
// knows here.
const std::set<std::string> kOpen = {"RootDirectory=/RootImage=",
                                     "RestrictAddressFamilies=~AF_UNIX",
                                     "RestrictAddressFamilies=~AF_(INET|INET6)",
                                     "PrivateNetwork=",
                                     "DeviceAllow=",
                                     "IPAddressDeny="};

TEST_F(UnitFiles, OfAServiceWithoutDirectivesTheyAreNotSaid) {
  write("sudare-gateway.service", "[Service]\nExecStart=/usr/sbin/sudare-gateway\n");
  const auto judged = judge("sudare-gateway.service");
  EXPECT_NE(judged.status, 0);
  EXPECT_EQ(open_in(judged.output).count("NoNewPrivileges="), 1U) << judged.output;
}

TEST_F(UnitFiles, TheGatewaysServiceHasAnExposureOf11AndNoMoreIsOpen) {
  write("sudare-gateway.service", testkit::read_file(shipped_ / "sudare-gateway.service"));
  const auto judged = judge("sudare-gateway.service");
  EXPECT_EQ(judged.status, 0) << judged.output << judged.errors;
  EXPECT_EQ(open_in(judged.output), kOpen);
}

// Above what Debian's own unit says.
TEST_F(UnitFiles, TheBrokersDropInHasAnExposureOfLessAndNoMoreIsOpen) {
  write("mosquitto.service", "[Service]\nType=notify\nExecStart=/usr/sbin/mosquitto\n");
  write("mosquitto.service.d/sudare.conf",
        testkit::read_file(shipped_ / "mosquitto.service.d/sudare.conf"));
  const auto judged = judge("mosquitto.service");
  EXPECT_EQ(judged.status, 0) << judged.output << judged.errors;
  EXPECT_EQ(open_in(judged.output), kOpen);
  EXPECT_THAT(judged.output, testing::HasSubstr("with only localhost entries"));
}

}  // namespace
}  // namespace sudare
