#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/testkit/temporary_directory.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

using testing::HasSubstr;

const char* const kFleetProto = R"(syntax = "proto3";
package fleet;
import "sudare/v1/privacy.proto";
import "google/protobuf/timestamp.proto";
message Ping {
  double lat = 1 [(sudare.v1.personal) = LATITUDE, (sudare.v1.unit) = DEGREES];
  double lon = 2 [(sudare.v1.personal) = LONGITUDE, (sudare.v1.unit) = DEGREES];
  string note = 3;
  Contact contact = 4 [(sudare.v1.personal) = PERSON_NAME];
  optional uint32 count = 5 [(sudare.v1.personal) = NOT_PERSONAL];
  google.protobuf.Timestamp at = 6;
  map<string, Contact> people = 7;
  map<string, string> phones = 8 [(sudare.v1.personal) = PHONE];
  map<uint32, Outer> outer = 9;
}
message Outer { map<string, string> inner = 1 [(sudare.v1.personal) = NOT_PERSONAL]; }
message Contact { string name = 1; uint32 kind = 2 [(sudare.v1.personal) = NOT_PERSONAL]; }
)";

// A descriptor set as a fleet makes one: by protoc, from a file that imports privacy.proto.
std::string compiled(const std::string& proto, const std::filesystem::path& directory) {
  std::ofstream(directory / "fleet.proto") << proto;
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  const std::string command =
      "protoc --include_imports --descriptor_set_out=" + (directory / "fleet.bin").string() +
      " -I " + directory.string() + " -I " + (source == nullptr ? "." : source) +
      "/proto fleet.proto 2>/dev/null";
  if (std::system(command.c_str()) != 0) return "";
  std::ifstream in(directory / "fleet.bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class PolicySchemaSetTest : public testing::Test {
 protected:
  void SetUp() override {
    bytes_ = compiled(kFleetProto, directory_.path());
    ASSERT_FALSE(bytes_.empty()) << "protoc failed";
    const Diagnostics diagnostics = schemas_.add_descriptor_set("fleet.bin", bytes_);
    ASSERT_TRUE(diagnostics.empty()) << printed(diagnostics);
  }

  PolicyLoad load_ping(const std::string& classes, const std::string& rules) {
    return load_policy("p",
                       with_sources("source { topic: \"ping\" codec: PROTOBUF message: "
                                    "\"fleet.Ping\" " +
                                    classes + " release { to: \"service\" " + rules +
                                    " time { bucket_ms: 60000 } } }"),
                       schemas_, nullptr);
  }

  testkit::TemporaryDirectory directory_;
  std::string bytes_;
  SchemaSet schemas_;
};

TEST_F(PolicySchemaSetTest, AFleetsAnnotationsAreRead) {
  const PolicyLoad result =
      load_ping("",
                "field { path: \"lat\" } field { path: \"lon\" } field { path: \"count\" } "
                "location { cell: M1000 }");
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const auto& nodes = result.policy->sources[0].nodes;
  EXPECT_EQ(nodes[1].personal, v1::LATITUDE);
  EXPECT_EQ(nodes[1].unit, v1::DEGREES);
  EXPECT_EQ(nodes[1].group, nodes[2].group);
  EXPECT_TRUE(nodes[3].proto3_optional);
  EXPECT_FALSE(nodes[1].proto3_optional);
}

TEST_F(PolicySchemaSetTest, AnUnclassedFieldOfAnAnnotatedMessageIsRefused) {
  EXPECT_THAT(printed(load_ping("", "field { path: \"note\" }").diagnostics),
              HasSubstr("\"note\" has no class"));
  EXPECT_NE(load_ping("classify { path: \"note\" class: NOT_PERSONAL }", "field { path: \"note\" }")
                .policy,
            nullptr);
}

TEST_F(PolicySchemaSetTest, AClassOnAMessageHoldsForWhatIsInside) {
  EXPECT_THAT(printed(load_ping("", "field { path: \"contact.kind\" }").diagnostics),
              HasSubstr("of class PERSON_NAME"));
  EXPECT_THAT(printed(load_ping("", "field { path: \"contact.name\" }").diagnostics),
              HasSubstr("of class PERSON_NAME"));
  EXPECT_NE(load_ping("", "field { path: \"people.*.kind\" }").policy, nullptr);
}

TEST_F(PolicySchemaSetTest, TheKeysOfAPersonalMapCannotBeMinimised) {
  EXPECT_THAT(printed(load_ping("", "field { path: \"phones.*\" pseudonymize {} }").diagnostics),
              HasSubstr("\"keys of phones.*\" of class PHONE is released"));
}

TEST_F(PolicySchemaSetTest, MapsInMapsKeepBothKeys) {
  const PolicyLoad result =
      load_ping("", "field { path: \"outer.*.inner.*\" coarsen { step: 1 } }");
  EXPECT_THAT(printed(result.diagnostics), HasSubstr("is no number"));
  const PolicyLoad kept = load_ping("", "field { path: \"outer.*.inner.*\" }");
  ASSERT_NE(kept.policy, nullptr) << printed(kept.diagnostics);
  int keys = 0;
  const SourcePlan& source = kept.policy->sources[0];
  for (std::size_t i = 0; i < source.nodes.size(); ++i) {
    if (source.nodes[i].name != "key") continue;
    EXPECT_EQ(source.releases[0].rules[i].action, Action::kKeep);
    ++keys;
  }
  EXPECT_EQ(keys, 2);
}

TEST_F(PolicySchemaSetTest, WellKnownTypesComeWithTheSet) {
  EXPECT_NE(load_ping("classify { path: \"at.seconds\" class: TIMESTAMP unit: SECONDS }",
                      "field { path: \"at.seconds\" }")
                .policy,
            nullptr);
}

TEST_F(PolicySchemaSetTest, TheSameSetMayComeTwiceButNotAnotherOfItsName) {
  EXPECT_TRUE(schemas_.add_descriptor_set("again.bin", bytes_).empty());
  const std::string other =
      compiled(replaced(kFleetProto, "string note = 3;", "string remark = 3;"), directory_.path());
  ASSERT_FALSE(other.empty());
  EXPECT_THAT(printed(schemas_.add_descriptor_set("other.bin", other)),
              HasSubstr("\"fleet.proto\" differs from the one in an earlier set"));
}

TEST_F(PolicySchemaSetTest, FilesAreRead) {
  SchemaSet fresh;
  EXPECT_TRUE(fresh.add_descriptor_set_file((directory_.path() / "fleet.bin").string()).empty());
  EXPECT_NE(fresh.pool().FindMessageTypeByName("fleet.Ping"), nullptr);
  EXPECT_THAT(printed(fresh.add_descriptor_set_file("/nowhere")), HasSubstr("can't be read"));
}

TEST_F(PolicySchemaSetTest, AnIncompleteSetSaysWhatIsMissing) {
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromString(bytes_));
  auto* const fleet = set.mutable_file(set.file_size() - 1);
  fleet->set_name("lonely.proto");
  fleet->set_package("lonely");
  fleet->set_dependency(0, "missing.proto");
  SchemaSet fresh;
  google::protobuf::FileDescriptorSet alone;
  *alone.add_file() = *fleet;
  EXPECT_THAT(printed(fresh.add_descriptor_set("x", alone.SerializeAsString())),
              HasSubstr("missing.proto"));
}

