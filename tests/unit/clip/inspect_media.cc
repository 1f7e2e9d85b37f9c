#include "tests/unit/clip/inspect_media.h"

#include <algorithm>
#include <stdexcept>

#include "tests/testkit/clip_memory.h"

namespace sudare::clip::testing {
namespace {

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
  testkit::MemoryFile file(bytes);
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
