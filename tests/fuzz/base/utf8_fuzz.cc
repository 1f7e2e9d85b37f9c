// valid_utf8 says what simdjson says.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of the exact size, so that a read past the end is noticed.
  const std::string input(reinterpret_cast<const char*>(data), size);
  if (sudare::valid_utf8(input) != simdjson::validate_utf8(input.data(), input.size()))
    std::abort();
  return 0;
}
