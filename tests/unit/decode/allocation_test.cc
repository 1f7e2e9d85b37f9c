// Decoding the same kind of message again takes nothing from the heap.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "sudare/vehicle/v1/position.pb.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace {
std::atomic<int> allocations{0};
}  // namespace

// All forms, so that none of a sanitizer's remains to be mixed with ours.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace sudare {
namespace {

int allocations_of_second_decode(const SourcePlan& plan, const std::string& payload) {
  Policy policy;
  policy.sources.push_back(plan);
  Decoder decoder(policy);
  const Message message = message_to(plan, payload);
  Record record;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(decoder.decode(message, 0, record));
  const int before = allocations;
  const auto source = decoder.source_of(message);
  const Status status = decoder.decode(message, *source, record);
  const int after = allocations;
  EXPECT_TRUE(status);
  return after - before;
}

TEST(DecodeAllocation, ProtobufTakesNone) {
  vehicle::v1::Position position;
  position.set_latitude_e7(1);
  position.set_speed_kmh(2);
  const SourcePlan plan = testkit::protobuf_source(
      "vehicle/position", *vehicle::v1::Position::descriptor(), {"latitude_e7", "speed_kmh"});
  EXPECT_EQ(allocations_of_second_decode(plan, position.SerializeAsString()), 0);
}

TEST(DecodeAllocation, JsonTakesNone) {
  const SourcePlan plan = testkit::json_source("t/{car}/x", {"a.*", "b"});
  EXPECT_EQ(allocations_of_second_decode(
                plan, R"({"a":{"k":"a text that is longer than a small string","l":[1,2]},"b":2})"),
            0);
}

TEST(DecodeAllocation, TheCounterCounts) {
  const int before = allocations;
  std::vector<int> some(100);
  EXPECT_GT(allocations, before) << some.size();
}

}  // namespace
}  // namespace sudare
