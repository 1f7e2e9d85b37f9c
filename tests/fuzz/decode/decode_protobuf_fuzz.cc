// Any bytes as a Protobuf payload. Where protobuf's own parser takes them, so must ours, but for
// what we refuse on purpose; and the values of singular numbers are the same.
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <string>

#include "sample.pb.h"
#include "tests/fuzz/decode/check_record.h"
#include "tests/testkit/source_plan.h"

namespace {

using sudare::test::Sample;

sudare::Policy make_policy() {
  sudare::Policy policy;
  policy.sources.push_back(sudare::testkit::protobuf_source("t", *Sample::descriptor(),
                                                            {"int32_field",
                                                             "uint64_field",
                                                             "sint32_field",
                                                             "fixed32_field",
                                                             "sfixed64_field",
                                                             "double_field",
                                                             "bool_field",
                                                             "string_field",
                                                             "bytes_field",
                                                             "colour",
                                                             "packed",
                                                             "plain",
                                                             "colours",
                                                             "children.int32_field",
                                                             "children.child.string_field",
                                                             "child.far",
                                                             "child.child.child.packed",
                                                             "texts.*",
                                                             "samples.*.float_field",
                                                             "first",
                                                             "second",
                                                             "far"}));
  sudare::SourcePlan& plan = policy.sources[0];
  plan.time_node = sudare::testkit::node_of(plan, "uint64_field");
  plan.nodes[plan.time_node].unit = sudare::v1::MILLISECONDS;
  plan.ignition_node = sudare::testkit::node_of(plan, "child.far");
  return policy;
}

// The singular numbers of the payload itself, against those of the full parser.
void compare(const sudare::SourcePlan& plan, const sudare::Record& record, const Sample& parsed) {
  static const sudare::NodeIndex kInt32 = sudare::testkit::node_of(plan, "int32_field");
  static const sudare::NodeIndex kSint32 = sudare::testkit::node_of(plan, "sint32_field");
  static const sudare::NodeIndex kFar = sudare::testkit::node_of(plan, "far");
  std::int64_t int32 = 0;
  std::int64_t sint32 = 0;
  std::uint64_t far = 0;
  int depth = 0;
  for (const sudare::Item& item : record.body.reveal(sudare::TestReveal::key()).items) {
    if (item.kind == sudare::ItemKind::kClose) --depth;
    else if (item.kind != sudare::ItemKind::kValue) ++depth;
    if (depth != 0) continue;
    if (item.node == kInt32) int32 = item.integer;
    if (item.node == kSint32) sint32 = item.integer;
    if (item.node == kFar) far = item.natural;
  }
  sudare::require(int32 == parsed.int32_field());
  sudare::require(sint32 == parsed.sint32_field());
  sudare::require(far == parsed.far());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sudare::Policy policy = make_policy();
  static sudare::Decoder decoder(policy);
  static sudare::Record record;
  const std::string payload(reinterpret_cast<const char*>(data), size);
  sudare::Message message;
  message.topic.set("t");
  message.payload.set(payload);
  const sudare::Status status = decoder.decode(message, 0, record);
  sudare::check_record(policy.sources[0], status, record);
  // The full parser tells of invalid UTF-8 in strings that we leave unread.
  static const auto silenced = google::protobuf::SetLogHandler(nullptr);
  (void)silenced;
  Sample parsed;
  if (status && parsed.ParseFromString(payload)) compare(policy.sources[0], record, parsed);
  return 0;
}
