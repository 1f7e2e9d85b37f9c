#include "tests/faults/power/receipt_traffic.h"

namespace sudare::faults {
namespace {

CarOptions options_for(std::uint16_t port) {
  CarOptions options;
  options.port = port;
  options.producer = kProducer;
  return options;
}

}  // namespace

ReceiptTraffic::ReceiptTraffic(std::uint16_t port) : port_(port), car_(options_for(port)) {}

std::set<std::uint64_t> ReceiptTraffic::acknowledged() const {
  std::set<std::uint64_t> numbers;
  for (std::uint64_t number = 0; number < car_.settled(); ++number) {
    numbers.insert(numbers.end(), number);
  }
  return numbers;
}

}  // namespace sudare::faults
