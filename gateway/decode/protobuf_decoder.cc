#include "gateway/decode/protobuf_decoder.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/limits.h"
#include "base/utf8.h"

namespace sudare {
namespace {

// Field numbers below this are found without a search.
constexpr std::uint32_t kSmallNumbers = 64;

// Singular fields that may occur again in one payload. No encoder writes such payloads, joining two
// makes some; each costs a move of the record's items.
constexpr std::size_t kRepeatsMax = 64;

WireType wire_type_of(FieldType type) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kInt64:
    case FieldType::kUint32:
    case FieldType::kUint64:
    case FieldType::kSint32:
    case FieldType::kSint64:
    case FieldType::kBool:
    case FieldType::kEnum: return WireType::kVarint;
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
    case FieldType::kDouble: return WireType::kFixed64;
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
    case FieldType::kFloat: return WireType::kFixed32;
    case FieldType::kMessage:
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kJson: return WireType::kLengthDelimited;
  }
  return WireType::kLengthDelimited;
}

std::int64_t zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

void set_integer(Item& item, std::int64_t value) {
  item.type = ValueType::kInt;
  item.integer = value;
}

void set_natural(Item& item, std::uint64_t value) {
  item.type = ValueType::kUint;
  item.natural = value;
}

void set_real(Item& item, double value) {
  item.type = ValueType::kDouble;
  item.real = value;
}

void set_varint(Item& item, FieldType type, std::uint64_t value) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kEnum: set_integer(item, static_cast<std::int32_t>(value)); break;
    case FieldType::kInt64: set_integer(item, static_cast<std::int64_t>(value)); break;
    case FieldType::kSint32: set_integer(item, zigzag(static_cast<std::uint32_t>(value))); break;
    case FieldType::kSint64: set_integer(item, zigzag(value)); break;
    case FieldType::kUint32: set_natural(item, static_cast<std::uint32_t>(value)); break;
    case FieldType::kBool:
      set_integer(item, value != 0 ? 1 : 0);
      item.type = ValueType::kBool;
      break;
    default: set_natural(item, value); break;
  }
}

void set_fixed32(Item& item, FieldType type, std::uint32_t bits) {
  if (type == FieldType::kFloat) set_real(item, static_cast<double>(std::bit_cast<float>(bits)));
  else if (type == FieldType::kSfixed32) set_integer(item, static_cast<std::int32_t>(bits));
  else set_natural(item, bits);
}

void set_fixed64(Item& item, FieldType type, std::uint64_t bits) {
  if (type == FieldType::kDouble) set_real(item, std::bit_cast<double>(bits));
  else if (type == FieldType::kSfixed64) set_integer(item, static_cast<std::int64_t>(bits));
  else set_natural(item, bits);
}

Status set_text(Item& item, FieldType type, std::string_view bytes, RecordBuilder& out) {
  item.type = type == FieldType::kString ? ValueType::kText : ValueType::kBytes;
  if (type == FieldType::kString && !valid_utf8(bytes)) {
    return fail(ErrorCode::kMalformed, "protobuf: string is not UTF-8");
  }
  item.text = out.add_text(bytes);
  return Done{};
}

}  // namespace

ProtobufDecoder::ProtobufDecoder(const SourcePlan& plan)
    : plan_(plan), small_numbers_(plan.nodes.size()), slots_(plan.nodes.size()) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    for (const NodeIndex child : plan.nodes[i].children) {
      const auto number = static_cast<std::uint32_t>(plan.nodes[child].number);
      const bool implicit = !plan.nodes[child].proto3_optional && !plan.nodes[child].repeated;
      if (child == plan.ignition_node && implicit) ignition_parent_ = static_cast<NodeIndex>(i);
      if (number >= kSmallNumbers) continue;
      std::vector<NodeIndex>& table = small_numbers_[i];
      if (table.size() <= number) table.resize(number + 1, kNoNode);
      table[number] = child;
    }
  }
}

Status ProtobufDecoder::decode(std::string_view payload, RecordBuilder& out) {
  repeats_ = 0;
  if (ignition_parent_ == kRootNode) out.set_ignition(false);
  return walk({kRootNode, ++instances_, 0}, payload, out);
}

NodeIndex ProtobufDecoder::child_of(NodeIndex node, std::uint32_t number) const {
  if (number < kSmallNumbers) {
    const std::vector<NodeIndex>& table = small_numbers_[node];
    return number < table.size() ? table[number] : kNoNode;
  }
  const std::vector<NodeIndex>& children = plan_.nodes[node].children;
  const auto found = std::lower_bound(
      children.begin(), children.end(), number, [this](NodeIndex child, std::uint32_t wanted) {
        return static_cast<std::uint32_t>(plan_.nodes[child].number) < wanted;
      });
  const bool match =
      found != children.end() && static_cast<std::uint32_t>(plan_.nodes[*found].number) == number;
  return match ? *found : kNoNode;
}

Status ProtobufDecoder::walk(const Instance& instance, std::string_view bytes, RecordBuilder& out) {
  if (instance.depth > kNestingDepthMax) return fail(ErrorCode::kTooDeep, "protobuf: nesting");
  WireReader in(bytes);
  while (!in.at_end()) {
    Tag tag;
    if (!in.tag(tag)) return fail(ErrorCode::kMalformed, "protobuf: tag");
    const NodeIndex node = child_of(instance.node, tag.number);
    if (node == kNoNode) {
      TRY(in.skip(tag));
    } else {
      TRY(field(instance, node, tag, in, out));
    }
  }
  return Done{};
}

