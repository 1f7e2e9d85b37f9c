// Provisioning records: whoever has the authority's public key can seal one.
#include <cstdint>
#include <cstdlib>

#include "crypto/crypto_init.h"
#include "fleet/authority/car_name.h"
#include "fleet/authority/car_pseudonyms.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  const auto share = parse_share({data, size});
  if (share && (share->id.size() != 16 || share->index < 1 || share->index > share->count)) {
    std::abort();
  }
  const auto car = parse_provisioned_car({data, size});
  if (!car) return 0;
  for (const std::string& name : names_of(car->identity)) {
    if (name.empty()) std::abort();
  }
  // Whatever day it says, there is an end to the work.
  static_cast<void>(for_each_pseudonym(*car, {{"traffic", 364}, {"traffic", 0}},
                                       {car->day - 1, car->day + 1000},
                                       [](const CarPseudonym&) -> Status { return Done{}; }));
  return 0;
}
