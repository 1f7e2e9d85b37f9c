#include "crypto/age/header.h"

#include <algorithm>

namespace sudare::age {
namespace {

constexpr std::string_view kVersionStart = "age-encryption.org/";

// Takes whole lines from the front of a header.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // The next line without its line feed, or nothing where it isn't complete.
  std::optional<std::string_view> next() {
    const std::size_t end = text_.find('\n', offset_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text_.substr(offset_, end - offset_);
    offset_ = end + 1;
    return line;
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(offset_); }
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
};

bool is_prefix_of_either(std::string_view a, std::string_view b) {
  const std::size_t shared = std::min(a.size(), b.size());
  return a.substr(0, shared) == b.substr(0, shared);
}

tl::unexpected<Error> malformed(Literal what, const Lines& lines) {
  return fail(ErrorCode::kMalformed, what, static_cast<std::int64_t>(lines.offset()));
}

// argument *(SP argument), each of visible ASCII characters.
bool parse_arguments(std::string_view text, std::vector<std::string_view>& arguments) {
  for (;;) {
    const std::string_view argument = text.substr(0, text.find(' '));
    const bool visible =
        std::all_of(argument.begin(), argument.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (argument.empty() || !visible) return false;
    arguments.push_back(argument);
    if (argument.size() == text.size()) return true;
    text.remove_prefix(argument.size() + 1);
  }
}

// *full-line final-line. Nothing where a line isn't complete.
Result<std::optional<std::string>> parse_body(Lines& lines) {
  std::string body;
  for (;;) {
    const std::optional<std::string_view> line = lines.next();
    if (!line) return std::optional<std::string>();
    if (line->size() > kBodyColumns || !base64_decode(*line, body)) {
      return malformed("age header: stanza body", lines);
    }
    if (line->size() < kBodyColumns) return std::optional<std::string>(std::move(body));
  }
}

// The rest of the line after "---": a space and the MAC.
bool parse_mac(std::string_view line, std::array<std::uint8_t, kMacBytes>& mac) {
  std::string decoded;
  if (line.size() != kMacStart.size() + 1 + base64_characters(kMacBytes)) return false;
  if (line[kMacStart.size()] != ' ') return false;
  if (!base64_decode(line.substr(kMacStart.size() + 1), decoded)) return false;
  std::copy_n(decoded.begin(), kMacBytes, mac.begin());
  return true;
}

// An incomplete header can still be one only while it is short enough.
Result<std::optional<Header>> incomplete(ByteSpan file) {
  if (file.size() < kHeaderBytesMax) return std::optional<Header>();
  return fail(ErrorCode::kTooLarge, "age header: longer than the limit", kHeaderBytesMax);
}

}  // namespace

Result<std::optional<Header>> parse_header(ByteSpan file) {
  const std::string_view text = text_of(file.first(std::min(file.size(), kHeaderBytesMax)));
  Lines lines(text);
  if (text.substr(0, kVersionLine.size()) != kVersionLine) {
    if (text.size() < kVersionLine.size() && is_prefix_of_either(text, kVersionLine)) {
      return std::optional<Header>();
    }
    if (text.substr(0, kVersionStart.size()) == kVersionStart) {
      return fail(ErrorCode::kUnsupported, "age header: version");
    }
    return fail(ErrorCode::kMalformed, "age header: not an age file");
  }
  lines.next();
  Header header;
  for (;;) {
    const std::size_t start = lines.offset();
    if (!is_prefix_of_either(lines.rest(), kStanzaStart) &&
        !is_prefix_of_either(lines.rest(), kMacStart)) {
      return malformed("age header: neither stanza nor MAC", lines);
    }
    const std::optional<std::string_view> line = lines.next();
    if (!line) return incomplete(file);
    if (line->substr(0, kMacStart.size()) == kMacStart) {
      if (header.stanzas.empty()) return malformed("age header: no stanza", lines);
      if (!parse_mac(*line, header.mac)) return malformed("age header: MAC line", lines);
      header.authenticated = file.first(start + kMacStart.size());
      header.bytes = lines.offset();
      return std::optional<Header>(std::move(header));
    }
    if (header.stanzas.size() == kStanzasMax) {
      return fail(ErrorCode::kTooLarge, "age header: too many stanzas", kStanzasMax);
    }
    Stanza stanza;
    if (line->size() < kStanzaStart.size() ||
        !parse_arguments(line->substr(kStanzaStart.size()), stanza.arguments)) {
      return malformed("age header: stanza arguments", lines);
    }
    TRY(std::optional<std::string> body, parse_body(lines));
    if (!body) return incomplete(file);
    stanza.body = std::move(*body);
    header.stanzas.push_back(std::move(stanza));
  }
}

}  // namespace sudare::age
