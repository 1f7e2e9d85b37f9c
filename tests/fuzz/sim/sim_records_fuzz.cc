// Any text as what the simulator's comparison reads of other programs: the output of `sudare open`,
// its own record of what was sent, a gateway's metrics.
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/compare/opened.h"
#include "sim/process/metrics.h"
#include "sim/truth.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<sudare::sim::OpenedRecord> records;
  (void)sudare::sim::parse_opened("opened.ndjson", text, records);
  (void)sudare::sim::parse_truth("truth.ndjson", text);
  (void)sudare::sim::parse_metrics(text);
  return 0;
}
