#include "tests/unit/clip/inspect_media.h"

#include <algorithm>
#include <stdexcept>

namespace sudare::clip::testing {
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

std::string path_of(const InspectFinding& finding) {
  std::string path;
  for (const Literal name : finding.where) {
    if (!path.empty()) path += '/';
    path += name.view();
  }
  return path;
}

}  // namespace

std::set<std::string> Inspection::lines() const {
  std::set<std::string> lines;
  for (const InspectFinding& finding : findings) {
    lines.insert(std::string(finding.what.view()) + " at " + path_of(finding) + " tells " +
                 std::string(literal_of(finding.tells).view()));
  }
  return lines;
}

std::set<std::string> Inspection::tells() const {
  std::set<std::string> tells;
  for (const InspectFinding& finding : findings) tells.emplace(literal_of(finding.tells).view());
  return tells;
}

Inspection inspect(Bytes bytes) {
  InMemory file(bytes);
  Inspection inspection;
  const auto result = inspect_clip(file, [&](const InspectFinding& finding) {
    if (finding.offset > bytes.size()) throw std::runtime_error("offset behind the file");
    inspection.findings.push_back(finding);
  });
  if (!result) throw std::runtime_error("inspect failed");
  inspection.result = *result;
  return inspection;
}

}  // namespace sudare::clip::testing