TEST(PolicySchemaBytesTest, GarbageIsRefused) {
  SchemaSet schemas;
  EXPECT_THAT(printed(schemas.add_descriptor_set("x", "garbage")), HasSubstr("no descriptor set"));
  EXPECT_THAT(printed(schemas.add_descriptor_set("x", "")), HasSubstr("no descriptor set"));
}

TEST(PolicySchemaBytesTest, EveryFieldOfTheVehicleMessagesHasAClass) {
  const SchemaSet schemas;
  int fields = 0;
  for (const char* name :
       {"AccountProfile", "DriveRecorderEvent", "Driving", "Emergency", "VehicleHealth",
        "VehicleIdentity", "InfotainmentRequest", "Maintenance", "Position", "RemoteResult",
        "SecurityEvent", "SoftwareReport", "VehicleStatus", "Trip"}) {
    const auto* const message =
        schemas.pool().FindMessageTypeByName(std::string("sudare.vehicle.v1.") + name);
    ASSERT_NE(message, nullptr) << name;
    const auto* const file = message->file();
    for (int m = 0; m < file->message_type_count(); ++m) {
      for (int f = 0; f < file->message_type(m)->field_count(); ++f, ++fields) {
        const auto* const field = file->message_type(m)->field(f);
        EXPECT_NE(field->options().GetExtension(v1::personal), v1::UNCLASSED) << field->full_name();
      }
    }
  }
  EXPECT_GT(fields, 100);
}

}  // namespace
}  // namespace sudare::policy_test
