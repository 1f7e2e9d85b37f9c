#include "gateway/consent/consent_message.h"

#include <simdjson.h>

#include <optional>

namespace sudare {
namespace {

constexpr Literal kNotAWord = "consent: not {\"granted\": bool, \"counter\": number}";

}  // namespace

Result<ConsentWord> parse_consent(std::string_view json) {
  if (json.size() > kConsentBytesMax) {
    return fail(ErrorCode::kTooLarge, "consent: payload", static_cast<std::int64_t>(json.size()));
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return fail(ErrorCode::kMalformed, kNotAWord);
  }
  std::optional<bool> granted;
  std::optional<std::uint64_t> counter;
  for (const simdjson::dom::key_value_pair field : object) {
    bool flag = false;
    std::uint64_t number = 0;
    if (field.key == "granted" && !granted && field.value.get(flag) == simdjson::SUCCESS) {
      granted = flag;
    } else if (field.key == "counter" && !counter && field.value.is_uint64() &&
               field.value.get(number) == simdjson::SUCCESS) {
      counter = number;
    } else {
      return fail(ErrorCode::kMalformed, kNotAWord);
    }
  }
  if (!granted || !counter) return fail(ErrorCode::kMalformed, kNotAWord);
  return ConsentWord{*granted, *counter};
}

}  // namespace sudare
