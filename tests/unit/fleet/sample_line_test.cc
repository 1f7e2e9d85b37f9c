// The lines that `sudare minimize` reads.
#include "fleet/preview/sample_line.h"

#include <gmock/gmock.h>

namespace sudare {
namespace {

std::string failure(const std::string& line) {
  const auto parsed = parse_sample_line(line);
  return parsed ? "" : std::string(parsed.error().what.view());
}

TEST(SampleLine, PassesTheValueOnAsItIsWritten) {
  const auto line = parse_sample_line(
      R"({"payload": { "x": 1.000000000000000000017, "s":"a}\"]" } , "topic":"a/b","time_ms":5})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->payload, R"({ "x": 1.000000000000000000017, "s":"a}\"]" })");
  EXPECT_EQ(line->topic, "a/b");
  EXPECT_EQ(line->time_ms, 5);
  EXPECT_TRUE(line->json);
}

TEST(SampleLine, AnyValueIsAPayload) {
  for (const std::string value : {"1", "-1.5e3", "true", "null", "\"te\\\\xt\"", "[]", "[1,[2]]"}) {
    const auto line =
        parse_sample_line("{\"topic\":\"t\",\"payload\":" + value + ",\"time_ms\":1}");
    ASSERT_TRUE(line) << value;
    EXPECT_EQ(line->payload, value);
    const auto last =
        parse_sample_line("{\"topic\":\"t\",\"time_ms\":1,\"payload\" : " + value + "}");
    ASSERT_TRUE(last) << value;
    EXPECT_EQ(last->payload, value);
  }
}

TEST(SampleLine, DecodesBase64) {
  const auto line = parse_sample_line(R"({"topic":"t","time_ms":1,"payload_base64":"AP8="})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->payload, std::string("\0\xff", 2));
  EXPECT_FALSE(line->json);
}

TEST(SampleLine, SaysWhatIsWrong) {
  EXPECT_EQ(failure("nonsense"), "not JSON");
  EXPECT_EQ(failure("[1]"), "not a JSON object");
  EXPECT_EQ(failure(R"({"time_ms":1,"payload":1})"), "\"topic\" is missing");
  EXPECT_EQ(failure(R"({"topic":"t","payload":1})"), "\"time_ms\" is missing");
  EXPECT_THAT(failure(R"({"topic":"t","time_ms":1})"), testing::HasSubstr("is missing"));
  EXPECT_EQ(failure(R"({"topic":3,"time_ms":1,"payload":1})"), "\"topic\" is not text");
  EXPECT_EQ(failure(R"({"topic":"t","topic":"u","time_ms":1,"payload":1})"),
            "\"topic\" is given twice");
  EXPECT_EQ(failure(R"({"topic":"t","time_ms":1,"payload":1,"payload_base64":"AA=="})"),
            "the payload is given twice");
  EXPECT_EQ(failure(R"({"topic":"t","time_ms":1,"payload_base64":"?"})"),
            "payload_base64 is not base64");
}

TEST(SampleLine, RefusesTimesThatHaveNoDay) {
  for (const std::string time : {"-1", "1.5", "\"1\"", "253402300800000", "18446744073709551615"}) {
    EXPECT_THAT(failure("{\"topic\":\"t\",\"payload\":1,\"time_ms\":" + time + "}"),
                testing::HasSubstr("not a time"))
        << time;
  }
}

TEST(SampleLine, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return "{\"topic\":\"t\",\"time_ms\":1,\"payload\":" + std::string(depth, '[') +
           std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(parse_sample_line(nested(1000)));
  const auto deeper = parse_sample_line(nested(100'000));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, ErrorCode::kTooDeep);
}

}  // namespace
}  // namespace sudare
