// `sudare key` and `sudare provision`.
#include <sys/stat.h>

#include "sudare/v1/provisioning.pb.h"
#include "tests/system/fleet/tool.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class KeyTool : public ToolTest {};

TEST_F(KeyTool, NewKeyIsForItsOwnerAloneAndIsNeverOverwritten) {
  const std::string recipient = key("a.key", "traffic");
  EXPECT_THAT(recipient, StartsWith("age1"));
  struct stat status {};
  ASSERT_EQ(stat(path("a.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string before = read("a.key");
  const auto again = sudare({"key", "new", "-o", path("a.key")});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, HasSubstr("never overwritten"));
  EXPECT_EQ(read("a.key"), before);
}

TEST_F(KeyTool, PublicKeyIsTheOneThatWasPrinted) {
  const std::string recipient = key("a.key", "traffic");
  EXPECT_EQ(sudare({"key", "public", path("a.key")}).output, recipient + "\n");
  const Json json = Json::parse(sudare({"key", "public", path("a.key"), "--json"}).output);
  EXPECT_EQ(json["recipient"], recipient);
  EXPECT_EQ(json["purpose"], "traffic");
  EXPECT_EQ(json["key_id"].get<std::string>().size(), 16U);
}

TEST_F(KeyTool, AgeReadsTheKeyFile) {
  const std::string recipient = key("a.key", "traffic");
  const auto judged = testkit::run({"age-keygen", "-y", path("a.key")});
  EXPECT_EQ(judged.output, recipient + "\n");
}

TEST_F(KeyTool, SaysWhatIsNoKeyFile) {
  write("no.key", "hello\n");
  const auto shown = sudare({"key", "public", path("no.key")});
  EXPECT_EQ(shown.status, 1);
  EXPECT_THAT(shown.errors, HasSubstr("no.key"));
  EXPECT_THAT(shown.errors, HasSubstr("hint: "));
  EXPECT_EQ(sudare({"key", "public", path("missing.key")}).status, 1);
  EXPECT_EQ(sudare({"key", "new", "-o", path("b.key"), "--purpose", "Not A Name"}).status, 1);
}

class ProvisionTool : public ToolTest {
 protected:
  static constexpr const char* kIdentity =
      R"({"vin": "JTDKB20U793012345", "frame_number": "ZVW30-1234567"})";

  testkit::RunResult provision(const std::vector<std::string>& recipients,
                               const std::string& output) {
    std::vector<std::string> arguments{
        "provision", "--state",   path("state"), "--identity", write("id.json", kIdentity),
        "-o",        path(output)};
    for (const std::string& recipient : recipients) {
      arguments.insert(arguments.end(), {"--relink-recipient", recipient});
    }
    return sudare(arguments);
  }
  // With Debian's age.
  v1::ProvisioningShare opened(const std::string& file, const std::string& key_file) {
    const auto age = testkit::run({"age", "-d", "-i", path(key_file), path(file)});
    EXPECT_EQ(age.status, 0) << age.errors;
    v1::ProvisioningShare share;
    EXPECT_TRUE(share.ParseFromString(age.output));
    return share;
  }
};

TEST_F(ProvisionTool, OneAuthorityGetsTheRecord) {
  const std::string authority = key("relink.key", "relink");
  const auto done = provision({authority}, "car.age");
  ASSERT_EQ(done.status, 0) << done.errors;
  const v1::ProvisioningShare share = opened("car.age", "relink.key");
  EXPECT_EQ(share.count(), 1U);
  v1::Provisioning record;
  ASSERT_TRUE(record.ParseFromString(share.bytes()));
  EXPECT_EQ(record.vin(), "JTDKB20U793012345");
  EXPECT_EQ(record.root().size(), 32U);
}

TEST_F(ProvisionTool, TwoAuthoritiesAreNeededTogether) {
  const std::string first = key("one.key", "one");
  const std::string second = key("two.key", "two");
  ASSERT_EQ(provision({first, second}, "car.age").status, 0);
  const v1::ProvisioningShare one = opened("car.age.1", "one.key");
  const v1::ProvisioningShare two = opened("car.age.2", "two.key");
  EXPECT_EQ(one.id(), two.id());
  ASSERT_EQ(one.bytes().size(), two.bytes().size());
  EXPECT_EQ(one.bytes().find("JTDKB"), std::string::npos);
  EXPECT_EQ(two.bytes().find("JTDKB"), std::string::npos);
  std::string joined = one.bytes();
  for (std::size_t i = 0; i < joined.size(); ++i) {
    joined[i] = static_cast<char>(joined[i] ^ two.bytes()[i]);
  }
  v1::Provisioning record;
  ASSERT_TRUE(record.ParseFromString(joined));
  EXPECT_EQ(record.frame_number(), "ZVW30-1234567");
}

TEST_F(ProvisionTool, AUnitIsProvisionedOnce) {
  const std::string authority = key("relink.key", "relink");
  ASSERT_EQ(provision({authority}, "car.age").status, 0);
  const auto same = provision({authority}, "car.age");
  EXPECT_EQ(same.status, 1);
  EXPECT_THAT(same.errors, HasSubstr("never overwritten"));
  const auto again = provision({authority}, "other.age");
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, HasSubstr("provisioned"));
  EXPECT_FALSE(std::filesystem::exists(path("other.age")));
}

// Whatever it put there would go when the erasure is finished.
TEST_F(ProvisionTool, AUnitThatIsBeingErasedIsNeitherProvisionedNorTransferred) {
  const std::string authority = key("relink.key", "relink");
  std::filesystem::create_directory(path("state"));
  write("state/erasing", "sudare-erasing/1\n");
  for (const bool transfer : {false, true}) {
    std::vector<std::string> arguments{"provision",
                                       "--state",
                                       path("state"),
                                       "--identity",
                                       write("id.json", kIdentity),
                                       "-o",
                                       path("car.age"),
                                       "--relink-recipient",
                                       authority};
    if (transfer) arguments.emplace_back("--transfer");
    const auto done = sudare(arguments);
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.errors, HasSubstr("being erased"));
    EXPECT_THAT(done.errors, HasSubstr("hint: finish it: sudare provision --erase"));
    EXPECT_FALSE(std::filesystem::exists(path("car.age")));
  }
  EXPECT_EQ(sudare({"provision", "--erase", "--state", path("state")}).status, 0);
  EXPECT_EQ(provision({authority}, "car.age").status, 0);
}

