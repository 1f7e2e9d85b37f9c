// One piece of a file, looked through: the part of the auditor that knows how data may be written.
// Part of fleet/audit.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "fleet/audit/identifiers.h"
#include "fleet/audit/positions.h"
#include "gateway/detect/detector.h"

namespace sudare {

// What a window's scan tells, with offsets in the window. A place may be told more than once.
struct WindowEvents {
  std::function<void(std::size_t identifier, std::size_t offset)> identifier;
  std::function<void(std::size_t position, std::size_t offset, double confidence)> position;
  std::function<void(Detected what, std::size_t offset, double confidence)> detected;
};

// Linear in the length of `bytes`.
void scan_audit_window(std::string_view bytes, IdentifierFinder& identifiers,
                       const PositionFinder& positions, const WindowEvents& events);

}  // namespace sudare
