#include "fleet/provision/csv_line.h"

#include <simdjson.h>

#include <utility>

namespace sudare {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

tl::unexpected<Error> malformed(Literal what, std::size_t at) {
  return fail(ErrorCode::kMalformed, what, static_cast<std::int64_t>(at + 1));
}

// The quoted field whose opening quote is at `at`; leaves `at` behind its closing one.
Result<std::string> quoted(std::string_view line, std::size_t& at) {
  const std::size_t begin = at++;
  std::string field;
  for (; at < line.size(); ++at) {
    if (line[at] != '"') {
      field += line[at];
    } else if (at + 1 < line.size() && line[at + 1] == '"') {
      field += '"';
      ++at;
    } else {
      ++at;
      return field;
    }
  }
  return malformed("CSV: a quote is not closed", begin);
}

Result<std::string> plain(std::string_view line, std::size_t& at) {
  const std::size_t end = std::min(line.find(',', at), line.size());
  const std::string_view field = line.substr(at, end - at);
  const std::size_t quote = field.find('"');
  if (quote != std::string_view::npos) {
    return malformed("CSV: a quote inside a field without quotes", at + quote);
  }
  at = end;
  return std::string(field);
}

}  // namespace

Result<std::vector<std::string>> csv_fields(std::string_view line) {
  if (line.size() > kCsvLineBytesMax)
    return fail(ErrorCode::kTooLarge, "CSV: the line is too long");
  if (!simdjson::validate_utf8(line.data(), line.size())) return malformed("CSV: not UTF-8", 0);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (is_control(line[i])) return malformed("CSV: a control character", i);
  }
  std::vector<std::string> fields;
  for (std::size_t at = 0;; ++at) {
    if (fields.size() == kCsvFieldsMax) return fail(ErrorCode::kTooLarge, "CSV: too many fields");
    const bool in_quotes = at < line.size() && line[at] == '"';
    TRY(std::string field, in_quotes ? quoted(line, at) : plain(line, at));
    fields.push_back(std::move(field));
    if (at == line.size()) return fields;
    if (line[at] != ',') return malformed("CSV: something follows a closing quote", at);
  }
}

}  // namespace sudare
