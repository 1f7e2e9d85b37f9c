// Lines of opened output under an erasure order: only records of the pseudonym that it names go.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fleet/open/erase_output.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static const ErasureOrders orders = [] {
    ErasureOrder order;
    order.purpose = "traffic";
    order.pseudonyms.emplace_back().fill(0xab);
    ErasureOrders made;
    if (!made.add(order, "traffic")) std::abort();
    return made;
  }();
  const std::string line(reinterpret_cast<const char*>(data), size);
  const auto goes = is_to_erase(line, orders);
  // Escapes may spell the digits; what goes has a pseudonym and a time in any case.
  if (goes && *goes && line.find("pseudonym") == std::string::npos &&
      line.find('\\') == std::string::npos) {
    std::abort();
  }
  return 0;
}
