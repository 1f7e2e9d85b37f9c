// What `sudare open` says at its end: as JSON for --report, and on stderr.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/open/clip_output.h"
#include "fleet/open/receiver.h"

namespace sudare::commands {

struct OpenedClips {
  ClipCounts counts;
  std::vector<IncompleteClip> incomplete;
};

// Every clip is whole.
[[nodiscard]] bool clean(const OpenedClips& clips);

// `forgotten`: records that an erasure order names; they are among `records`.
[[nodiscard]] nlohmann::ordered_json open_report(const std::string& purpose,
                                                 const Receiver& receiver, std::uint64_t forgotten,
                                                 const OpenedClips& clips);

void tell_summary(const std::string& purpose, const Receiver& receiver, std::uint64_t forgotten);
// Nothing where there was no clip.
void tell_clips(const OpenedClips& clips);

}  // namespace sudare::commands
