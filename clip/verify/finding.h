// Why a clip may not leave: what kind of thing is wrong, and where. Never its value.
#pragma once

#include <cstdint>
#include <optional>

#include "base/literal.h"
#include "clip/report.h"

namespace sudare::clip {

struct Finding {
  Reason reason;
  Literal what;  // "moov: name of a handler"
  std::uint64_t
      offset;  // in the stream: of the thing itself, or of the box or sample that it is in
};

// What a check returns: nothing where all is well.
using Verdict = std::optional<Finding>;

}  // namespace sudare::clip
