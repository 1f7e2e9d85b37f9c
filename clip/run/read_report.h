// Reads the line that sudare-clip wrote. The process may have been taken over by its clip: the line
// is hostile until it was read here.
#pragma once

#include <optional>
#include <string_view>

#include "clip/report.h"

namespace sudare::clip {

// Nothing where the line is not one JSON object whose members are all of a Report's, each of its
// type and with a name that Report's enums have. Pure; any thread.
[[nodiscard]] std::optional<Report> read_report(std::string_view line);

}  // namespace sudare::clip
