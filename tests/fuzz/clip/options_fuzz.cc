// The command line of sudare-clip, a word a line. What is taken means the same when it is written
// again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "clip/options.h"

namespace sudare::clip {
namespace {

Result<Options> parse_words(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return parse(pointers);
}

}  // namespace
}  // namespace sudare::clip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  std::vector<std::string> words(1);
  for (const char letter : std::string(reinterpret_cast<const char*>(data), size)) {
    if (letter == '\n') words.emplace_back();
    else words.back() += letter;
  }
  const auto options = parse_words(words);
  if (!options) return 0;
  const auto again = parse_words(arguments_of(*options));
  if (!again || !(*again == *options)) std::abort();
  return 0;
}
