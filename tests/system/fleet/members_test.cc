// `sudare members`, `sudare forget`, and what `open` makes of them.
#include "tests/system/fleet/identity_tool.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// --- members

TEST_F(IdentityTool, OpenTellsMembersFromWhoOnlySaysSo) {
  const std::string ours = batch("a.age", car(), 0, now_ms());
  ProvisionedCar stranger;
  random_bytes(stranger.root.bytes());
  stranger.day = car().day;
  const std::string theirs = batch("b.age", stranger, 0, now_ms());
  EXPECT_EQ(lines(open({ours}).output).at(0)["verified"], "self");
  const std::vector<std::string> lists{"--members", issue_members(), "--authority", authority_};
  const auto with_lists = [&](std::vector<std::string> more) {
    more.insert(more.end(), lists.begin(), lists.end());
    return open(more);
  };
  const auto both = with_lists({ours, theirs});
  EXPECT_EQ(both.status, 0) << both.errors;
  EXPECT_EQ(lines(both.output).at(0)["verified"], "member");
  EXPECT_EQ(lines(both.output).at(2)["verified"], "self");
  EXPECT_EQ(with_lists({ours, "--require", "member"}).status, 0);
  const auto required = with_lists({ours, theirs, "--require", "member"});
  EXPECT_EQ(required.status, 3);
  EXPECT_EQ(lines(required.output).size(), 2U) << "the stranger's are not written";
  EXPECT_THAT(required.errors, HasSubstr("on no member list"));
}

TEST_F(IdentityTool, AListThatCanNotBeTrustedStopsOpen) {
  const std::string ours = batch("a.age", car(), 0, now_ms());
  const std::string list = issue_members();
  const auto refused = [&](const std::string& file, const std::string& key,
                           const std::string& why) {
    const auto done = open({ours, "--members", file, "--authority", key});
    EXPECT_EQ(done.status, 1) << why;
    EXPECT_TRUE(done.output.empty());
    EXPECT_THAT(done.errors, HasSubstr(why));
    EXPECT_THAT(done.errors, HasSubstr("hint: "));
  };
  const auto other = sudare({"key", "new", "--signing", "-o", path("other.key")});
  refused(list, other.output.substr(0, other.output.find('\n')), "not signed by this authority");
  std::string forged = testkit::read_file(list);
  forged[forged.size() - 100] = static_cast<char>(forged[forged.size() - 100] ^ 1);
  refused(write("forged.members", forged), authority_, "signed list");
  refused(issue_members("repair"), authority_, "another purpose's");
  refused(path("no.members"), authority_, "no.members");
  EXPECT_EQ(open({ours, "--members", list}).status, 2);
  EXPECT_EQ(open({ours, "--members", list, "--authority", "age1nonsense"}).status, 2);
  EXPECT_EQ(open({ours, "--require", "member"}).status, 2);
}

TEST_F(IdentityTool, AListOutOfDateIsRefused) {
  const std::string ours = batch("a.age", car(), 0, now_ms());
  const std::string list = issue_members();
  const auto late =
      testkit::run({"env", std::string("LD_PRELOAD=") + SUDARE_FAKETIME, "FAKETIME=+100d",
                    testkit::program("sudare").string(), "open", "-i", path("traffic.key"), ours,
                    "--members", list, "--authority", authority_});
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.errors, HasSubstr("out of date"));
}

TEST_F(IdentityTool, ADirectoryOfListsIsReadForOnesOwnPurpose) {
  const std::string ours = batch("a.age", car(), 0, now_ms());
  issue_members("traffic");
  issue_members("repair");
  const auto done = open({ours, "--members", path("lists"), "--authority", authority_});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_EQ(lines(done.output).at(0)["verified"], "member");
}

// --- forget

TEST_F(IdentityTool, OrdersDropWhatTheyNameLateArrivalsToo) {
  provision("state2", "other", {}, "JTDKB20U793099999");
  const ProvisionedCar named = [&] {
    ProvisionedCar one = car(0);
    return one.identity.vin == kVin ? std::move(one) : car(1);
  }();
  const std::string early = batch("early.age", named, 0, now_ms());
  const std::string late = batch("late.age", named, 2, now_ms());
  const std::string orders = order({"--vin", kVin});
  const auto done = open({early, late, "--forget", orders, "--authority", authority_, "--report",
                          path("report.json")});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_TRUE(done.output.empty());
  EXPECT_THAT(done.errors, HasSubstr("4 records left out"));
  EXPECT_EQ(Json::parse(read("report.json"))["forgotten"], 4);
}

TEST_F(IdentityTool, OrdersOfSomeDaysLeaveTheOthers) {
  const std::string today = batch("today.age", car(), 0, now_ms());
  const std::string tomorrow = batch("tomorrow.age", car(), 2, now_ms() + kMsPerDay);
  const std::string orders = order({"--vin", kVin, "--from", "2001-01-01"});
  const auto done = open({today, tomorrow, "--forget", orders, "--authority", authority_});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_EQ(lines(done.output).size(), 2U);
}

TEST_F(IdentityTool, OpenedOutputIsErasedWhereAnOrderNamesIt) {
  const std::string ours = batch("a.age", car(), 0, now_ms());
  ASSERT_EQ(open({ours, "-o", path("out")}).status, 0);
  const std::string orders = order({"--vin", kVin});
  const auto forged =
      sudare({"forget", "--apply", path("out"), "--forget", orders, "--authority", first_});
  EXPECT_EQ(forged.status, 2);
  const auto done = sudare({"forget", "--apply", path("out"), "--forget", path("orders"),
                            "--authority", authority_, "--json"});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_EQ(Json::parse(done.output)["erased"], 2);
  EXPECT_EQ(read("out/traffic.ndjson"), "");
}

TEST_F(IdentityTool, AnOrderTellsNeitherVinNorHowManyEpochs) {
  const std::string one = testkit::read_file(order({"--vin", kVin, "--from", "2001-01-01"}));
  const std::string many =
      testkit::read_file(order({"--vin", kVin, "--from", "2001-01-01", "--to", "2029-01-01"}));
  EXPECT_THAT(one, Not(HasSubstr(kVin)));
  EXPECT_LE(one.size() > many.size() ? one.size() - many.size() : many.size() - one.size(), 4U)
      << "the header's numbers differ, the entries do not";
}

}  // namespace
}  // namespace sudare::fleet_test
