#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/limits.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace sudare {
namespace {

using testkit::json_source;
using testkit::node_of;

std::string decode(const std::vector<std::string>& paths, const std::string& payload) {
  return OneSource(json_source("t", paths)).decode(payload);
}

TEST(JsonDecoder, BadJsonIsMalformed) {
  OneSource source(json_source("t", {"a", "b.c"}));
  for (const std::string payload :
       {"", " ", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "{a:1}", "{\"a\":NaN}",
        "{\"a\":Infinity}", "{\"a\":1e400}", "{\"a\":01}", "{\"a\":\"\xC3\x28\"}", "{\"a\":tru}",
        "{\"other\":\"\x01\"}", "{\"other\":123456789012345678901234567890}"}) {
    EXPECT_EQ(source.decode(payload), "error: malformed") << payload;
  }
}

TEST(JsonDecoder, TruncationIsMalformed) {
  OneSource source(json_source("t", {"a", "b.c"}));
  const std::string payload = R"({"a":"x","b":{"c":[1,2.5,true,null]},"d":"\u7c3e"})";
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_EQ(source.decode(payload.substr(0, size)), "error: malformed") << size;
  }
}

TEST(JsonDecoder, DuplicateNamedKeysAreMalformedAtAnyDepth) {
  EXPECT_EQ(decode({"a", "b.c"}, R"({"a":1,"a":2})"), "error: malformed");
  EXPECT_EQ(decode({"a", "b.c"}, R"({"a":1,"\u0061":2})"), "error: malformed");
  EXPECT_EQ(decode({"a", "b.c"}, R"({"b":{"c":1,"x":1,"c":2}})"), "error: malformed");
  EXPECT_EQ(decode({"b.*"}, R"({"b":{"c":1,"x":{},"c":2}})"), "error: malformed");
  EXPECT_EQ(decode({"b.c"}, R"({"b":[{"c":1},{"c":2}]})"), "b[ b{ c=1 end b{ c=2 end end");
}

TEST(JsonDecoder, DepthAndSizeAreBounded) {
  EXPECT_EQ(decode({"a"}, std::string(1000, '[') + std::string(1000, ']')), "error: too_deep");
  EXPECT_EQ(decode({"b"}, R"({"a":)" + std::string(1000, '[') + std::string(1000, ']') + "}"),
            "error: too_deep");
  EXPECT_EQ(
      decode({"b"}, std::string(kNestingDepthMax, '[') + std::string(kNestingDepthMax, ']')),
      "[ " +
          [] {
            std::string out;
            for (std::size_t i = 1; i < kNestingDepthMax; ++i) out += "[ ";
            for (std::size_t i = 1; i < kNestingDepthMax; ++i) out += "end ";
            return out;
          }() +
          "end");
  EXPECT_EQ(decode({"a"}, "{\"a\":\"" + std::string(10'000'000, 'x') + "\"}"), "error: too_large");
  std::string many = "{\"a\":[0";
  for (std::size_t i = 0; i < kRecordItemsMax; ++i) many += ",0";
  EXPECT_EQ(decode({"a"}, many + "]}"), "error: too_large");
}

TEST(JsonDecoder, FiveHundredUnknownFieldsLeaveNothing) {
  std::string unknown;
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(i);
    unknown += "\"u" + number + "\":{\"a\":[0,{\"a\":\"x\"}]},";
  }
  const std::string payload =
      "{" + unknown + "\"b\":[{" + unknown + "\"c\":1},{" + unknown + "\"d\":0}],\"z\":0}";
  EXPECT_EQ(decode({"a", "b.c"}, payload), "b[ b{ c=1 end b{ end end");
}

TEST(JsonDecoder, KeepsTheTypesOfNumbers) {
  EXPECT_EQ(decode({"a"}, R"({"a":[1,-1,1.0,9223372036854775807,18446744073709551615,1e3]})"),
            "a[ a=1 a=-1 a=1d a=9223372036854775807 a=18446744073709551615u a=1000d end");
}

TEST(JsonDecoder, ReadsTextBoolsAndNull) {
  EXPECT_EQ(decode({"a", "b", "c"}, R"({"a":"\u7c3e\n","b":true,"c":null})"),
            "a=\"簾\n\" b=true c=null");
}

