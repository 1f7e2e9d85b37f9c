// `sudare relink` and its log.
#include "tests/system/fleet/identity_tool.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// --- relink

TEST_F(IdentityTool, OneAuthoritysKeyGivesNothing) {
  for (const char* alone : {"first.key", "second.key"}) {
    const auto done = authority("relink", {"--vin", kVin, "--purpose", "traffic"}, {alone});
    EXPECT_EQ(done.status, 1);
    EXPECT_TRUE(done.output.empty());
    EXPECT_THAT(done.errors, HasSubstr("without their other half"));
    const auto issued = authority(
        "members", {"--purpose", "traffic", "--signing-key", path("signing.key"), "-o", path("m")},
        {alone});
    EXPECT_EQ(issued.status, 1);
  }
}

TEST_F(IdentityTool, BothGiveThePseudonymThatTheCarUses) {
  const std::vector<Json> out = relinked({"--vin", kVin});
  ASSERT_EQ(out.size(), 1U);
  const auto opened = open({batch("b.age", car(), 0, now_ms())});
  EXPECT_EQ(lines(opened.output).at(0)["pseudonym"], out[0]["pseudonym"]);
}

TEST_F(IdentityTool, FramesAreFoundInAnyForm) {
  const auto by_vin = relinked({"--vin", kVin});
  for (const char* form :
       {"ＺＶＷ３０－１２３４５６７", "zvw30 1234567", "Z V W 3 0 - 1 2 3 4 5 6 7"}) {
    EXPECT_EQ(relinked({"--frame", form}), by_vin) << form;
  }
  const auto unknown = authority("relink", {"--frame", "ZVW30-7654321", "--purpose", "traffic"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("no such car"));
  EXPECT_THAT(unknown.errors, Not(HasSubstr("7654321")));
}

TEST_F(IdentityTool, AVinNeedNotBeInTheProcessList) {
  const auto done = piped(std::string(kVin) + "\n",
                          {"relink", path("records"), "-i", path("first.key"), "-i",
                           path("second.key"), "--log", path("log"), "--reason", "case 7",
                           "--purpose", "traffic", "--rotate-days", "28", "--json", "--vin", "-"});
  EXPECT_EQ(lines(done.output), relinked({"--vin", kVin}));
}

TEST_F(IdentityTool, APseudonymLeadsBackToTheCar) {
  const std::string pseudonym = relinked({"--vin", kVin}).at(0)["pseudonym"];
  const std::vector<Json> out = relinked({"--pseudonym", pseudonym});
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0]["vin"], kVin);
  const auto none = authority("relink", {"--pseudonym", std::string(32, 'a'), "--purpose",
                                         "traffic", "--rotate-days", "28"});
  EXPECT_EQ(none.status, 1);
}

