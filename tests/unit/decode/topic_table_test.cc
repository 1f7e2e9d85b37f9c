#include "gateway/decode/topic_table.h"

#include <gtest/gtest.h>

#include "tests/testkit/source_plan.h"

namespace sudare {
namespace {

using testkit::json_source;

Policy policy_of(const std::vector<std::string>& topics) {
  Policy policy;
  for (const std::string& topic : topics) policy.sources.push_back(json_source(topic, {"a"}));
  return policy;
}

TEST(TopicTable, UnknownTopicsAreNotFound) {
  const Policy policy = policy_of({"vehicle/position", "tesla/{vin}/v/Location", "m/{rest...}"});
  const TopicTable table(policy);
  for (const std::string topic :
       {"", "vehicle", "vehicle/", "vehicle/position/", "vehicle/positio", "tesla/x/v", "m",
        "tesla/x/v/Location/y", "tesla/x/w/Location", "VEHICLE/position"}) {
    EXPECT_EQ(table.source_of(topic).error().code, ErrorCode::kNotFound) << topic;
  }
  EXPECT_FALSE(table.source_of("m/" + std::string(1000, 'x')));
}

TEST(TopicTable, FindsLiteralsAndCaptures) {
  const Policy policy = policy_of({"vehicle/position", "tesla/{vin}/v/Location", "m/{rest...}"});
  const TopicTable table(policy);
  EXPECT_EQ(*table.source_of("vehicle/position"), 0);
  EXPECT_EQ(*table.source_of("tesla/5YJ/v/Location"), 1);
  EXPECT_EQ(*table.source_of("m/v/b/soc"), 2);
}

TEST(TopicTable, SpansOfLevels) {
  const SourcePlan plan = json_source("ovms/{user}/metric/{path...}", {"a"});
  std::vector<TextSpan> spans;
  ASSERT_TRUE(match_levels(plan.levels, "ovms/taro/metric/v/b/soc", spans));
  ASSERT_EQ(spans.size(), 4U);
  EXPECT_EQ(spans[1].offset, 5U);
  EXPECT_EQ(spans[1].length, 4U);
  EXPECT_EQ(spans[3].offset, 17U);
  EXPECT_EQ(spans[3].length, 7U);
  EXPECT_FALSE(match_levels(plan.levels, "ovms/taro/metric", spans));
}

}  // namespace
}  // namespace sudare
