// What inspect finds in bytes, for its tests.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "clip/inspect/inspect.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip::testing {

struct Inspection {
  Inspected result;
  std::vector<InspectFinding> findings;

  // "what at where tells tells" of every finding.
  [[nodiscard]] std::set<std::string> lines() const;
  [[nodiscard]] std::set<std::string> tells() const;
};
Inspection inspect(Bytes bytes);

}  // namespace sudare::clip::testing