TEST_F(ProvisionTool, WhatCanNotBeDeliveredLeavesTheUnitAsItWas) {
  const std::string authority = key("relink.key", "relink");
  EXPECT_EQ(provision({authority}, "no/such/directory/car.age").status, 1);
  EXPECT_EQ(provision({authority}, "car.age").status, 0);
}

TEST_F(ProvisionTool, StateHoldsNoIdentity) {
  const std::string authority = key("relink.key", "relink");
  ASSERT_EQ(provision({authority}, "car.age").status, 0);
  const std::string identifiers = write("ids", "JTDKB20U793012345\nZVW30-1234567\n");
  const auto audited = sudare({"audit", path("state"), "--identifiers", identifiers});
  EXPECT_EQ(audited.status, 0) << audited.output << audited.errors;
}

TEST_F(ProvisionTool, SaysWhatIsWrongWithTheIdentityAndNotItsValues) {
  const std::string authority = key("relink.key", "relink");
  const auto refused = piped(R"({"vin": "JTDKB20U793012345", "owner": "Taro"})",
                             {"provision", "--state", path("state"), "--identity", "-",
                              "--relink-recipient", authority, "-o", path("car.age")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("unknown"));
  EXPECT_THAT(refused.errors, testing::Not(HasSubstr("JTDKB")));
  EXPECT_THAT(refused.errors, testing::Not(HasSubstr("Taro")));
}

TEST_F(ProvisionTool, AMistypedNumberOfTheCarIsRefusedAndNotShown) {
  const std::string authority = key("relink.key", "relink");
  for (const char* wrong : {R"({"vin": "JTDKB20U79301234"})", R"({"vin": "JTDKB20U79301234O"})",
                            R"({"frame_number": "ZVW30/12x"})",
                            R"({"vin": "JTDKB20U793012345", "frame_number": "ZVW30/12x"})",
                            R"({"vin": "", "frame_number": ""})"}) {
    for (const bool transfer : {false, true}) {
      std::vector<std::string> call{"provision",  "--state", path("state"),
                                    "--identity", "-",       "--relink-recipient",
                                    authority,    "-o",      path("car.age")};
      if (transfer) call.emplace_back("--transfer");
      const auto refused = piped(wrong, call);
      EXPECT_EQ(refused.status, 1) << wrong;
      EXPECT_THAT(refused.errors, HasSubstr("hint: ")) << wrong;
      EXPECT_THAT(refused.errors, testing::Not(HasSubstr("JTDKB"))) << wrong;
      EXPECT_THAT(refused.errors, testing::Not(HasSubstr("ZVW30"))) << wrong;
      EXPECT_FALSE(std::filesystem::exists(path("state"))) << wrong;
    }
  }
}

}  // namespace
}  // namespace sudare::fleet_test
