#include "gateway/policy/topic.h"

#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare {
namespace {

std::vector<TopicLevel> parse(const std::string& topic) {
  Findings findings("t");
  return parse_topic(topic, "", findings);
}

TEST(PolicyTopicTest, LevelsAreCapturedByName) {
  const auto levels = parse("tesla/{vin}/v/{rest...}");
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_TRUE(levels[1].capture);
  EXPECT_EQ(levels[1].text, "vin");
  EXPECT_TRUE(levels[3].rest);
  EXPECT_EQ(levels[3].text, "rest");
  EXPECT_EQ(filter_of(levels), "tesla/+/v/#");
}

TEST(PolicyTopicTest, MalformedTopicsAreRefused) {
  for (const char* topic : {"", "a//b", "/a", "a/", "a/+", "#", "$SYS/x", "a/x{b}", "a/{}",
                            "a/{b c}", "a/{b...}/c", "{a}/{a}", "a/{...}", "a\nb", "{a..}"}) {
    EXPECT_TRUE(parse(topic).empty()) << topic;
  }
}

TEST(PolicyTopicTest, AMessageMatchesLevelByLevel) {
  EXPECT_TRUE(matches(parse("a/{x}/c"), "a/b/c"));
  EXPECT_FALSE(matches(parse("a/{x}/c"), "a/b/d"));
  EXPECT_FALSE(matches(parse("a/{x}/c"), "a/b"));
  EXPECT_FALSE(matches(parse("a/{x}"), "a/b/c"));
  EXPECT_TRUE(matches(parse("a/{x...}"), "a/b/c"));
  EXPECT_FALSE(matches(parse("a/{x...}"), "a"));
  EXPECT_FALSE(matches(parse("a"), ""));
}

TEST(PolicyTopicTest, OverlapIsFoundThroughCaptures) {
  EXPECT_TRUE(overlap(parse("a/{x}"), parse("a/b")));
  EXPECT_TRUE(overlap(parse("{x}/b"), parse("a/{y}")));
  EXPECT_TRUE(overlap(parse("a/{x...}"), parse("a/b/c")));
  EXPECT_FALSE(overlap(parse("a/{x...}"), parse("a")));
  EXPECT_FALSE(overlap(parse("a/{x}"), parse("a/b/c")));
  EXPECT_FALSE(overlap(parse("a/{x}"), parse("b/{x}")));
}

}  // namespace
}  // namespace sudare
