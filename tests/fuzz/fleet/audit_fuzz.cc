// Any bytes as a file, audited whole. What is reported must lie inside, and what is planted behind
// them must be found, whatever they are.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fleet/audit/audit.h"
#include "fleet/audit/inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  constexpr const char* kPlanted = "planted-4f9c";
  AuditInputs inputs{{kPlanted, "ZVW30-1234567"}, {{356'812'362, 1'397'671'248}}};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The bytes may also be the files that say what to look for.
  static_cast<void>(parse_identifiers(input));
  if (const auto positions = parse_positions(input)) {
    inputs.positions.insert(inputs.positions.end(), positions->begin(), positions->end());
  }
  const std::string bytes = std::string(input) + kPlanted;
  Auditor auditor(inputs);
  bool found = false;
  auditor.scan_bytes("fuzz", bytes, [&](const AuditFinding& finding) {
    if (finding.offset >= bytes.size()) std::abort();
    if (finding.confidence < 0 || finding.confidence > 1) std::abort();
    found = found || (finding.what == "identifier" && finding.offset == size);
  });
  if (!found) std::abort();
  return 0;
}