Status ProtobufDecoder::field(const Instance& parent, NodeIndex node, Tag tag, WireReader& in,
                              RecordBuilder& out) {
  const FieldNode& definition = plan_.nodes[node];
  const WireType expected = wire_type_of(definition.type);
  std::string_view bytes;
  if (definition.repeated && tag.type == WireType::kLengthDelimited && tag.type != expected) {
    if (!in.length_delimited(bytes))
      return fail(ErrorCode::kMalformed, "protobuf: list is cut off");
    return packed(node, bytes, out);
  }
  if (tag.type != expected) return fail(ErrorCode::kMalformed, "protobuf: wire type");
  if (definition.type == FieldType::kMessage) {
    if (!in.length_delimited(bytes)) {
      return fail(ErrorCode::kMalformed, "protobuf: message is cut off");
    }
    return message(parent, node, bytes, out);
  }
  Item item;
  bool wanted = false;
  TRY(scalar(node, in, out, item, wanted));
  if (!definition.value) return Done{};
  Slot& slot = slots_[node];
  if (!definition.repeated && slot.instance == parent.number) {
    TRY(move_to_end(slot, out));
    out.items().pop_back();
    slot.instance = 0;
  }
  if (!wanted) return Done{};
  TRY(out.add(item));
  slot = {parent.number, 0, out.items().size() - 1, out.items().size()};
  return Done{};
}

Status ProtobufDecoder::message(const Instance& parent, NodeIndex node, std::string_view bytes,
                                RecordBuilder& out) {
  Slot& slot = slots_[node];
  if (!plan_.nodes[node].repeated && slot.instance == parent.number) {
    TRY(move_to_end(slot, out));
    out.items().pop_back();  // the kClose: the message goes on
  } else {
    slot = {parent.number, ++instances_, out.items().size(), 0};
    TRY(out.open(node, ItemKind::kOpenObject));
    if (node == ignition_parent_) out.set_ignition(false);
  }
  TRY(walk({node, slot.own, parent.depth + 1}, bytes, out));
  TRY(out.close(node));
  slot.end = out.items().size();
  return Done{};
}

Status ProtobufDecoder::packed(NodeIndex node, std::string_view bytes, RecordBuilder& out) {
  WireReader in(bytes);
  while (!in.at_end()) {
    Item item;
    bool wanted = false;
    TRY(scalar(node, in, out, item, wanted));
    if (!wanted) continue;
    TRY(out.add(item));
  }
  return Done{};
}

Status ProtobufDecoder::scalar(NodeIndex node, WireReader& in, RecordBuilder& out, Item& item,
                               bool& wanted) {
  const FieldNode& definition = plan_.nodes[node];
  item.node = node;
  wanted = definition.value;
  std::uint64_t number = 0;
  std::uint32_t half = 0;
  std::string_view bytes;
  switch (wire_type_of(definition.type)) {
    case WireType::kVarint:
      if (!in.varint(number)) return fail(ErrorCode::kMalformed, "protobuf: varint");
      set_varint(item, definition.type, number);
      break;
    case WireType::kFixed64:
      if (!in.fixed64(number)) return fail(ErrorCode::kMalformed, "protobuf: fixed64");
      set_fixed64(item, definition.type, number);
      break;
    case WireType::kFixed32:
      if (!in.fixed32(half)) return fail(ErrorCode::kMalformed, "protobuf: fixed32");
      set_fixed32(item, definition.type, half);
      break;
    default:
      if (!in.length_delimited(bytes)) return fail(ErrorCode::kMalformed, "protobuf: length");
      if (!wanted) return Done{};
      return set_text(item, definition.type, bytes, out);
  }
  if (!wanted) return Done{};
  if (item.type == ValueType::kDouble && !std::isfinite(item.real)) {
    return fail(ErrorCode::kMalformed, "protobuf: number is not finite");
  }
  if (definition.type == FieldType::kEnum &&
      !std::binary_search(definition.enum_values.begin(), definition.enum_values.end(),
                          static_cast<std::int32_t>(item.integer))) {
    out.count_unknown_enum();
    wanted = false;
    if (node == plan_.ignition_node) out.set_ignition(item.integer != 0);
  }
  return Done{};
}

Status ProtobufDecoder::move_to_end(Slot& slot, RecordBuilder& out) {
  if (++repeats_ > kRepeatsMax) {
    return fail(ErrorCode::kMalformed, "protobuf: singular fields occur again and again");
  }
  std::vector<Item>& items = out.items();
  const std::size_t begin = slot.begin;
  const std::size_t end = slot.end;
  const auto at = [&items](std::size_t index) {
    return items.begin() + static_cast<std::ptrdiff_t>(index);
  };
  std::rotate(at(begin), at(end), items.end());
  // Slots of earlier messages are moved too, which does not matter: their instances are over.
  for (Slot& other : slots_) {
    if (other.begin >= end) {
      other.begin -= end - begin;
      other.end -= std::min(other.end, end - begin);
    } else if (other.begin >= begin) {
      other.begin += items.size() - end;
      other.end += items.size() - end;
    }
  }
  return Done{};
}

}  // namespace sudare
