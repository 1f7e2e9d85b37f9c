#include "clip/options.h"

#include <array>
#include <charconv>

namespace sudare::clip {
namespace {

constexpr std::uint32_t kThousand = 1000;
// A day: no recorder's clip is longer, and sums of such numbers do not overflow.
constexpr std::int64_t kWindowMsMax = 86'400'000;

template <class Number>
bool number(std::string_view text, Number max, Number& value) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end && value >= 0 && value <= max;
}

// The command line while it is read: what was given and what is left.
struct Reader {
  std::span<const char* const> left;
  Options options;
  bool profile_given = false;
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> to_ms;

  std::optional<std::string_view> value() {
    if (left.empty()) return std::nullopt;
    const std::string_view text = left.front();
    left = left.subspan(1);
    return text;
  }
  bool take_profile() {
    const auto text = value();
    const auto profile = text ? profile_of(*text) : std::nullopt;
    if (!profile || profile_given) return false;
    profile_given = true;
    options.profile = *profile;
    return true;
  }
  bool take_ms(std::optional<std::int64_t>& ms) {
    const auto text = value();
    std::int64_t read = 0;
    if (!text || ms || !number(*text, kWindowMsMax, read)) return false;
    ms = read;
    return true;
  }
  bool take_fill() {
    const auto text = value();
    if (!text || options.fill.size() == kFillsMax) return false;
    const auto fill = parse_fill(*text);
    if (fill) options.fill.push_back(*fill);
    return fill.has_value();
  }
  bool take_sound() {
    const bool first = !options.sound;
    options.sound = true;
    return first;
  }
  bool take(std::string_view argument) {
    const bool minimize = options.mode == Mode::kMinimize;
    if (options.mode == Mode::kInspect) return false;
    if (argument == "--profile") return take_profile();
    if (argument == "--sound") return take_sound();
    if (minimize && argument == "--from-ms") return take_ms(from_ms);
    if (minimize && argument == "--to-ms") return take_ms(to_ms);
    if (minimize && argument == "--fill") return take_fill();
    return false;
  }
  // What no single argument can show.
  bool whole() {
    if (options.mode == Mode::kInspect) return true;
    if (!profile_given || from_ms.has_value() != to_ms.has_value()) return false;
    if (from_ms && *from_ms >= *to_ms) return false;
    if (from_ms) options.window = Window{*from_ms, *to_ms};
    if (options.profile == Profile::kSketch && options.sound) return false;
    return options.profile == Profile::kSketch || options.fill.empty();
  }
};

std::optional<Mode> mode_of(std::string_view name) {
  if (name == "minimize") return Mode::kMinimize;
  if (name == "verify") return Mode::kVerify;
  if (name == "inspect") return Mode::kInspect;
  return std::nullopt;
}

}  // namespace

Literal literal_of(Profile profile) {
  return profile == Profile::kSketch ? Literal("sketch") : Literal("original-picture");
}

std::optional<Profile> profile_of(std::string_view name) {
  for (const Profile profile : {Profile::kOriginalPicture, Profile::kSketch}) {
    if (name == literal_of(profile).view()) return profile;
  }
  return std::nullopt;
}

Result<Fill> parse_fill(std::string_view text) {
  std::array<std::uint32_t, 4> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool last = i + 1 == values.size();
    const std::size_t end = last ? text.size() : text.find(',');
    if (end == std::string_view::npos || !number(text.substr(0, end), kThousand, values[i])) {
      return fail(ErrorCode::kMalformed, "fill: not L,T,W,H in thousandths");
    }
    text.remove_prefix(last ? end : end + 1);
  }
  const Fill fill{values[0], values[1], values[2], values[3]};
  if (fill.width == 0 || fill.height == 0 || fill.left + fill.width > kThousand ||
      fill.top + fill.height > kThousand) {
    return fail(ErrorCode::kMalformed, "fill: empty, or it leaves the picture");
  }
  return fill;
}

std::vector<std::string> arguments_of(const Options& options) {
  if (options.mode == Mode::kInspect) return {"inspect"};
  const bool minimize = options.mode == Mode::kMinimize;
  std::vector<std::string> arguments{minimize ? "minimize" : "verify", "--profile",
                                     std::string(literal_of(options.profile).view())};
  if (options.sound) arguments.emplace_back("--sound");
  if (!minimize) return arguments;
  if (options.window) {
    arguments.insert(arguments.end(), {"--from-ms", std::to_string(options.window->from_ms),
                                       "--to-ms", std::to_string(options.window->to_ms)});
  }
  for (const Fill& fill : options.fill) {
    arguments.emplace_back("--fill");
    arguments.push_back(std::to_string(fill.left) + "," + std::to_string(fill.top) + "," +
                        std::to_string(fill.width) + "," + std::to_string(fill.height));
  }
  return arguments;
}

Result<Options> parse(std::span<const char* const> arguments) {
  Reader reader{arguments, {}, false, {}, {}};
  const auto name = reader.value();
  const auto mode = name ? mode_of(*name) : std::nullopt;
  if (!mode) return fail(ErrorCode::kMalformed, "arguments: no minimize, verify or inspect");
  reader.options.mode = *mode;
  while (const auto argument = reader.value()) {
    if (!reader.take(*argument)) {
      return fail(ErrorCode::kMalformed, "arguments: unknown, doubled or without a value");
    }
  }
  if (!reader.whole()) {
    return fail(ErrorCode::kMalformed, "arguments: missing or contradicting");
  }
  return reader.options;
}

}  // namespace sudare::clip
