#include "gateway/minimize/aggregate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/clock.h"
#include "crypto/secret_bytes.h"
#include "gateway/minimize/value_rules.h"
#include "gateway/store/little_endian.h"

namespace sudare {
namespace {

constexpr std::uint64_t kSavedVersion = 1;
// version, days, window; per field: length of the name, value, count
constexpr std::size_t kSavedHeadBytes = 24;
constexpr std::size_t kSavedTotalBytes = 24;

// Past it a double no longer counts one by one, and no total of a car comes near.
constexpr double kTotalMax = 9'007'199'254'740'992;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

std::optional<double> number_of(const Item& item) {
  switch (item.type) {
    case ValueType::kBool:
    case ValueType::kInt: return static_cast<double>(item.integer);
    case ValueType::kUint: return static_cast<double>(item.natural);
    case ValueType::kDouble:
      return std::isfinite(item.real) ? std::optional(item.real) : std::nullopt;
    default: return std::nullopt;
  }
}

// Uniform in [0, 1).
double random_share() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random_bytes(bytes);
  return static_cast<double>(std::bit_cast<std::uint64_t>(bytes) >> 11U) * 0x1p-53;
}

bool holds_reals(FieldType type) {
  return type == FieldType::kFloat || type == FieldType::kDouble || type == FieldType::kJson;
}

}  // namespace

Aggregate::Aggregate(const Rules& rules)
    : source_(rules.source),
      plan_(rules.plan),
      nodes_(rules.nodes),
      total_of_node_(source_.nodes.size(), -1),
      on_the_way_(source_.nodes.size(), false) {
  // Children have higher numbers than their parents: backwards, every child is seen first.
  for (std::size_t i = source_.nodes.size(); i-- > 0;) {
    for (const NodeIndex child : source_.nodes[i].children) {
      if (on_the_way_[child] || total_of_node_[child] >= 0) on_the_way_[i] = true;
    }
    if (plan_.rules[i].combine == v1::Field::COMBINE_UNSPECIFIED) continue;
    total_of_node_[i] = static_cast<std::int16_t>(totals_.size());
    // A sum is not taken for an extreme where the policy changes.
    const std::string name =
        std::to_string(plan_.rules[i].combine) + path_of(source_, static_cast<NodeIndex>(i));
    totals_.push_back({static_cast<NodeIndex>(i), name, 0, 0, random_share()});
  }
}

void Aggregate::count(const Item& item) {
  const std::int16_t index = total_of_node_[item.node];
  if (item.kind != ItemKind::kValue || index < 0) return;
  const auto number = number_of(item);
  if (!number) return;
  Total& total = totals_[static_cast<std::size_t>(index)];
  const bool first = total.count == 0;
  switch (plan_.rules[item.node].combine) {
    case v1::Field::LEAST: total.value = first ? *number : std::min(total.value, *number); break;
    case v1::Field::MOST: total.value = first ? *number : std::max(total.value, *number); break;
    default: total.value = std::clamp(total.value + *number, -kTotalMax, kTotalMax);
  }
  ++total.count;
}

bool Aggregate::add(std::int64_t time_ms, const RecordBody& kept, RecordBody& ended,
                    std::int64_t& ended_ms) {
  const std::int64_t window_ms = plan_.aggregate_days * kMsPerDay;
  const std::int64_t window = floor_divide(time_ms, window_ms);
  bool ends = false;
  if (window_ && window > *window_) {
    ended.clear();
    for (const NodeIndex child : source_.nodes[kRootNode].children) write(child, ended);
    ended_ms = *window_ * window_ms;
    ends = !ended.items.empty();
    for (Total& total : totals_) total.value = 0, total.count = 0;
    window_ = window;
  }
  if (!window_) window_ = window;
  for (const Item& item : kept.items) count(item);
  return ends;
}

void Aggregate::write(NodeIndex node, RecordBody& out) const {
  if (total_of_node_[node] >= 0) {
    return write_total(totals_[static_cast<std::size_t>(total_of_node_[node])], out);
  }
  if (!on_the_way_[node]) return;
  Item bracket;
  bracket.node = node;
  bracket.kind = ItemKind::kOpenObject;
  out.items.push_back(bracket);
  const std::size_t before = out.items.size();
  for (const NodeIndex child : source_.nodes[node].children) write(child, out);
  if (out.items.size() == before) return out.items.pop_back();
  bracket.kind = ItemKind::kClose;
  out.items.push_back(bracket);
}

