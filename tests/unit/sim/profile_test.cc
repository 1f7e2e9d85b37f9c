#include "sim/profile.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdlib>
#include <filesystem>

#include "tests/testkit/fixtures.h"

namespace sudare::sim {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto profile = parse_profile("p.textproto", text);
  return profile ? "no error" : profile.error().to_string();
}

TEST(SimProfile, UnknownFieldNamesFileAndLine) {
  EXPECT_THAT(error_of("rates {\n  positions: 2\n}\n"), HasSubstr("error: p.textproto:2:"));
}

TEST(SimProfile, RepeatedFieldIsRefused) {
  EXPECT_THAT(error_of("day { trips: 2 trips: 3 }"), HasSubstr("p.textproto:1:"));
}

TEST(SimProfile, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(error_of("network { blocks: 100000 }"), HasSubstr("network.blocks is 100000"));
  EXPECT_THAT(error_of("rates { position_hz: nan }"), HasSubstr("rates.position_hz"));
}

TEST(SimProfile, DeepNestingIsAnErrorNotACrash) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "day {";
  EXPECT_NE(error_of(text), "no error");
}

TEST(SimProfile, ZeroOverridesADefault) {
  const auto profile = parse_profile("p", "rates { status_s: 0 }");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->rates().status_s(), 0);
  EXPECT_EQ(profile->rates().position_hz(), default_profile().rates().position_hz());
}

TEST(SimProfile, BuiltInDefaultIsTheFileOfDeploy) {
  const char* source = std::getenv("SUDARE_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const auto file =
      load_profile((std::filesystem::path(source) / "deploy/profiles/default.textproto").string());
  ASSERT_TRUE(file);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*file, default_profile()));
  EXPECT_EQ(testkit::read_file(std::filesystem::path(source) / "deploy/profiles/default.textproto"),
            default_profile_text());
}

TEST(SimProfile, DefaultSetsEveryField) {
  // A field that the default left out would be 0, which means "never".
  for (const auto* part : {"network", "day", "driver", "gnss", "rates", "link"}) {
    const v1::Profile profile = default_profile();
    const auto* field = profile.GetDescriptor()->FindFieldByName(part);
    ASSERT_NE(field, nullptr);
    const auto& message = profile.GetReflection()->GetMessage(profile, field);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    EXPECT_EQ(static_cast<int>(set.size()), message.GetDescriptor()->field_count()) << part;
  }
}

}  // namespace
}  // namespace sudare::sim
