// The profile of a simulated car: the built-in default, which is deploy/profiles/default.textproto,
// and a tester's own file over it.
#pragma once

#include <string>
#include <string_view>

#include "sim/error.h"
#include "sudare/sim/v1/profile.pb.h"

namespace sudare::sim {

// What --profile falls back to. Pure.
[[nodiscard]] v1::Profile default_profile();

// The default with the fields of `text` over it. `file` is for errors, which name the line. Fails
// on syntax, unknown or repeated fields, and values outside the ranges of profile.proto.
[[nodiscard]] Parsed<v1::Profile> parse_profile(const std::string& file, std::string_view text);

// Reads and parses the file; an empty path is the default.
[[nodiscard]] Parsed<v1::Profile> load_profile(const std::string& path);

// The text that is built in.
[[nodiscard]] std::string_view default_profile_text();

}  // namespace sudare::sim
