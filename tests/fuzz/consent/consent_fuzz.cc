// parse_consent takes bytes from any client of the local broker. What it takes is a word, for
// simdjson, too, and the same word written plainly is taken again.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/consent/consent_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of the exact size, so that a read past the end is noticed.
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto word = sudare::parse_consent(input);
  if (!word) return 0;
  const std::string plain = std::string("{\"granted\":") + (word->granted ? "true" : "false") +
                            ",\"counter\":" + std::to_string(word->counter) + "}";
  const auto again = sudare::parse_consent(plain);
  if (!again || !(*again == *word)) std::abort();
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(input);
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS || object.size() != 2) std::abort();
  bool granted = false;
  std::uint64_t counter = 0;
  if (object["granted"].get(granted) != simdjson::SUCCESS || granted != word->granted) std::abort();
  if (object["counter"].get(counter) != simdjson::SUCCESS || counter != word->counter) std::abort();
  return 0;
}