TEST_F(IdentityTool, DaysBoundTheAnswer) {
  EXPECT_EQ(relinked({"--vin", kVin, "--to", "2099-12-31"}).size(),
            static_cast<std::size_t>(epoch_of_day(kRotation, 47'481) -
                                     epoch_of_day(kRotation, now_ms() / kMsPerDay) + 1));
  const auto before =
      authority("relink", {"--vin", kVin, "--purpose", "traffic", "--to", "2001-01-01"});
  EXPECT_EQ(before.status, 1);
  EXPECT_EQ(
      authority("relink", {"--vin", kVin, "--purpose", "traffic", "--to", "2001-02-30"}).status, 1);
}

TEST_F(IdentityTool, AFormerOwnerIsNotToldOfThePresentOne) {
  provision("state", "car2", {"--transfer"});
  const auto asked =
      authority("relink", {"--vin", kVin, "--purpose", "traffic", "--rotate-days", "28"});
  EXPECT_EQ(asked.status, 1);
  EXPECT_TRUE(asked.output.empty());
  EXPECT_THAT(asked.errors, HasSubstr("--provisioning"));
  const auto former = relinked({"--vin", kVin, "--provisioning", "1"});
  const auto present = relinked({"--vin", kVin, "--provisioning", "2"});
  EXPECT_NE(former.at(0)["pseudonym"], present.at(0)["pseudonym"]);
  EXPECT_EQ(relinked({"--vin", kVin, "--all-provisionings"}).size(), 2U);
}

TEST_F(IdentityTool, IncompleteRecordsAreAFinding) {
  write("records/zz", "no record");
  const auto done =
      authority("relink", {"--vin", kVin, "--purpose", "traffic", "--rotate-days", "28"});
  EXPECT_EQ(done.status, 3);
  EXPECT_FALSE(done.output.empty());
  EXPECT_THAT(done.errors, HasSubstr("records/zz"));
}

TEST_F(IdentityTool, WhatIsMissingIsUsage) {
  EXPECT_EQ(sudare({"relink", "--vin", kVin}).status, 2);
  EXPECT_EQ(authority("relink", {"--purpose", "traffic"}).status, 2);
  EXPECT_EQ(authority("relink", {"--vin", kVin}).status, 2);
  EXPECT_EQ(authority("forget", {"--vin", kVin, "--purpose", "traffic"}).status, 2);
  EXPECT_EQ(
      authority("relink", {"--vin", kVin, "--purpose", "traffic", "--rotate-days", "5"}).status, 2);
  const auto named =
      sudare({"relink", path("records"), "-i", path("first.key"), "--log", path("log"), "--purpose",
              "traffic", "--vin", kVin, "--reason", "asked by taro@example.com"});
  EXPECT_EQ(named.status, 2);
  EXPECT_THAT(named.errors, HasSubstr("--reason"));
  EXPECT_FALSE(std::filesystem::exists(path("log")));
  for (const char* call : {"relink", "members", "forget", "open", "provision"}) {
    EXPECT_EQ(sudare({call, "--help"}).status, 0) << call;
  }
}

// --- the log

TEST_F(IdentityTool, EveryUseIsLoggedWithoutTheName) {
  relinked({"--vin", kVin});
  issue_members();
  order({"--vin", kVin});
  EXPECT_THAT(read("log"), Not(HasSubstr(kVin)));
  EXPECT_THAT(read("log"), HasSubstr("case 7"));
  const std::vector<Json> entries = lines(read("log"));
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0]["asked"], entries[2]["asked"]);
  const auto verified = sudare({"relink", "--verify-log", path("log"), "-i", path("first.key"),
                                "-i", path("second.key"), "--json"});
  EXPECT_EQ(verified.status, 0) << verified.errors;
  EXPECT_EQ(Json::parse(verified.output)["entries"], 3);
}

TEST_F(IdentityTool, AChangedOrCutLogIsAFindingAndStopsFurtherUse) {
  relinked({"--vin", kVin});
  relinked({"--vin", kVin});
  const std::string good = read("log");
  write("log", good.substr(0, good.find('\n') + 1));
  EXPECT_EQ(sudare({"relink", "--verify-log", path("log")}).status, 3);
  const auto use = authority("relink", {"--vin", kVin, "--purpose", "traffic"});
  EXPECT_EQ(use.status, 1);
  EXPECT_TRUE(use.output.empty());
  std::string edited = good;
  edited.replace(edited.find("case 7"), 6, "case 8");
  write("log", edited);
  EXPECT_EQ(sudare({"relink", "--verify-log", path("log")}).status, 3);
  write("log", good);
  EXPECT_EQ(sudare({"relink", "--verify-log", path("log")}).status, 0);
}

TEST_F(IdentityTool, WhatCanNotBeLoggedIsNotAnswered) {
  const auto done = sudare({"relink", path("records"), "-i", path("first.key"), "-i",
                            path("second.key"), "--purpose", "traffic", "--vin", kVin, "--reason",
                            "case 7", "--log", path("no/such/log")});
  EXPECT_EQ(done.status, 1);
  EXPECT_TRUE(done.output.empty());
}

}  // namespace
}  // namespace sudare::fleet_test
