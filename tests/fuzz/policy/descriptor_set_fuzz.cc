// Any bytes as a fleet's descriptor set: its messages are there afterwards, or a diagnostic says
// why not; never a crash.
#include <cstdint>
#include <string_view>

#include "gateway/policy/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sudare::SchemaSet schemas;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)schemas.add_descriptor_set("fleet.desc", bytes);
  (void)schemas.add_descriptor_set("fleet.desc", bytes);  // its files are known by now
  return 0;
}
