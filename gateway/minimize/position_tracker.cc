#include "gateway/minimize/position_tracker.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/minimize/value_rules.h"

namespace sudare {
namespace {

// Where movement of an exact position is judged.
constexpr v1::Cell kFinestCell = v1::M125;

void put_real(Item& item, double value) {
  item.type = ValueType::kDouble;
  item.real = value;
}

// Writes half a centre into the item that held half a position. False: its type can't hold it.
bool write_part(const SourcePlan& source, const PositionPart& part, std::int64_t e7,
                RecordBody& kept) {
  Item& item = kept.items[part.item];
  const FieldNode& node = source.nodes[item.node];
  if (item.type == ValueType::kText) {
    const std::size_t offset = kept.text.size();
    append_text_of_e7(kept.text, e7, node.unit, part.axis);
    item.text = {static_cast<std::uint32_t>(offset),
                 static_cast<std::uint32_t>(kept.text.size() - offset)};
    return true;
  }
  if (item.type == ValueType::kDouble) {
    put_real(item, number_of_e7(e7, node.unit));
    return true;
  }
  const auto integer = integer_of_e7(e7, node.unit);
  if (integer) {
    item.type = ValueType::kInt;
    item.integer = *integer;
    return fits(node.type, *integer);
  }
  // 35 in JSON may be a whole number of degrees by chance; in Protobuf the type says that it is.
  if (node.type != FieldType::kJson) return false;
  put_real(item, number_of_e7(e7, node.unit));
  return true;
}

// The next part of this group and axis from `index` on.
std::size_t find_part(const std::vector<PositionPart>& parts, std::size_t index,
                      std::uint16_t group, Axis axis) {
  while (index < parts.size() && (parts[index].group != group || parts[index].axis != axis)) {
    ++index;
  }
  return index;
}

}  // namespace

std::optional<std::int64_t> read_part(const Item& item, std::string_view text,
                                      const FieldNode& node) {
  switch (item.type) {
    case ValueType::kDouble: return e7_of_number(item.real, node.unit);
    case ValueType::kInt: return e7_of_integer(item.integer, node.unit);
    case ValueType::kUint:
      if (item.natural > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
      return e7_of_integer(static_cast<std::int64_t>(item.natural), node.unit);
    case ValueType::kText: return e7_of_text(text, node.unit);
    default: return std::nullopt;
  }
}

void PositionTracker::begin(const SecretBytes<32>& key) {
  key_ = &key;
  moved_ = false;
  positions_ = 0;
  for (GroupMemory& memory : memory_) memory.in_record = false;
}

std::optional<Position> PositionTracker::place(v1::Cell level, std::uint16_t group, Position raw) {
  const auto at = normalize(raw);
  if (!at) return std::nullopt;
  raw_ = *at;
  ++positions_;
  const auto found = cell_of(*at, level == v1::EXACT ? kFinestCell : level);
  if (!found) return std::nullopt;
  GroupMemory& memory = memory_[group];
  memory.in_record = true;
  if (memory.remembered) {
    const RememberedCell& before = *memory.remembered;
    memory.current = memory.released = cell_with_tag(*key_, before.place, before.tag, *found);
    memory.remembered.reset();
  }
  memory.current = settle(memory.current, *found, *at);
  if (memory.current != memory.released) moved_ = true;
  return centre_of(*memory.current);
}

bool PositionTracker::resolve(const Rules& rules, const std::vector<PositionPart>& parts,
                              RecordBody& kept) {
  std::size_t paired = 0;
  for (std::uint16_t group = 0; group < memory_.size() && paired < parts.size(); ++group) {
    std::size_t latitude = find_part(parts, 0, group, Axis::kLatitude);
    std::size_t longitude = find_part(parts, 0, group, Axis::kLongitude);
    while (latitude < parts.size() && longitude < parts.size()) {
      const Position at{parts[latitude].e7, parts[longitude].e7};
      const auto centre = place(rules.plan.cell, group, at);
      if (!centre) return false;
      if (rules.plan.cell != v1::EXACT &&
          (!write_part(rules.source, parts[latitude], centre->latitude_e7, kept) ||
           !write_part(rules.source, parts[longitude], centre->longitude_e7, kept))) {
        return false;
      }
      paired += 2;
      latitude = find_part(parts, latitude + 1, group, Axis::kLatitude);
      longitude = find_part(parts, longitude + 1, group, Axis::kLongitude);
    }
  }
  return paired == parts.size();
}

void PositionTracker::commit() {
  for (GroupMemory& memory : memory_) {
    if (!memory.in_record || memory.released == memory.current) continue;
    memory.released = memory.current;
    memory.changed = true;
  }
}

std::optional<Cell> PositionTracker::take_released(std::size_t group) {
  GroupMemory& memory = memory_[group];
  return std::exchange(memory.changed, false) ? memory.released : std::nullopt;
}

void PositionTracker::restore(std::size_t group, std::string place, std::string_view tag) {
  if (tag.size() != kCellTagBytes) return;
  RememberedCell remembered{std::move(place), {}};
  std::copy(tag.begin(), tag.end(), remembered.tag.begin());
  memory_[group].remembered = std::move(remembered);
}

void PositionTracker::carry_over(const Rules& mine, const PositionTracker& previous,
                                 const Rules& previous_rules) {
  for (std::size_t i = 0; i < memory_.size(); ++i) {
    for (std::size_t j = 0; j < previous.memory_.size(); ++j) {
      if (mine.groups[i].path == previous_rules.groups[j].path) memory_[i] = previous.memory_[j];
    }
  }
}

}  // namespace sudare
