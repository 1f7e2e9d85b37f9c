// Any bytes as a file, audited whole. What is reported must lie inside, and what is planted behind
// them must be found, whatever they are.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fleet/audit/inputs.h"
#include "fleet/audit/window.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  const std::string planted = "planted-4f9c";
  // Made once: they take longer than a scan.
  static IdentifierFinder identifiers({planted, "ZVW30-1234567"});
  static const PositionFinder positions({{356'812'362, 1'397'671'248}, {-12'345, -600'000'000}});

  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The bytes may also be the files that say what to look for.
  static_cast<void>(parse_identifiers(input));
  static_cast<void>(parse_positions(input));

  const std::string bytes = std::string(input) + planted;
  bool found = false;
  const auto inside = [&](std::size_t offset) {
    if (offset >= bytes.size()) std::abort();
  };
  WindowEvents events;
  events.identifier = [&](std::size_t identifier, std::size_t offset) {
    inside(offset);
    found = found || (identifier == 0 && offset == size);
  };
  events.position = [&](std::size_t position, std::size_t offset, double /*confidence*/) {
    inside(offset);
    if (position > 1) std::abort();
  };
  events.detected = [&](Detected /*what*/, std::size_t offset, double confidence) {
    inside(offset);
    if (confidence < 0 || confidence > 1) std::abort();
  };
  scan_audit_window(bytes, identifiers, positions, events);
  if (!found) std::abort();
  return 0;
}
