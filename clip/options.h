// What sudare-clip is asked to do, and how that is written on its command line. Used by both ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/literal.h"
#include "base/result.h"

namespace sudare::clip {

enum class Mode : std::uint8_t { kMinimize, kVerify, kInspect };
enum class Profile : std::uint8_t { kOriginalPicture, kSketch };

// "original-picture", "sketch".
[[nodiscard]] Literal literal_of(Profile profile);
[[nodiscard]] std::optional<Profile> profile_of(std::string_view name);

// A rectangle in thousandths of the picture's width and height; all of it lies in the picture.
struct Fill {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  friend bool operator==(const Fill&, const Fill&) = default;
};

// Recorders burn in one or two lines of text.
inline constexpr std::size_t kFillsMax = 16;

struct Window {
  std::int64_t from_ms = 0;  // from the clip's first picture; ≥ 0
  std::int64_t to_ms = 0;    // > from_ms; the picture that is shown then is the last one
  friend bool operator==(const Window&, const Window&) = default;
};

struct Options {
  Mode mode = Mode::kInspect;
  Profile profile = Profile::kSketch;  // minimize, verify
  bool sound = false;                  // kOriginalPicture only
  std::optional<Window> window;        // minimize; absent: the whole clip
  std::vector<Fill> fill;              // minimize, kSketch only
  friend bool operator==(const Options&, const Options&) = default;
};

// "L,T,W,H". kMalformed where it is none, or leaves the picture.
[[nodiscard]] Result<Fill> parse_fill(std::string_view text);

// The arguments after the program's name. arguments_of(parse(x)) means the same as x.
[[nodiscard]] std::vector<std::string> arguments_of(const Options& options);
// kMalformed: unknown, doubled, missing or contradicting arguments.
[[nodiscard]] Result<Options> parse(std::span<const char* const> arguments);

}  // namespace sudare::clip
