// Any bytes as a JSON payload.
#include <cstdint>
#include <string>

#include "tests/fuzz/decode/check_record.h"
#include "tests/testkit/source_plan.h"

namespace {

sudare::Policy make_policy() {
  sudare::Policy policy;
  policy.sources.push_back(sudare::testkit::json_source(
      "t/{id}", {"a", "b.c", "b.d.e", "m.*", "n.*.v", "l.0", "l.1.x", "time", "on"}));
  sudare::SourcePlan& plan = policy.sources[0];
  plan.time_node = sudare::testkit::node_of(plan, "time");
  plan.nodes[plan.time_node].unit = sudare::v1::ISO_8601;
  plan.ignition_node = sudare::testkit::node_of(plan, "on");
  return policy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sudare::Policy policy = make_policy();
  static sudare::Decoder decoder(policy);
  static sudare::Record record;
  sudare::Message message;
  message.topic.set("t/x");
  message.payload.set(std::string(reinterpret_cast<const char*>(data), size));
  const sudare::Status status = decoder.decode(message, 0, record);
  sudare::check_record(policy.sources[0], status, record);
  return 0;
}
