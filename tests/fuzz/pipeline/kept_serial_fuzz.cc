// The serial of the newest policy that was in force, as the store has it. It never falls.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/pipeline_policy.h"
#include "tests/fuzz/kept_entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sudare::fuzz::require;
  const std::string text(reinterpret_cast<const char*>(data), size);
  sudare::fuzz::KeptStore kept({{"policy", "serial", text}});
  const auto serial = sudare::kept_serial(kept.store());
  if (!serial) return 0;
  for (const std::uint64_t next : {*serial / 2, *serial + 1}) {
    require(sudare::keep_serial(kept.store(), next).has_value());
    const auto now = sudare::kept_serial(kept.store());
    require(now.has_value() && *now == std::max(*serial, next));
  }
  return 0;
}
