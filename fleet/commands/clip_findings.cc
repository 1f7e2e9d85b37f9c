#include "fleet/commands/clip_findings.h"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

// A line of sudare-clip has a place and numbers in it, no value.
constexpr std::size_t kLineBytesMax = 4096;
// So that a worker that was taken over can't fill a terminal or this program's memory.
constexpr std::uint64_t kFindingsMax = 100'000;

// Without control characters: those of ASCII, and U+0080 to U+009F, which are two bytes and which
// some terminals obey as well.
std::string printable(const Json& word) {
  auto text = word.get<std::string>();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < ' ' || byte == 0x7f) text[i] = '?';
    if (byte != 0xc2 || i + 1 == text.size()) continue;
    if (static_cast<unsigned char>(text[i + 1]) < 0xa0) text.replace(i, 2, "?");
  }
  return text;
}

}  // namespace

Status ClipFindings::take(std::span<const std::byte> part) {
  text_.append(reinterpret_cast<const char*>(part.data()), part.size());
  std::size_t start = 0;
  for (std::size_t end = text_.find('\n'); end != std::string::npos;
       start = end + 1, end = text_.find('\n', start)) {
    TRY(line(std::string_view(text_).substr(start, end - start)));
  }
  text_.erase(0, start);
  if (text_.size() > kLineBytesMax) return fail(ErrorCode::kTooLarge, "a finding too long");
  return Done{};
}

Status ClipFindings::line(std::string_view text) {
  const Json read = Json::parse(text, nullptr, false);
  if (!read.is_object() || ++count_ > kFindingsMax) {
    return fail(ErrorCode::kMalformed, "a finding that is none");
  }
  // Only what a finding has, in the form that it has.
  const auto word = [&read](const char* key) {
    return read.contains(key) && read[key].is_string() ? read[key].get<std::string>() : "";
  };
  const auto number = [&read](const char* key) {
    return read.contains(key) && read[key].is_number_unsigned() ? read[key].get<std::uint64_t>()
                                                                : 0;
  };
  const Json finding{{"what", word("what")},
                     {"tells", word("tells")},
                     {"where", word("where")},
                     {"offset", number("offset")},
                     {"bytes", number("bytes")}};
  if (json_) {
    out_ << finding.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return Done{};
  }
  if (count_ == 1) row("TELLS", "WHAT", "OFFSET", "BYTES", "WHERE");
  row(printable(finding["tells"]), printable(finding["what"]), finding["offset"].dump(),
      finding["bytes"].dump(), printable(finding["where"]));
  return Done{};
}

void ClipFindings::row(const std::string& tells, const std::string& what, const std::string& offset,
                       const std::string& bytes, const std::string& where) {
  out_ << std::left << std::setw(14) << tells << " " << std::setw(22) << what << " " << std::right
       << std::setw(11) << offset << " " << std::setw(9) << bytes << "  " << where << "\n";
}

}  // namespace sudare::commands
