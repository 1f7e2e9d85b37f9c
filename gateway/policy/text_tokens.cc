#include "gateway/policy/text_tokens.h"

#include <array>

namespace sudare {
namespace {

using google::protobuf::io::Tokenizer;

// RFC 3629: shortest form, no surrogates, at most U+10FFFF.
bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < more) return false;
    std::uint32_t code = lead & (0x3fU >> more);
    for (std::size_t n = 0; n < more; ++n) {
      const auto byte = static_cast<unsigned char>(text[i++]);
      if ((byte & 0xc0U) != 0x80) return false;
      code = (code << 6U) | (byte & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 4> kLeast = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

}  // namespace

// What is not reported is not searched for: there may be as many errors as bytes. The place isn't
// kept: it lies within a token, and the token's own, before it, may be asked for next.
void TextTokens::Collector::AddError(int line, int column, const std::string& message) {
  const bool reported = tokens_.errors_ < tokens_.errors_max_;
  tokens_.error_at(reported ? tokens_.position_of(line, column) : TextPosition{}, message,
                   kSyntaxHint);
}

TextTokens::TextTokens(const DiagnosticKey& key, const std::string& file, std::string_view text,
                       std::size_t errors_max, Diagnostics& diagnostics)
    : key_(key),
      file_(file),
      source_(text),
      errors_max_(errors_max),
      diagnostics_(diagnostics),
      collector_(*this),
      input_(text.data(), static_cast<int>(text.size())),
      tokenizer_(&input_, &collector_) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts_.push_back(i + 1);
  }
  // As TextFormat reads it, so that both see the same tokens.
  tokenizer_.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer_.set_allow_f_after_float(true);
  tokenizer_.set_require_space_after_number(false);
  tokenizer_.set_allow_multiline_strings(true);
  tokenizer_.Next();
}

bool TextTokens::at_end() const { return type() == Tokenizer::TYPE_END; }
Tokenizer::TokenType TextTokens::type() const { return tokenizer_.current().type; }
const std::string& TextTokens::text() const { return tokenizer_.current().text; }
TextPosition TextTokens::position() const {
  const Tokenizer::Token& token = tokenizer_.current();
  last_ = place_of(token.line, token.column, last_);
  return position_of(token.line, token.column);
}

void TextTokens::next() {
  if (colon_taken_) {
    colon_taken_ = false;
    return;
  }
  tokenizer_.Next();
}

bool TextTokens::peek(std::string_view symbol) const {
  if (colon_taken_) return symbol == ":";
  return type() == Tokenizer::TYPE_SYMBOL && text() == symbol;
}

bool TextTokens::take(std::string_view symbol) {
  if (!peek(symbol)) return false;
  next();
  return true;
}

bool TextTokens::peek_after_colon(std::string_view symbol) {
  tokenizer_.Next();
  if (type() == Tokenizer::TYPE_SYMBOL && text() == symbol) return true;
  colon_taken_ = true;
  return false;
}

void TextTokens::error(const std::string& what, const std::string& hint) {
  error_at(position(), what, hint);
}

void TextTokens::error_at(TextPosition position, const std::string& what, const std::string& hint) {
  if (++errors_ > errors_max_) return;
  diagnostics_.emplace_back(key_, DiagnosticSeverity::kError, file_, position.line, position.column,
                            what, hint);
}

bool TextTokens::stop(const std::string& what, const std::string& hint) {
  error(what, hint);
  return false;
}

bool TextTokens::string_value(const std::string& field) {
  if (type() != Tokenizer::TYPE_STRING) {
    error("\"" + field + "\" takes text", "put it in quotes");
    return skip_scalar();
  }
  while (type() == Tokenizer::TYPE_STRING) {  // adjacent strings are one
    std::string value;
    Tokenizer::ParseString(text(), &value);
    if (!valid_utf8(value)) error("\"" + field + "\" is not valid UTF-8", "save the file as UTF-8");
    next();
  }
  return true;
}

bool TextTokens::bool_value(const std::string& field) {
  if (text() != "true" && text() != "false") {
    error("\"" + field + "\" takes true or false", "write true or false");
    return skip_scalar();
  }
  next();
  return true;
}

bool TextTokens::real_value(const std::string& field) {
  const TextPosition at = position();
  take("-");
  if (type() != Tokenizer::TYPE_FLOAT && type() != Tokenizer::TYPE_INTEGER) {
    error_at(at, "\"" + field + "\" takes a number", "such as 60 or 0.5");
    return skip_scalar();
  }
  next();
  return true;
}

bool TextTokens::int_value(const std::string& field, std::uint64_t most, bool negative_too) {
  const TextPosition at = position();
  const bool negative = take("-");
  std::uint64_t value = 0;
  if (type() != Tokenizer::TYPE_INTEGER || (negative && !negative_too)) {
    error_at(at, "\"" + field + "\" takes a whole number",
             negative_too ? "such as -1 or 60" : "such as 60");
    return skip_scalar();
  }
  if (!Tokenizer::ParseInteger(text(), most, &value)) {
    error_at(at, "the number for \"" + field + "\" is too large",
             "at most " + std::to_string(most));
  }
  next();
  return true;
}

bool TextTokens::skip_scalar() {
  take("-");
  if (at_end()) return false;
  if (type() == Tokenizer::TYPE_SYMBOL && !peek("{") && !peek("<") && !peek("[")) return false;
  return skip_value();
}

bool TextTokens::skip_value() {
  take(":");
  take("-");
  if (peek("{") || peek("<") || peek("[")) {
    int depth = 0;
    do {
      if (at_end()) return stop("the file ends inside a message", "a \"}\" is missing");
      if (peek("{") || peek("<") || peek("[")) ++depth;
      if (peek("}") || peek(">") || peek("]")) --depth;
      next();
    } while (depth > 0);
    return true;
  }
  if (at_end()) return stop("expected a value", "write NAME: VALUE or NAME { ... }");
  if (type() == Tokenizer::TYPE_SYMBOL)
    return stop("expected a value", "write NAME: VALUE or NAME { ... }");
  const bool string = type() == Tokenizer::TYPE_STRING;
  next();
  while (string && type() == Tokenizer::TYPE_STRING) next();
  if (!take(",")) take(";");
  return true;
}

TextTokens::Place TextTokens::place_of(int line, int column, Place from) const {
  // The tokenizer takes a tab as far as the next multiple of 8.
  constexpr int kTabWidth = 8;
  if (line < 0 || static_cast<std::size_t>(line) >= line_starts_.size()) return {line, column, 0};
  Place place = from.line == line && from.column <= column ? from : Place{line, 0, 0};
  for (const std::size_t start = line_starts_[static_cast<std::size_t>(line)];
       place.column < column; ++place.bytes, ++bytes_looked_at_) {
    const std::size_t at = start + static_cast<std::size_t>(place.bytes);
    const bool tab = at < source_.size() && source_[at] == '\t';
    place.column += tab ? kTabWidth - place.column % kTabWidth : 1;
  }
  return place;
}

TextPosition TextTokens::position_of(int line, int column) const {
  if (line < 0 || static_cast<std::size_t>(line) >= line_starts_.size()) return {};
  return {line + 1, place_of(line, column, last_).bytes + 1};
}

}  // namespace sudare
