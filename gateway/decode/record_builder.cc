#include "gateway/decode/record_builder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "gateway/decode/event_time.h"

namespace sudare {
namespace {

// Words for a running car, as JSON payloads write them.
bool means_on(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords{"on", "true", "1", "run", "running", "start"};
  return std::any_of(kWords.begin(), kWords.end(), [text](std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           });
  });
}

}  // namespace

void RecordBuilder::take_time(const Item& item) {
  const v1::Unit unit = plan_.nodes[item.node].unit;
  std::optional<std::int64_t> time_ms;
  switch (item.type) {
    case ValueType::kInt: time_ms = event_time_of(item.integer, unit); break;
    case ValueType::kUint:
      if (item.natural <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
        time_ms = event_time_of(static_cast<std::int64_t>(item.natural), unit);
      }
      break;
    case ValueType::kDouble: time_ms = event_time_of(item.real, unit); break;
    case ValueType::kText: time_ms = event_time_of(text_of(item), unit); break;
    case ValueType::kNull:
    case ValueType::kBool:
    case ValueType::kBytes: break;
  }
  if (!time_ms) return;
  record_.time_ms = *time_ms;
  record_.event_time = true;
}

void RecordBuilder::take_ignition(const Item& item) {
  switch (item.type) {
    case ValueType::kBool:
    case ValueType::kInt: set_ignition(item.integer != 0); break;
    case ValueType::kUint: set_ignition(item.natural != 0); break;
    case ValueType::kDouble: set_ignition(item.real != 0); break;
    case ValueType::kText: set_ignition(means_on(text_of(item))); break;
    case ValueType::kNull:
    case ValueType::kBytes: break;
  }
}

}  // namespace sudare
