// Decoding the same kind of message again takes nothing from the heap.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/testkit/allocations.h"
#include "tests/testkit/sanitized.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace sudare {
namespace {

std::size_t allocations_of_second_decode(const SourcePlan& plan, const std::string& payload) {
  Policy policy;
  policy.sources.push_back(plan);
  Decoder decoder(policy);
  const Message message = message_to(plan, payload);
  Record record;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(decoder.decode(message, 0, record));
  const std::size_t before = testkit::allocations();
  const auto source = decoder.source_of(message);
  const Status status = decoder.decode(message, *source, record);
  const std::size_t after = testkit::allocations();
  EXPECT_TRUE(status);
  return after - before;
}

TEST(DecodeAllocation, ProtobufTakesNone) {
  vehicle::v1::Position position;
  position.set_latitude_e7(1);
  position.set_speed_kmh(2);
  const SourcePlan plan = testkit::protobuf_source(
      "vehicle/position", *vehicle::v1::Position::descriptor(), {"latitude_e7", "speed_kmh"});
  EXPECT_EQ(allocations_of_second_decode(plan, position.SerializeAsString()), 0U);
}

TEST(DecodeAllocation, JsonTakesNone) {
  const SourcePlan plan = testkit::json_source("t/{car}/x", {"a.*", "b"});
  EXPECT_EQ(allocations_of_second_decode(
                plan, R"({"a":{"k":"a text that is longer than a small string","l":[1,2]},"b":2})"),
            0U);
}

TEST(DecodeAllocation, TheCounterCounts) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer owns operator new";
  const std::size_t before = testkit::allocations();
  std::vector<int> some(100);
  EXPECT_GT(testkit::allocations(), before) << some.size();
}

}  // namespace
}  // namespace sudare
