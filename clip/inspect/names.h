// The names that inspect knows: boxes, atoms, chunks and keys, and what each tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "clip/inspect/walk.h"

namespace sudare::clip {

struct Known {
  std::uint32_t type;
  Literal name;
  Literal what;
  Tells tells;
};

// A child of udta (QuickTime, 3GPP TS 26.244, makers' own), or of ilst. "©" is byte A9 in a file.
// Nothing: not known.
[[nodiscard]] std::optional<Known> known_user_data(std::uint32_t type);
// A box that recorders put beside or into moov.
[[nodiscard]] std::optional<Known> known_maker_box(std::uint32_t type);
// A chunk of AVI, outside of movi.
[[nodiscard]] std::optional<Known> known_chunk(std::uint32_t type);
// A sample entry or handler of a track that is neither picture nor sound.
[[nodiscard]] Known known_data_track(std::uint32_t type);
// A box that is opened, for paths; "other" where it is none of ours.
[[nodiscard]] Literal box_name(std::uint32_t type);

// What a metadata key or an XMP-like name tells ("com.apple.quicktime.location.ISO6709").
struct KeyMeaning {
  Literal what;
  Tells tells;
};
[[nodiscard]] KeyMeaning meaning_of_key(std::string_view name);

}  // namespace sudare::clip
