// Any bytes as a line of `sudare minimize`. What comes out must be lines of JSON with the members
// of the design.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/explain/explain_output.h"
#include "fleet/preview/preview_lines.h"
#include "fleet/preview/sample_line.h"
#include "tests/unit/fleet/small_policy.h"

namespace {

using namespace sudare;

void check(const std::string& out) {
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find('\n', at);
    if (end == std::string::npos) std::abort();
    const auto line = nlohmann::json::parse(out.substr(at, end - at), nullptr, false);
    if (!line.is_object() || !line.contains("purpose")) std::abort();
    if (line.size() != (line.contains("fate") ? 6U : 5U)) std::abort();
    at = end + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<const Policy> policy = fleet_test::small_policy();
  static const SchemaSet schemas;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  PreviewKeys keys(*policy, "fuzz");
  PreviewLines lines(*policy, keys, {"policy.textproto", true, true});
  std::string out;
  if (lines.append(line, out)) check(out);
  // The same message explained; as a Protobuf payload too.
  if (const auto sample = parse_sample_line(line)) {
    Explainer explainer(*policy, schemas);
    const auto explained = explainer.explain(sample->topic, sample->payload, sample->time_ms);
    static_cast<void>(explanation_table(explained, "p"));
    if (!nlohmann::json::accept(explanation_json(explained, "p"))) std::abort();
    const auto position = explainer.explain("vehicle/position", sample->payload, sample->time_ms);
    if (!nlohmann::json::accept(explanation_json(position, "p"))) std::abort();
  }
  return 0;
}
