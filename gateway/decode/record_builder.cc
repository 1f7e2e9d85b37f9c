#include "gateway/decode/record_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
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

// The whole number that a value stands for; nothing where it is none.
std::optional<std::int64_t> whole_number(const Item& item) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  switch (item.type) {
    case ValueType::kInt: return item.integer;
    case ValueType::kUint:
      if (item.natural > static_cast<std::uint64_t>(kMost)) return std::nullopt;
      return static_cast<std::int64_t>(item.natural);
    case ValueType::kDouble:
      if (!(std::abs(item.real) < 1e15)) return std::nullopt;
      return static_cast<std::int64_t>(item.real);
    default: return std::nullopt;
  }
}

v1::Clips::Trigger trigger_named(std::string_view name) {
  v1::Clips::Trigger trigger = v1::Clips::TRIGGER_UNSPECIFIED;
  const bool known = v1::Clips::Trigger_Parse(std::string(name), &trigger);
  return known ? trigger : v1::Clips::TRIGGER_UNSPECIFIED;
}

v1::Clips::Trigger trigger_numbered(std::int64_t number) {
  const bool known = number > 0 && number <= v1::Clips::Trigger_MAX &&
                     v1::Clips::Trigger_IsValid(static_cast<int>(number));
  return known ? static_cast<v1::Clips::Trigger>(number) : v1::Clips::TRIGGER_UNSPECIFIED;
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

void RecordBuilder::take_clip(const Item& item) {
  const ClipEventPlan& event = plan_.clip_event;
  if (item.node == event.file) {
    clip_.file.assign(item.type == ValueType::kText ? text_of(item) : std::string_view());
  }
  if (item.node == event.model) {
    clip_.model.assign(item.type == ValueType::kText ? text_of(item) : std::string_view());
  }
  if (item.node == event.moment) clip_.moment_ms = whole_number(item).value_or(-1);
  if (item.node == event.trigger) {
    clip_.trigger = item.type == ValueType::kText
                        ? trigger_named(text_of(item))
                        : trigger_numbered(whole_number(item).value_or(0));
  }
}

// A Protobuf field that occurs twice: the last one counts, as in a parser.
void RecordBuilder::take_car(const Item& item) {
  if (item.type != ValueType::kText) return;
  if (item.node == plan_.car_identity.vin) car_.vin.assign(text_of(item));
  if (item.node == plan_.car_identity.frame_number) car_.frame_number.assign(text_of(item));
}

}  // namespace sudare
