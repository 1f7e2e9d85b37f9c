#include "gateway/minimize/walk.h"

#include <cassert>

#include "gateway/minimize/value_rules.h"

namespace sudare {
namespace {

constexpr std::int32_t kMapKeyNumber = 1;

void tell(FieldTrace* trace, NodeIndex node, FieldFate fate) {
  if (trace != nullptr) trace->field(node, fate);
}

// The key of a Protobuf map's entry; in JSON the key is part of the item.
bool is_map_key(const SourcePlan& source, NodeIndex parent, NodeIndex node) {
  return source.codec == Codec::kProtobuf && source.nodes[parent].map &&
         source.nodes[node].number == kMapKeyNumber;
}

// The item after the container that opens at `index`.
std::size_t after_container(const std::vector<Item>& items, std::size_t index) {
  std::size_t depth = 0;
  for (; index < items.size(); ++index) {
    if (items[index].kind == ItemKind::kClose) {
      if (--depth == 0) return index + 1;
    } else if (items[index].kind != ItemKind::kValue) {
      ++depth;
    }
  }
  return index;
}

}  // namespace

bool Walk::run(const Rules& rules, const RecordBody& body, PositionTracker& positions,
               const SecretBytes<32>* key, FieldTrace* trace) {
  const Input input{rules, body, positions, key, trace};
  kept_.clear();
  parts_.clear();
  frames_.clear();
  frames_.push_back(Frame{});
  for (std::size_t i = 0; i < body.items.size();) {
    const Item& item = body.items[i];
    if (entry_is_refused(input, i)) {
      tell(trace, item.node, FieldFate::kDetected);
      i = item.kind == ItemKind::kValue ? i + 1 : after_container(body.items, i);
      continue;
    }
    ++i;
    if (item.kind == ItemKind::kClose) {
      if (!close(input)) return false;
    } else if (item.kind == ItemKind::kValue) {
      frames_.back().came_empty = false;
      if (!value(input, item)) return false;
    } else {
      frames_.back().came_empty = false;
      open(input, item);
    }
  }
  return resolve_scope(input, 0, 0);
}

// Whether an identifier is the key of this item: of a JSON entry, or inside a Protobuf map entry
// that opens here. The key may stand after the value.
bool Walk::entry_is_refused(const Input& input, std::size_t index) const {
  const std::vector<Item>& items = input.body.items;
  const Item& item = items[index];
  if (item.kind == ItemKind::kClose) return false;
  if ((item.key_detected & input.rules.nodes[item.node].refused_in_key) != 0) return true;
  if (item.kind != ItemKind::kOpenObject || !input.rules.source.nodes[item.node].map) return false;
  const std::size_t end = after_container(items, index);
  for (std::size_t i = index + 1; i < end; ++i) {
    if (items[i].kind == ItemKind::kOpenObject) {
      i = after_container(items, i) - 1;
      continue;
    }
    if (items[i].kind != ItemKind::kValue) continue;
    const bool is_key = is_map_key(input.rules.source, item.node, items[i].node);
    if (is_key && (items[i].detected & input.rules.nodes[items[i].node].refused_in_key) != 0) {
      return true;
    }
  }
  return false;
}

TextSpan Walk::copy_text(const RecordBody& body, TextSpan span) {
  const TextSpan copy{static_cast<std::uint32_t>(kept_.text.size()), span.length};
  kept_.text.append(body.text, span.offset, span.length);
  return copy;
}

void Walk::push(const RecordBody& body, const Item& item) {
  Item copy = item;
  copy.key = copy_text(body, item.key);
  copy.text = copy_text(body, item.text);
  kept_.items.push_back(copy);
}

void Walk::open(const Input& input, const Item& item) {
  Frame frame;
  frame.node = item.node;
  frame.kind = item.kind;
  frame.item = static_cast<std::uint32_t>(kept_.items.size());
  frame.first_part = static_cast<std::uint32_t>(parts_.size());
  push(input.body, item);
  frames_.push_back(frame);
}

bool Walk::close(const Input& input) {
  assert(frames_.size() > 1);
  const Frame frame = frames_.back();
  if (!resolve_scope(input, frames_.size() - 1, frame.first_part)) return false;
  frames_.pop_back();
  const bool kept_empty = frame.kind == ItemKind::kOpenList && frame.came_empty &&
                          input.rules.nodes[frame.node].treatment == Treatment::kKeep;
  if (frame.values == 0 && !kept_empty) {
    kept_.items.resize(frame.item);
    return true;
  }
  Item end;
  end.node = frame.node;
  end.kind = ItemKind::kClose;
  kept_.items.push_back(end);
  ++frames_.back().values;
  return true;
}

bool Walk::value(const Input& input, const Item& item) {
  const NodeRule& rule = input.rules.nodes[item.node];
  const bool is_key = is_map_key(input.rules.source, frames_.back().node, item.node);
  // The key of an entry stays if something of its value does; entry_is_refused has looked at it.
  const bool as_it_is = rule.combined || (is_key && rule.treatment == Treatment::kDrop);
  const Treatment treatment = as_it_is ? Treatment::kKeep : rule.treatment;
  if (treatment == Treatment::kDrop) {
    tell(input.trace, item.node, FieldFate::kDropped);
    return true;
  }
  const bool is_null = item.type == ValueType::kNull;  // "not known": tells nothing but that
  if (is_null && treatment == Treatment::kPosition) return true;
  const std::size_t text_before = kept_.text.size();
  push(input.body, item);
  const FieldFate fate = is_null ? FieldFate::kKept : treat(input, treatment, item);
  tell(input.trace, item.node, fate);
  if (fate == FieldFate::kBadValue || fate == FieldFate::kDetected) {
    kept_.items.pop_back();
    kept_.text.resize(text_before);
    return treatment != Treatment::kPosition;
  }
  if (!is_key) ++frames_.back().values;
  return true;
}

// Applies the rule to the copy of `item` that was kept last.
FieldFate Walk::treat(const Input& input, Treatment treatment, const Item& item) {
  const FieldNode& node = input.rules.source.nodes[item.node];
  const NodeRule& rule = input.rules.nodes[item.node];
  Item& copy = kept_.items.back();
  const auto fate_if = [](bool done, FieldFate fate) { return done ? fate : FieldFate::kBadValue; };
  if (rule.bucketed && treatment != Treatment::kPseudonymize) {
    if (!apply_bucket(node, input.rules.plan.bucket_ms, copy, kept_)) return FieldFate::kBadValue;
    if (treatment == Treatment::kKeep) return FieldFate::kBucketed;
  }
  switch (treatment) {
    case Treatment::kKeep:
      return (item.detected & rule.refused) != 0 ? FieldFate::kDetected : FieldFate::kKept;
    case Treatment::kCoarsen:
      return fate_if(apply_coarsen(node, rule.coarsen, copy, kept_), FieldFate::kCoarsened);
    case Treatment::kPseudonymize:
      return fate_if(apply_pseudonym(node, input.key, copy, kept_), FieldFate::kPseudonymized);
    case Treatment::kGeneralize:
      return fate_if(apply_generalize(node, copy, kept_), FieldFate::kGeneralized);
    case Treatment::kPosition: {
      const std::string_view text(input.body.text.data() + item.text.offset, item.text.length);
      const auto e7 = read_part(item, text, node);
      if (!e7) return FieldFate::kBadValue;
      const auto index = static_cast<std::uint32_t>(kept_.items.size() - 1);
      const std::uint32_t scope = scope_depth(input.rules.groups[rule.group].scope);
      parts_.push_back({index, scope, rule.group, rule.axis, *e7});
      return FieldFate::kCellCentre;
    }
    case Treatment::kDrop: break;
  }
  return FieldFate::kBadValue;
}

// The innermost open instance of the node in which a position's halves meet.
std::uint32_t Walk::scope_depth(NodeIndex scope) const {
  for (std::size_t depth = frames_.size() - 1; depth > 0; --depth) {
    if (frames_[depth].node == scope) return static_cast<std::uint32_t>(depth);
  }
  return 0;
}

// Takes the parts of the scope at `depth` out of parts_ and has them minimised.
bool Walk::resolve_scope(const Input& input, std::size_t depth, std::size_t first_part) {
  if (parts_.size() == first_part) return true;
  scope_parts_.clear();
  std::size_t left = first_part;
  for (std::size_t i = first_part; i < parts_.size(); ++i) {
    if (parts_[i].scope == depth) {
      scope_parts_.push_back(parts_[i]);
    } else {
      parts_[left++] = parts_[i];
    }
  }
  parts_.resize(left);
  return scope_parts_.empty() || input.positions.resolve(input.rules, scope_parts_, kept_);
}

}  // namespace sudare
