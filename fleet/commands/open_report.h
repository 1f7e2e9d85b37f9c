// What `sudare open` says at its end: as JSON for --report, and on stderr.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/open/receiver.h"

namespace sudare::commands {

// `forgotten`: records that an erasure order names; they are among `records`.
[[nodiscard]] nlohmann::ordered_json open_report(const std::string& purpose,
                                                 const Receiver& receiver, std::uint64_t forgotten);

void tell_summary(const std::string& purpose, const Receiver& receiver, std::uint64_t forgotten);

}  // namespace sudare::commands
