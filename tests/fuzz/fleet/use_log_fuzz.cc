// The relink authority's log, changed by somebody.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "crypto/crypto_init.h"
#include "fleet/authority/use_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head = verify_use_lines(text, {}, std::nullopt);
  // What verifies reaches its own head, and no other.
  if (head) {
    if (!verify_use_lines(text, {}, *head)) std::abort();
    if (verify_use_lines(text, {}, LogHead{head->entries + 1, head->hash})) std::abort();
  }
  const auto parsed = parse_log_head(text);
  if (parsed && parse_log_head(to_string(*parsed))->hash != parsed->hash) std::abort();
  return 0;
}
