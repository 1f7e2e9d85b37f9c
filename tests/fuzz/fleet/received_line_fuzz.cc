// Lines of DIR/<purpose>.received: what is read says the same when it is written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/open/received_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = sudare::parse_received({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  sudare::Receiver receiver;
  receiver.remember(*read);
  (void)receiver.gaps();
  const std::string line = sudare::received_line(*read);
  const auto again = sudare::parse_received(line);
  if (!again || sudare::received_line(*again) != line) std::abort();
  return 0;
}
