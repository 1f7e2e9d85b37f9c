#include "gateway/minimize/value_rules.h"

#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "gateway/minimize/generalize.h"
#include "gateway/minimize/pseudonymize.h"
#include "gateway/minimize/time_bucket.h"

namespace sudare {
namespace {

std::string_view text_in(const RecordBody& body, TextSpan span) {
  return std::string_view(body.text).substr(span.offset, span.length);
}

// What was appended since `offset` becomes the item's text.
void take_text(const RecordBody& kept, std::size_t offset, Item& item) {
  item.type = ValueType::kText;
  item.text = {static_cast<std::uint32_t>(offset),
               static_cast<std::uint32_t>(kept.text.size() - offset)};
}

bool holds_text(FieldType type) { return type == FieldType::kString || type == FieldType::kJson; }

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T>
void append_number(std::string& out, T value) {
  char digits[64];
  const auto written = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<std::size_t>(written.ptr - digits));
}

template <class T>
bool put_integer(const FieldNode& node, std::optional<T> value, Item& item) {
  if (!value || !fits(node.type, static_cast<std::int64_t>(*value))) return false;
  item.type = ValueType::kInt;
  item.integer = static_cast<std::int64_t>(*value);
  return true;
}

bool put_real(std::optional<double> value, Item& item) {
  if (!value) return false;
  item.type = ValueType::kDouble;
  item.real = *value;
  return true;
}

template <class T>
std::optional<T> bucketed(T time, v1::Unit unit, std::uint32_t bucket_ms) {
  switch (unit) {
    case v1::UNIT_UNSPECIFIED:
    case v1::MILLISECONDS: return bucket_milliseconds(time, bucket_ms);
    case v1::SECONDS: return bucket_seconds(time, bucket_ms);
    default: return std::nullopt;
  }
}

bool bucket_text(const FieldNode& node, std::uint32_t bucket_ms, Item& item, RecordBody& kept) {
  // A copy: the text is appended to while it is read.
  const std::string text(text_in(kept, item.text));
  const std::size_t offset = kept.text.size();
  if (node.unit == v1::ISO_8601 || node.unit == v1::UNIT_UNSPECIFIED) {
    if (!bucket_iso_8601(text, bucket_ms, kept.text)) return false;
  } else if (const auto integer = number_in<std::int64_t>(text)) {
    const auto time = bucketed(*integer, node.unit, bucket_ms);
    if (!time) return false;
    append_number(kept.text, *time);
  } else {
    const auto real = number_in<double>(text);
    const auto time = real ? bucketed(*real, node.unit, bucket_ms) : std::nullopt;
    if (!time) return false;
    append_number(kept.text, *time);
  }
  take_text(kept, offset, item);
  return true;
}

bool coarsen_text(const Coarsen& rule, Item& item, RecordBody& kept) {
  const std::string_view text = text_in(kept, item.text);
  const std::size_t offset = kept.text.size();
  if (const auto integer = number_in<std::int64_t>(text)) {
    const auto coarse = rule.integer(*integer);
    if (!coarse) return false;
    append_number(kept.text, *coarse);
  } else {
    const auto real = number_in<double>(text);
    const auto coarse = real ? rule.real(*real) : std::nullopt;
    if (!coarse) return false;
    append_number(kept.text, *coarse);
  }
  take_text(kept, offset, item);
  return true;
}

}  // namespace

bool fits(FieldType type, std::int64_t value) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSint32:
    case FieldType::kSfixed32:
      return value >= std::numeric_limits<std::int32_t>::min() &&
             value <= std::numeric_limits<std::int32_t>::max();
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return value >= 0 && value <= std::numeric_limits<std::uint32_t>::max();
    case FieldType::kUint64:
    case FieldType::kFixed64: return value >= 0;
    default: return true;
  }
}

bool apply_bucket(const FieldNode& node, std::uint32_t bucket_ms, Item& item, RecordBody& kept) {
  switch (item.type) {
    case ValueType::kInt:
      return put_integer(node, bucketed(item.integer, node.unit, bucket_ms), item);
    case ValueType::kUint:
      if (item.natural > std::numeric_limits<std::int64_t>::max()) return false;
      return put_integer(
          node, bucketed(static_cast<std::int64_t>(item.natural), node.unit, bucket_ms), item);
    case ValueType::kDouble: return put_real(bucketed(item.real, node.unit, bucket_ms), item);
    case ValueType::kText: return bucket_text(node, bucket_ms, item, kept);
    default: return false;
  }
}

bool apply_coarsen(const FieldNode& node, const Coarsen& rule, Item& item, RecordBody& kept) {
  if (node.type == FieldType::kEnum || node.type == FieldType::kBool) return false;
  switch (item.type) {
    case ValueType::kInt: return put_integer(node, rule.integer(item.integer), item);
    case ValueType::kUint: return put_integer(node, rule.natural(item.natural), item);
    case ValueType::kDouble:
      return put_real(node.type == FieldType::kFloat ? rule.single(static_cast<float>(item.real))
                                                     : rule.real(item.real),
                      item);
    case ValueType::kText: return coarsen_text(rule, item, kept);
    default: return false;
  }
}

bool apply_pseudonym(const FieldNode& node, const SecretBytes<32>* key, Item& item,
                     RecordBody& kept) {
  if (key == nullptr || !holds_text(node.type)) return false;
  std::string value;
  switch (item.type) {
    case ValueType::kText:
    case ValueType::kBytes: value = text_in(kept, item.text); break;
    case ValueType::kInt: append_number(value, item.integer); break;
    case ValueType::kUint: append_number(value, item.natural); break;
    case ValueType::kDouble: append_number(value, item.real); break;
    default: return false;
  }
  const std::size_t offset = kept.text.size();
  pseudonymize(*key, node.personal, value, kept.text);
  take_text(kept, offset, item);
  return true;
}

bool apply_generalize(const FieldNode& node, Item& item, RecordBody& kept) {
  if (item.type != ValueType::kText || !holds_text(node.type)) return false;
  const std::string value(text_in(kept, item.text));
  const std::size_t offset = kept.text.size();
  if (!generalize(node.personal, value, kept.text)) return false;
  take_text(kept, offset, item);
  return true;
}

}  // namespace sudare
