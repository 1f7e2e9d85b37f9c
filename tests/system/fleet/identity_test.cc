// The relink authority and a recipient, with the real `sudare`: relink, members, forget, and what
// `open` makes of them.
#include <sys/stat.h>

#include "crypto/identity/signed_batch.h"
#include "crypto/seal/seal.h"
#include "fleet/authority/provisioned_cars.h"
#include "fleet/cli/keys.h"
#include "sudare/v1/batch.pb.h"
#include "tests/system/fleet/tool.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kVin = "JTDKB20U793012345";
constexpr const char* kFrame = "ZVW30-1234567";
constexpr std::uint16_t kRotation = 28;

// Two authorities, a signing key, a recipient of "traffic", and cars that were provisioned.
class IdentityTool : public ToolTest {
 protected:
  void SetUp() override {
    first_ = key("first.key", "relink");
    second_ = key("second.key", "relink");
    key("traffic.key", "traffic");
    const auto signing = sudare({"key", "new", "--signing", "-o", path("signing.key")});
    ASSERT_EQ(signing.status, 0) << signing.errors;
    authority_ = signing.output.substr(0, signing.output.find('\n'));
    std::filesystem::create_directories(path("records"));
    provision("state", "car", {});
  }
  void provision(const std::string& state, const std::string& record,
                 const std::vector<std::string>& more, const std::string& vin = kVin) {
    const std::string identity = write("id.json", R"({"vin": ")" + vin + R"(", "frame_number": ")" +
                                                      (vin == kVin ? kFrame : "") + "\"}");
    std::vector<std::string> call{"provision",
                                  "--state",
                                  path(state),
                                  "--identity",
                                  identity,
                                  "-o",
                                  path("records/" + record),
                                  "--relink-recipient",
                                  first_,
                                  "--relink-recipient",
                                  second_};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = sudare(call);
    ASSERT_EQ(done.status, 0) << done.errors;
  }
  // A call of the authority's, with its keys.
  testkit::RunResult authority(const std::string& call, const std::vector<std::string>& more,
                               const std::vector<std::string>& keys = {"first.key", "second.key"}) {
    std::vector<std::string> all{call, path("records"), "--log", path("log"), "--reason", "case 7"};
    for (const std::string& name : keys) all.insert(all.end(), {"-i", path(name)});
    all.insert(all.end(), more.begin(), more.end());
    return sudare(all);
  }
  // In "traffic" with 28 days, as JSON lines.
  std::vector<Json> relinked(const std::vector<std::string>& more) {
    std::vector<std::string> call{"--purpose", "traffic", "--rotate-days", "28", "--json"};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = authority("relink", call);
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output);
  }
  // The car of the `number`th record, as its authority sees it.
  ProvisionedCar car(std::size_t number = 0) {
    std::vector<age::open_side::Identity> identities;
    for (const char* name : {"first.key", "second.key"}) {
      auto keys = cli::read_keys(path(name));
      identities.push_back(std::move(keys->identities[0]));
    }
    std::vector<ProvisionedCar> cars;
    EXPECT_TRUE(
        for_each_car({{path("records")}, {}}, identities, [&](ProvisionedCar& one) -> Status {
          cars.push_back(std::move(one));
          return Done{};
        }));
    std::sort(cars.begin(), cars.end(),
              [](const auto& a, const auto& b) { return a.transfers < b.transfers; });
    return std::move(cars.at(number));
  }
  // A batch of this car's, as the car would send it today.
  std::string batch(const std::string& name, const ProvisionedCar& car, std::uint64_t first,
                    std::int64_t time_ms) {
    const std::uint32_t epoch = epoch_of_day(kRotation, car.day);
    const auto chain = chain_start(car.root, kRotation);
    const auto key = epoch_key(*chain, "traffic", kRotation, epoch);
    const auto recipient = cli::read_keys(path("traffic.key"))->identities[0].recipient();
    v1::Batch made;
    made.set_purpose("traffic");
    made.set_pseudonym(std::string(text_of(key->pseudonym)));
    made.set_epoch_days(kRotation);
    made.set_epoch(epoch);
    std::array<std::uint8_t, 16> id{};
    random_bytes(id);
    made.set_batch_id(std::string(text_of(id)));
    made.add_recipient_key_ids(std::string(text_of(recipient.key_id())));
    made.set_first_record(first);
    made.set_record_count(2);
    for (int i = 0; i < 2; ++i) {
      v1::Record& record = *made.add_records();
      record.set_topic("t");
      record.set_time_ms(time_ms);
      record.set_codec(v1::Record::JSON);
      record.set_payload("{}");
    }
    std::string compressed;
    EXPECT_TRUE(compress_batch(bytes_of(made.SerializeAsString()), compressed));
    const BatchProof proof{key->public_key, *sign_batch(*key, "traffic", bytes_of(compressed))};
    std::string plaintext;
    EXPECT_TRUE(write_signed_batch(bytes_of(compressed), proof,
                                   signed_batch_bytes(compressed.size(), true), plaintext));
    std::string file;
    EXPECT_TRUE(age::seal({&recipient, 1}, bytes_of(plaintext), file));
    return write(name, file);
  }
  testkit::RunResult open(const std::vector<std::string>& more) {
    std::vector<std::string> call{"open", "-i", path("traffic.key")};
    call.insert(call.end(), more.begin(), more.end());
    return sudare(call);
  }
  std::string issue_members(const std::string& purpose = "traffic") {
    const auto done =
        authority("members", {"--purpose", purpose, "--rotate-days", "28", "--signing-key",
                              path("signing.key"), "-o", path("lists"), "--json"});
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output).at(0)["file"];
  }
  std::string order(const std::vector<std::string>& more) {
    std::vector<std::string> call{"--purpose", "traffic",       "--rotate-days",
                                  "28",        "--signing-key", path("signing.key"),
                                  "-o",        path("orders"),  "--json"};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = authority("forget", call);
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output).at(0)["file"];
  }
  static std::int64_t now_ms() { return SystemClock().wall_ms(); }

  std::string first_;
  std::string second_;
  std::string authority_;
};

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
