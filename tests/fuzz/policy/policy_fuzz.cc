// Any text as a policy and as a ceiling: loaded or refused, never a crash, and never loaded with an
// error or refused without one.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/policy/load.h"

namespace {

bool has_error(const sudare::Diagnostics& diagnostics) {
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.severity() == sudare::DiagnosticSeverity::kError) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sudare::SchemaSet schemas;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ceiling = sudare::load_ceiling("c", text);
  if ((ceiling.ceiling == nullptr) != has_error(ceiling.diagnostics)) std::abort();
  const auto policy = sudare::load_policy("p", text, schemas, ceiling.ceiling.get());
  if ((policy.policy == nullptr) != has_error(policy.diagnostics)) std::abort();
  if (policy.policy) static_cast<void>(sudare::find_source(*policy.policy, "vehicle/position"));
  return 0;
}
