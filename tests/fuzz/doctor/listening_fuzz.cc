// Any text as a table of the kernel's sockets.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/doctor/listening.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ports = sudare::doctor::parse_listening({reinterpret_cast<const char*>(data), size});
  if (ports.size() > sudare::doctor::kListeningPortsMax) std::abort();
  return 0;
}
