// The serials of what was in force, a policy's and its certificates', as the store has them. They
// never fall.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/pipeline_policy.h"
#include "tests/fuzz/kept_entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sudare::fuzz::require;
  const std::string text(reinterpret_cast<const char*>(data), size);
  sudare::fuzz::KeptStore kept({{"policy", "serial", text},
                                {"policy", "certificates.p", text},
                                {"policy", "greatest.p", text},
                                {"policy", "text", text}});
  const auto floors = sudare::kept_floors(kept.store());
  if (!floors) return 0;
  for (const std::uint64_t next : {floors->serial / 2, floors->serial + 1}) {
    require(sudare::keep_floors(kept.store(), {next, "mark", {{"p", next}}, {{"p", next}}})
                .has_value());
    const auto now = sudare::kept_floors(kept.store());
    const std::uint64_t greater = std::max(floors->serial, next);
    require(now.has_value() && now->serial == greater && now->certificates.at("p") == greater &&
            now->greatest.at("p") == greater);
    const auto revoked = sudare::floors_after(*now, sudare::Policy(), "");
    require(revoked.certificates.at("p") >= greater);
  }
  return 0;
}
