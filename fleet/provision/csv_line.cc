#include "fleet/provision/csv_line.h"

#include <simdjson.h>

#include <algorithm>

#include "crypto/secret_bytes.h"

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
Status take_quoted(std::string_view line, std::size_t& at, std::string& field) {
  const std::size_t begin = at++;
  for (; at < line.size(); ++at) {
    if (line[at] != '"') {
      field += line[at];
    } else if (at + 1 < line.size() && line[at + 1] == '"') {
      field += '"';
      ++at;
    } else {
      ++at;
      return Done{};
    }
  }
  return malformed("CSV: a quote is not closed", begin);
}

Status take_plain(std::string_view line, std::size_t& at, std::string& field) {
  const std::size_t end = std::min(line.find(',', at), line.size());
  const std::string_view text = line.substr(at, end - at);
  const std::size_t quote = text.find('"');
  if (quote != std::string_view::npos) {
    return malformed("CSV: a quote inside a field without quotes", at + quote);
  }
  field = text;
  at = end;
  return Done{};
}

Status take_fields(std::string_view line, std::vector<std::string>& fields) {
  for (std::size_t at = 0;; ++at) {
    if (fields.size() == kCsvFieldsMax) return fail(ErrorCode::kTooLarge, "CSV: too many fields");
    std::string& field = fields.emplace_back();
    field.reserve(line.size() - at);  // one that grows leaves copies behind
    const bool in_quotes = at < line.size() && line[at] == '"';
    TRY(in_quotes ? take_quoted(line, at, field) : take_plain(line, at, field));
    if (at == line.size()) return Done{};
    if (line[at] != ',') return malformed("CSV: something follows a closing quote", at);
  }
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
  fields.reserve(kCsvFieldsMax);
  const Status taken = take_fields(line, fields);
  if (taken) return fields;
  for (std::string& field : fields) {
    wipe({reinterpret_cast<std::uint8_t*>(field.data()), field.size()});
  }
  return tl::unexpected<Error>(taken.error());
}

}  // namespace sudare
