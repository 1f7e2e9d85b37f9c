// What this program was built with (cmake/parts.cmake). What is left out is not there at all; who
// reads a configuration or policy that asks for it says so instead of passing it over.
#pragma once

namespace sudare {

struct BuildParts {
  bool status = true;  // the status page
  bool json = true;    // sources with JSON payloads
  bool clips = true;   // drive-recorder clips

  friend bool operator==(const BuildParts&, const BuildParts&) = default;
};

[[nodiscard]] BuildParts build_parts();

}  // namespace sudare
