// Any bytes as a clip: inspect reads to the end, within its limits, and every finding lies in the
// file.
#include <cstdint>
#include <cstdlib>

#include "clip/inspect/inspect.h"
#include "tests/testkit/clip_memory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  sudare::testkit::MemoryFile file(Bytes(data, size));
  std::size_t listed = 0;
  const auto result = inspect_clip(file, [&](const InspectFinding& finding) {
    ++listed;
    if (finding.offset > size || to_line(finding).size() > 512) std::abort();
  });
  if (!result || listed > kInspectFindingsMax || listed > result->findings) std::abort();
  return 0;
}
