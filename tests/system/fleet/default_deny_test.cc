// What no rule names does not leave, through the real `sudare minimize`.
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>

#include <array>
#include <regex>
#include <set>

#include "fleet/cli/console.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "tests/system/fleet/tool.h"
#include "tests/unit/fleet/small_policy.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kCanary = "canary-7f3a";
constexpr int kFields = 500;

class MinimizeTool : public ToolTest {
 protected:
  testkit::RunResult minimize(const std::string& input, std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {"minimize", "--policy", write("policy.textproto", small_policy_text())});
    return piped(input, more);
  }
  static std::string line(const std::string& topic, const std::string& payload) {
    return "{\"topic\":\"" + topic + "\",\"time_ms\":1700000000000,\"payload" + payload + "}\n";
  }
};

TEST_F(MinimizeTool, FiveHundredUnknownFieldsOfJsonStay) {
  std::string payload = "{\"state\":\"ok\"";
  for (int i = 0; i < kFields; ++i) {
    const std::string name = "\"f" + std::to_string(i) + "\":";
    const std::string value = "\"" + std::string(kCanary) + "\"";
    const std::array<std::string, 5> shapes{
        value, "[" + value + "," + value + "]", "{\"state\":" + value + "}",
        "[{\"state\":[" + value + "]}]", "{\"a\":{\"b\":{\"doors\":{\"open\":" + value + "}}}}"};
    payload += "," + name + shapes[static_cast<std::size_t>(i) % shapes.size()];
  }
  const auto done = minimize(line("car/state", "\":" + payload + "}"));
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_THAT(done.output, Not(HasSubstr(kCanary)));
  for (const Json& released : lines(done.output)) {
    EXPECT_EQ(released["payload"], Json::parse(R"({"state":"ok"})"));
  }
  EXPECT_EQ(lines(done.output).size(), 2U);
}

TEST_F(MinimizeTool, FiveHundredUnknownFieldsOfProtobufStay) {
  sudare::vehicle::v1::Position position;
  position.set_latitude_e7(356'812'362);
  position.set_longitude_e7(1'397'671'248);
  auto& unknown = *position.GetReflection()->MutableUnknownFields(&position);
  for (int i = 0; i < kFields; ++i) {
    const int number = 100 + i / 2;  // each twice: a list
    google::protobuf::UnknownFieldSet inner;
    inner.AddLengthDelimited(1, kCanary);
    inner.AddGroup(2)->AddLengthDelimited(3, kCanary);
    std::string nested;
    inner.SerializeToString(&nested);
    if (i % 4 == 0) unknown.AddLengthDelimited(number, kCanary);
    if (i % 4 == 1) unknown.AddLengthDelimited(number, nested);
    if (i % 4 == 2) unknown.AddGroup(number)->AddLengthDelimited(1, kCanary);
    if (i % 4 == 3) unknown.AddFixed64(number, 0x7f3a7f3a7f3a7f3aU);
  }
  const std::string payload = position.SerializeAsString();
  ASSERT_LT(payload.size(), 64U * 1024);
  const auto done =
      minimize(line("vehicle/position", "_base64\":\"" + cli::base64(payload) + "\""));
  EXPECT_EQ(done.status, 0) << done.errors;
  ASSERT_EQ(lines(done.output).size(), 1U) << done.output;
  // Two sfixed32 and nothing else: a tag and four bytes each.
  const std::string released = lines(done.output)[0]["payload_base64"];
  EXPECT_EQ(released.size(), 16U);
}

TEST_F(MinimizeTool, RealPayloadsReleaseThreeHarmlessFieldsAndNothingElse) {
  SUDARE_FIXTURE_OR_SKIP(folder, "payloads/toyota-connected");
  const std::string recipient = key("a.key", "charge");
  const std::string policy = R"(language: 1 serial: 1 not_after: "2099-12-31"
purpose {
  name: "charge" recipient: ")" +
                             recipient + R"(" pseudonym { none {} } consent: OPT_IN
  ceiling { allow: ENERGY } linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24
}
source {
  topic: "api/{call}" codec: JSON
  classify { level: "call" class: NOT_PERSONAL }
  classify { path: "payload.chargingStatus" class: NOT_PERSONAL }
  classify { path: "payload.evRange.unit" class: NOT_PERSONAL }
  classify { path: "status.messages.responseCode" class: NOT_PERSONAL }
  release {
    to: "charge"
    field { path: "payload.chargingStatus" }
    field { path: "payload.evRange.unit" }
    field { path: "status.messages.responseCode" }
    time { bucket_ms: 60000 }
  }
}
)";
  std::string input;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string call = entry.path().stem().string();
    input += line("api/" + call, "\":" + Json::parse(testkit::read_file(entry.path())).dump());
    ++files;
  }
  ASSERT_GE(files, 10U);
  const auto done =
      piped(input, {"minimize", "--policy", write("p.textproto", policy), "--explain"});
  EXPECT_EQ(done.status, 0) << done.errors;
  const std::vector<Json> out = lines(done.output);
  EXPECT_EQ(out.size(), files);
  std::set<std::string> released;
  for (const Json& one : out) {
    if (!one.contains("payload")) continue;
    const Json flat = one["payload"].flatten();
    for (const auto& [path, value] : flat.items()) {
      released.insert(std::regex_replace(path, std::regex("/[0-9]+/"), "/*/"));
    }
  }
  EXPECT_THAT(released,
              testing::UnorderedElementsAre("/payload/chargingStatus", "/payload/evRange/unit",
                                            "/status/messages/*/responseCode"));
}

TEST_F(MinimizeTool, GoesOnAfterBadLinesAndSaysWhichTheyWere) {
  const std::string good = line("car/state", "\":{\"state\":\"ok\"}");
  const auto done = minimize(good + "nonsense\n\n" + std::string(2'000'000, 'x') + "\n" +
                             line("vehicle/position", "\":{}") + good);
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(lines(done.output).size(), 4U);
  EXPECT_THAT(done.errors, HasSubstr("error: line 2: not JSON"));
  EXPECT_THAT(done.errors, HasSubstr("error: line 4: longer than 1 MiB"));
  EXPECT_THAT(done.errors, HasSubstr("error: line 5: "));
}

TEST_F(MinimizeTool, RootPhraseGivesTheSamePseudonymsAgain) {
  const std::string input = line("car/state", "\":{\"state\":\"ok\",\"id\":\"x\"}");
  const auto one = minimize(input, {"--root-phrase", "an example"});
  EXPECT_EQ(one.output, minimize(input, {"--root-phrase", "an example"}).output);
  EXPECT_NE(one.output, minimize(input, {"--root-phrase", "another"}).output);
  EXPECT_THAT(lines(one.output)[1]["pseudonym"].get<std::string>(),
              testing::MatchesRegex("[0-9a-f]+"));
}

TEST_F(MinimizeTool, WithoutAValidPolicyNothingIsReleased) {
  const auto done = piped(line("car/state", "\":{\"state\":\"ok\"}"),
                          {"minimize", "--policy", write("bad.textproto", "purpose {")});
  EXPECT_EQ(done.status, 1);
  EXPECT_TRUE(done.output.empty());
  EXPECT_THAT(done.errors, HasSubstr("bad.textproto:1:"));
}

}  // namespace
}  // namespace sudare::fleet_test