TEST(JsonDecoder, AContainerThatIsNamedGivesOnlyItsScalars) {
  EXPECT_EQ(decode({"a"}, R"({"a":{"vin":"JTHBYLFF305000302"}})"), "");
  EXPECT_EQ(decode({"a"}, R"({"a":[1,{"vin":"JTHBYLFF305000302"},[2]]})"), "a[ a=1 a[ a=2 end end");
  EXPECT_EQ(decode({"a.b"}, R"({"a":5})"), "");
}

TEST(JsonDecoder, AnyKeyStandsForAllAndKeepsThem) {
  EXPECT_EQ(decode({"m.*"}, R"({"m":{"x":1,"y":{"z":2},"w":[3]}})"), "m{ x:*=1 w:*[ *=3 end end");
  EXPECT_EQ(decode({"*.v"}, R"({"x":{"v":1},"y":{"v":2,"u":3},"z":4})"),
            "x:*{ v=1 end y:*{ v=2 end");
}

TEST(JsonDecoder, ListsArePassedThroughOrReadByIndex) {
  EXPECT_EQ(decode({"a.b"}, R"({"a":[{"b":1},{"c":2},3]})"), "a[ a{ b=1 end a{ end end");
  EXPECT_EQ(decode({"a.1"}, R"({"a":[10,11,12]})"), "a[ 1=11 end");
  EXPECT_EQ(decode({"a.0.x", "a.12"}, R"({"a":[{"x":1,"y":2}]})"), "a[ 0{ x=1 end end");
}

TEST(JsonDecoder, ThePayloadMayBeAListOrABareValue) {
  EXPECT_EQ(decode({"a"}, R"([{"a":1},{"a":2}])"), "[ { a=1 end { a=2 end end");
  SourcePlan bare = json_source("t", {});
  bare.nodes[kRootNode].value = true;
  EXPECT_EQ(OneSource(std::move(bare)).decode("12.5"), "=12.5d");
}

TEST(JsonDecoder, FindsNamesAmongManyChildren) {
  std::vector<std::string> paths;
  std::string payload = "{";
  std::string expected;
  for (char c = 'a'; c <= 'z'; ++c) {
    paths.insert(paths.begin(), std::string(1, c));
    payload += std::string("\"") + c + "\":1,\"" + c + c + "\":2,";
    expected += std::string(expected.empty() ? "" : " ") + c + "=1";
  }
  EXPECT_EQ(decode(paths, payload + "\"0\":0}"), expected);
}

TEST(JsonDecoder, TakesEventTimeAndIgnition) {
  SourcePlan plan = json_source("t", {"at", "car.power"});
  plan.time_node = node_of(plan, "at");
  plan.nodes[plan.time_node].unit = v1::ISO_8601;
  plan.ignition_node = node_of(plan, "car.power");
  OneSource source(std::move(plan));
  source.decode(R"({"at":"2026-11-22T03:02:00Z","car":{"power":"ON"}})");
  EXPECT_EQ(source.record().time_ms, 1'795'316'520'000);
  EXPECT_TRUE(source.record().ignition_known && source.record().ignition_on);
  source.decode(R"({"at":"yesterday","car":{"power":"OFF"}})");
  EXPECT_FALSE(source.record().event_time);
  EXPECT_TRUE(source.record().ignition_known);
  EXPECT_FALSE(source.record().ignition_on);
  source.decode("{}");
  EXPECT_FALSE(source.record().ignition_known);
}

TEST(JsonDecoder, ReleasesThreeHarmlessFieldsOfRealAnswers) {
  SUDARE_FIXTURE_OR_SKIP(folder, "payloads/toyota-connected");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const std::string payload = testkit::read_file(entry.path());
    if (payload.size() > kPayloadBytesMax) continue;
    const std::string text =
        decode({"status.messages.responseCode", "payload.fuelType", "code"}, payload);
    EXPECT_EQ(text.find("error"), std::string::npos) << entry.path();
    EXPECT_EQ(text.find("JT"), std::string::npos) << entry.path();
    EXPECT_LT(text.size(), 300U) << entry.path();
  }
  EXPECT_GT(files, 3);
}

}  // namespace
}  // namespace sudare