void Aggregate::write_total(const Total& total, RecordBody& out) const {
  if (total.count == 0) return;
  const FieldNode& node = source_.nodes[total.node];
  double value = total.value;
  if (plan_.rules[total.node].combine == v1::Field::MEAN) {
    value /= static_cast<double>(total.count);
  }
  Item item;
  item.node = total.node;
  if (holds_reals(node.type) && value != std::floor(value)) {
    item.type = ValueType::kDouble;
    item.real = value;
  } else {
    item.type = ValueType::kInt;
    item.integer = std::llround(value);
  }
  const NodeRule& rule = nodes_[total.node];
  if (rule.treatment == Treatment::kCoarsen && !apply_coarsen(node, rule.coarsen, item, out))
    return;
  if (item.type == ValueType::kInt && !fits(node.type, item.integer)) return;
  out.items.push_back(item);
}

void Aggregate::carry_over(const Aggregate& previous) {
  if (plan_.aggregate_days != previous.plan_.aggregate_days) return;  // windows of another length
  window_ = previous.window_;
  for (Total& total : totals_) {
    for (const Total& same : previous.totals_) {
      if (same.name != total.name) continue;
      total.value = same.value;
      total.count = same.count;
      total.shift = same.shift;  // a second shift of the same value would narrow it down
    }
  }
}

double Aggregate::coarse(const Total& total) const {
  const NodeRule& rule = nodes_[total.node];
  const double step = rule.treatment == Treatment::kCoarsen ? rule.coarsen.step() : 0;
  if (!(step > 0) || !std::isfinite(step) || total.count == 0) return total.value;
  const v1::Field::Combine combine = plan_.rules[total.node].combine;
  if (combine == v1::Field::LEAST || combine == v1::Field::MOST) {
    return std::floor(total.value / step) * step;
  }
  const double parts = combine == v1::Field::MEAN ? static_cast<double>(total.count) : 1;
  const double value = total.value / parts;
  const double middle = (std::floor(value / step + total.shift) - total.shift + 0.5) * step;
  // What counts up from 0 never says less.
  return (value >= 0 ? std::max(middle, 0.0) : middle) * parts;
}

std::string Aggregate::save() const {
  std::string out;
  append_u64(out, kSavedVersion);
  append_u64(out, plan_.aggregate_days);
  append_u64(out, static_cast<std::uint64_t>(window_.value_or(0)));
  for (const Total& total : totals_) {
    append_u64(out, total.name.size());
    append_u64(out, std::bit_cast<std::uint64_t>(coarse(total)));
    append_u64(out, total.count);
    out += total.name;
  }
  return out;
}

void Aggregate::restore(std::string_view saved) {
  if (saved.size() < kSavedHeadBytes || read_u64(saved, 0) != kSavedVersion) return;
  if (read_u64(saved, 8) != plan_.aggregate_days) return;  // windows of another length
  const auto window = static_cast<std::int64_t>(read_u64(saved, 16));
  const std::int64_t windows_max =
      std::numeric_limits<std::int64_t>::max() / (plan_.aggregate_days * kMsPerDay);
  if (window < -windows_max || window > windows_max) return;  // damaged: no time is so far away
  window_ = window;
  for (std::size_t at = kSavedHeadBytes; saved.size() - at >= kSavedTotalBytes;) {
    const std::uint64_t length = read_u64(saved, at);
    const double value = std::bit_cast<double>(read_u64(saved, at + 8));
    const std::uint64_t count = read_u64(saved, at + 16);
    at += kSavedTotalBytes;
    if (length > saved.size() - at) return;
    const std::string_view name = saved.substr(at, static_cast<std::size_t>(length));
    at += name.size();
    for (Total& total : totals_) {
      if (total.name != name || !std::isfinite(value)) continue;
      total.value = std::clamp(value, -kTotalMax, kTotalMax);
      total.count = count;
    }
  }
}

}  // namespace sudare
