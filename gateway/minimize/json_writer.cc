#include "gateway/minimize/json_writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/limits.h"

namespace sudare {
namespace {

template <class T>
void append_number(std::string& out, T value) {
  char digits[64];
  const auto written = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<std::size_t>(written.ptr - digits));
}

// A number that came with a decimal point leaves with one: readers tell 5.0 from 5, and -0.0 from
// 0.
void append_real(std::string& out, double value) {
  if (!std::isfinite(value)) {  // JSON has no way to say it; the decoder lets none through
    out.append("null");
    return;
  }
  const std::size_t start = out.size();
  append_number(out, value);
  if (std::string_view(out).substr(start).find_first_of(".e") == std::string_view::npos) {
    out.append(".0");
  }
}

// RFC 8259, section 7: only what must be escaped is.
void append_text(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out.append("\\u00");
      out += kHex[code >> 4U];
      out += kHex[code & 0xfU];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string_view text_of(const RecordBody& kept, TextSpan span) {
  return std::string_view(kept.text).substr(span.offset, span.length);
}

void append_value(std::string& out, const RecordBody& kept, const Item& item) {
  switch (item.type) {
    case ValueType::kNull: out.append("null"); return;
    case ValueType::kBool: out.append(item.integer != 0 ? "true" : "false"); return;
    case ValueType::kInt: append_number(out, item.integer); return;
    case ValueType::kUint: append_number(out, item.natural); return;
    case ValueType::kDouble: append_real(out, item.real); return;
    case ValueType::kText:
    case ValueType::kBytes: append_text(out, text_of(kept, item.text)); return;
  }
}

// The index that a node names inside a list; nothing where it stands for every element.
bool index_of(const FieldNode& node, std::size_t& index) {
  const char* const end = node.name.data() + node.name.size();
  const auto parsed = std::from_chars(node.name.data(), end, index);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

// One container that is open.
struct Level {
  bool list = false;
  NodeIndex node = kRootNode;
  std::size_t count = 0;  // elements written, nulls too
};

// Comma, key, and the nulls that keep a list's element in its place.
void append_place(std::string& out, const SourcePlan& source, const RecordBody& kept,
                  const Item& item, Level& level) {
  const FieldNode& node = source.nodes[item.node];
  if (level.list && item.node != level.node) {
    std::size_t index = 0;
    if (index_of(node, index) && index < kRecordItemsMax) {
      for (; level.count < index; ++level.count) out.append(level.count == 0 ? "null" : ",null");
    }
  }
  if (level.count > 0) out += ',';
  ++level.count;
  if (level.list) return;
  append_text(out, node.name == "*" ? text_of(kept, item.key) : std::string_view(node.name));
  out += ':';
}

}  // namespace

void write_json(const SourcePlan& source, const RecordBody& kept, std::string& out) {
  const bool own_container = !kept.items.empty() && kept.items.front().node == kRootNode;
  std::array<Level, kNestingDepthMax + 2> levels{};
  std::size_t depth = 0;  // of the innermost open container; 0: the payload's own, not written yet
  if (!own_container) {
    depth = 1;
    out += '{';
  }
  for (const Item& item : kept.items) {
    if (item.kind == ItemKind::kClose) {
      out += levels[depth--].list ? ']' : '}';
      continue;
    }
    if (depth > 0) append_place(out, source, kept, item, levels[depth]);
    if (item.kind == ItemKind::kValue) {
      append_value(out, kept, item);
      continue;
    }
    ++depth;
    assert(depth < levels.size());
    levels[depth] = {item.kind == ItemKind::kOpenList, item.node, 0};
    out += levels[depth].list ? '[' : '{';
  }
  if (!own_container) out += '}';
}

}  // namespace sudare
