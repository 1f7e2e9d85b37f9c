// Any bytes as a clip: inspect reads to the end, within its limits, and every finding lies in the
// file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "clip/inspect/inspect.h"

namespace sudare::clip {
namespace {

class InMemory final : public InspectFile {
 public:
  explicit InMemory(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const Bytes rest = bytes_.subspan(static_cast<std::size_t>(offset));
    const std::size_t count = std::min(rest.size(), into.size());
    std::copy_n(rest.begin(), count, into.begin());
    return count;
  }

 private:
  Bytes bytes_;
};

}  // namespace
}  // namespace sudare::clip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  InMemory file(Bytes(data, size));
  std::size_t listed = 0;
  const auto result = inspect_clip(file, [&](const InspectFinding& finding) {
    ++listed;
    if (finding.offset > size || to_line(finding).size() > 512) std::abort();
  });
  if (!result || listed > kInspectFindingsMax || listed > result->findings) std::abort();
  return 0;
}
