#include "gateway/consent/consent_message.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sudare {
namespace {

constexpr Literal kNotAWord = "consent: not {\"granted\": bool, \"counter\": number}";

// What is left of the text. RFC 8259, as far as a word has need of it: one object, names without
// escapes, two literals, and integers that are not negative. Each takes what it names from the
// front, after white space, or returns false and the word is none.
class Text {
 public:
  explicit Text(std::string_view text) : left_(text) {}

  bool take(std::string_view token) {
    skip_white_space();
    if (left_.substr(0, token.size()) != token) return false;
    left_.remove_prefix(token.size());
    return true;
  }
  bool take_bool(bool& value) {
    value = take("true");
    return value || take("false");
  }
  bool take_number(std::uint64_t& value) {
    skip_white_space();
    const char* const first = left_.data();
    const auto [end, problem] = std::from_chars(first, first + left_.size(), value);
    if (problem != std::errc()) return false;
    const auto digits = static_cast<std::size_t>(end - first);
    if (digits > 1 && *first == '0') return false;
    left_.remove_prefix(digits);
    return true;
  }
  [[nodiscard]] bool at_end() {
    skip_white_space();
    return left_.empty();
  }

 private:
  void skip_white_space() {
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t\n\r"), left_.size()));
  }

  std::string_view left_;
};

bool take_member(Text& text, std::optional<bool>& granted, std::optional<std::uint64_t>& counter) {
  bool flag = false;
  std::uint64_t number = 0;
  if (!granted && text.take("\"granted\"")) {
    if (!text.take(":") || !text.take_bool(flag)) return false;
    granted = flag;
    return true;
  }
  if (counter || !text.take("\"counter\"") || !text.take(":") || !text.take_number(number)) {
    return false;
  }
  counter = number;
  return true;
}

}  // namespace

Result<ConsentWord> parse_consent(std::string_view json) {
  if (json.size() > kConsentBytesMax) {
    return fail(ErrorCode::kTooLarge, "consent: payload", static_cast<std::int64_t>(json.size()));
  }
  Text text(json);
  std::optional<bool> granted;
  std::optional<std::uint64_t> counter;
  const bool whole = text.take("{") && take_member(text, granted, counter) && text.take(",") &&
                     take_member(text, granted, counter) && text.take("}") && text.at_end();
  if (!whole) return fail(ErrorCode::kMalformed, kNotAWord);
  return ConsentWord{*granted, *counter};
}

}  // namespace sudare
