#include "tests/faults/process/words.h"

#include <random>
#include <stdexcept>

#include "tests/faults/rig/canary.h"

namespace sudare::faults {

void replace_after(std::string& text, const std::string& mark, const std::string& from,
                   const std::string& to) {
  const std::size_t at = text.find(from, text.find(mark));
  if (at == std::string::npos) throw std::runtime_error("the policy has no " + from);
  text.replace(at, from.size(), to);
}

void release_words(std::string& policy, const std::string& topic) {
  const std::string mark = "topic: \"" + topic + "\"";
  replace_after(policy, mark, "class: NOT_PERSONAL }",
                "class: NOT_PERSONAL }\n  classify { path: \"words\" class: NOT_PERSONAL }");
  replace_after(policy, mark, "field { path: \"seq\" }",
                "field { path: \"seq\" } field { path: \"words\" }");
}

std::string wordy_payload(std::uint64_t number) {
  constexpr std::string_view kLetters = "abcdefghijklmnop";
  std::mt19937_64 random(number);
  std::string words;
  for (int i = 0; i < 12'000; ++i) words += i % 5 == 4 ? ' ' : kLetters[random() % 16];
  std::string payload = numbered_json(number);
  return payload.insert(payload.size() - 1, ", \"words\": \"" + words + "\"");
}

}  // namespace sudare::faults
