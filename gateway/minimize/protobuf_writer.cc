#include "gateway/minimize/protobuf_writer.h"

#include <array>
#include <bit>
#include <cassert>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace sudare {
namespace {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

WireType wire_type(FieldType type) {
  switch (type) {
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
    case FieldType::kDouble: return WireType::kFixed64;
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
    case FieldType::kFloat: return WireType::kFixed32;
    case FieldType::kMessage:
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kJson: return WireType::kLength;
    default: return WireType::kVarint;
  }
}

constexpr std::size_t kVarintBytesMax = 10;

struct Varint {
  std::array<char, kVarintBytesMax> bytes{};
  std::size_t length = 0;
  [[nodiscard]] std::string_view view() const { return {bytes.data(), length}; }
};

Varint varint(std::uint64_t value) {
  Varint out;
  while (value >= 0x80) {
    out.bytes[out.length++] = static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7U;
  }
  out.bytes[out.length++] = static_cast<char>(value);
  return out;
}

void append_varint(std::string& out, std::uint64_t value) { out.append(varint(value).view()); }

void append_tag(std::string& out, const FieldNode& node, WireType type) {
  append_varint(out,
                (static_cast<std::uint64_t>(node.number) << 3U) | static_cast<std::uint64_t>(type));
}

template <class T>
void append_little_endian(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>((value >> (8 * i)) & 0xff);
  }
}

// The length goes before what has been appended since `start`.
void insert_length(std::string& out, std::size_t start) {
  const Varint length = varint(out.size() - start);
  out.insert(start, length.bytes.data(), length.length);
}

std::int64_t integer_of(const Item& item) {
  return item.type == ValueType::kUint ? static_cast<std::int64_t>(item.natural) : item.integer;
}

double real_of(const Item& item) {
  if (item.type == ValueType::kDouble) return item.real;
  return static_cast<double>(integer_of(item));
}

// A value without its tag.
void append_value(std::string& out, const FieldNode& node, const Item& item,
                  std::string_view text) {
  switch (node.type) {
    case FieldType::kFloat:
      append_little_endian(out, std::bit_cast<std::uint32_t>(static_cast<float>(real_of(item))));
      return;
    case FieldType::kDouble:
      append_little_endian(out, std::bit_cast<std::uint64_t>(real_of(item)));
      return;
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      append_little_endian(out, static_cast<std::uint32_t>(integer_of(item)));
      return;
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      append_little_endian(out, static_cast<std::uint64_t>(integer_of(item)));
      return;
    case FieldType::kSint32:
    case FieldType::kSint64: {
      const std::int64_t value = integer_of(item);
      append_varint(
          out, (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
      return;
    }
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kMessage:
    case FieldType::kJson:
      append_varint(out, text.size());
      out.append(text);
      return;
    default: append_varint(out, static_cast<std::uint64_t>(integer_of(item)));
  }
}

std::string_view text_of(const RecordBody& kept, const Item& item) {
  return std::string_view(kept.text).substr(item.text.offset, item.text.length);
}

}  // namespace

void write_protobuf(const SourcePlan& source, const RecordBody& kept, std::string& out) {
  // Where the contents of each open message begin. The payload itself has no tag and no length.
  std::array<std::size_t, kNestingDepthMax + 1> starts{};
  std::size_t depth = 0;
  for (std::size_t i = 0; i < kept.items.size(); ++i) {
    const Item& item = kept.items[i];
    const FieldNode& node = source.nodes[item.node];
    if (item.node == kRootNode) continue;
    if (item.kind == ItemKind::kClose) {
      insert_length(out, starts[--depth]);
      continue;
    }
    if (item.kind != ItemKind::kValue) {
      append_tag(out, node, WireType::kLength);
      assert(depth < starts.size());
      starts[depth++] = out.size();
      continue;
    }
    if (!node.repeated || !node.packed) {
      append_tag(out, node, wire_type(node.type));
      append_value(out, node, item, text_of(kept, item));
      continue;
    }
    append_tag(out, node, WireType::kLength);
    const std::size_t start = out.size();
    append_value(out, node, item, {});
    while (i + 1 < kept.items.size() && kept.items[i + 1].node == item.node &&
           kept.items[i + 1].kind == ItemKind::kValue) {
      append_value(out, node, kept.items[++i], {});
    }
    insert_length(out, start);
  }
}

}  // namespace sudare
