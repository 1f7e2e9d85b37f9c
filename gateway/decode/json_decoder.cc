#include "gateway/decode/json_decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/limits.h"

namespace sudare {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool is_index(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// More children than this are searched by halves.
constexpr std::size_t kLinearSearchMax = 8;

NodeIndex child_named(const std::vector<FieldNode>& nodes, NodeIndex node, std::string_view name) {
  const std::vector<NodeIndex>& children = nodes[node].children;
  if (children.size() <= kLinearSearchMax) {
    for (const NodeIndex child : children) {
      if (nodes[child].name == name) return child;
    }
    return kNoNode;
  }
  const auto found = std::lower_bound(
      children.begin(), children.end(), name,
      [&nodes](NodeIndex child, std::string_view wanted) { return nodes[child].name < wanted; });
  return found != children.end() && nodes[*found].name == name ? *found : kNoNode;
}

NodeIndex child_at(const std::vector<FieldNode>& nodes, NodeIndex node, std::size_t index) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr;
  return child_named(nodes, node, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Status parse_failure(simdjson::error_code error) {
  switch (error) {
    case simdjson::CAPACITY: return fail(ErrorCode::kTooLarge, "json: payload");
    case simdjson::DEPTH_ERROR: return fail(ErrorCode::kTooDeep, "json: nesting");
    case simdjson::MEMALLOC:
    case simdjson::UNINITIALIZED:
      return fail(ErrorCode::kInternal, "json: parser not ready", error);
    default: return fail(ErrorCode::kMalformed, "json: syntax", error);
  }
}

// `element` is neither object nor list.
Item scalar_item(element element, RecordBuilder& out) {
  Item item;
  switch (element.type()) {
    case element_type::INT64:
      item.type = ValueType::kInt;
      item.integer = element.get_int64().value_unsafe();
      break;
    case element_type::UINT64:
      item.type = ValueType::kUint;
      item.natural = element.get_uint64().value_unsafe();
      break;
    case element_type::DOUBLE:
      item.type = ValueType::kDouble;
      item.real = element.get_double().value_unsafe();
      break;
    case element_type::STRING:
      item.type = ValueType::kText;
      item.text = out.add_text(element.get_string().value_unsafe());
      break;
    case element_type::BOOL:
      item.type = ValueType::kBool;
      item.integer = element.get_bool().value_unsafe() ? 1 : 0;
      break;
    default: break;  // null
  }
  return item;
}

class DomDecoder final : public JsonDecoder {
 public:
  explicit DomDecoder(const Policy& policy);
  [[nodiscard]] Status decode(std::string_view payload, SourceIndex source,
                              RecordBuilder& out) override;

 private:
  struct NodeTraits {
    NodeIndex any = kNoNode;  // the child "*"
    bool indices = false;     // its children are list indices
  };
  // What the walk hands down.
  struct Walk {
    const std::vector<FieldNode>& nodes;
    const std::vector<NodeTraits>& traits;
    RecordBuilder& out;
  };

  [[nodiscard]] Status value(const Walk& walk, NodeIndex node, simdjson::dom::element element,
                             TextSpan key);
  [[nodiscard]] Status object(const Walk& walk, NodeIndex node, simdjson::dom::object object);
  [[nodiscard]] Status list(const Walk& walk, NodeIndex node, simdjson::dom::array array);
  [[nodiscard]] Status any_member(const Walk& walk, NodeIndex node, std::string_view key,
                                  simdjson::dom::element element);

  const Policy& policy_;
  std::vector<std::vector<NodeTraits>> traits_;  // by source, node
  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::unique_ptr<char[]> padded_;
  simdjson::error_code ready_ = simdjson::UNINITIALIZED;
  std::vector<std::string_view> keys_;  // of the objects under "*" that are being read
  std::vector<std::uint64_t> seen_;     // by node: the object in which it was met last
  std::uint64_t objects_ = 0;
};

DomDecoder::DomDecoder(const Policy& policy)
    : policy_(policy), padded_(new char[kPayloadBytesMax + simdjson::SIMDJSON_PADDING]) {
  std::size_t nodes_max = 0;
  for (const SourcePlan& source : policy.sources) {
    std::vector<NodeTraits>& traits = traits_.emplace_back(source.nodes.size());
    nodes_max = std::max(nodes_max, source.nodes.size());
    for (std::size_t i = 0; i < source.nodes.size(); ++i) {
      for (const NodeIndex child : source.nodes[i].children) {
        if (source.nodes[child].name == "*") traits[i].any = child;
        if (is_index(source.nodes[child].name)) traits[i].indices = true;
      }
    }
  }
  seen_.resize(nodes_max, 0);
  parser_.set_max_capacity(kPayloadBytesMax);
  ready_ = parser_.allocate(kPayloadBytesMax, kNestingDepthMax + 1);
  if (ready_ == simdjson::SUCCESS) ready_ = document_.allocate(kPayloadBytesMax);
}

Status DomDecoder::decode(std::string_view payload, SourceIndex source, RecordBuilder& out) {
  if (ready_ != simdjson::SUCCESS) return parse_failure(ready_);
  if (payload.size() > kPayloadBytesMax) return fail(ErrorCode::kTooLarge, "json: payload");
  std::memcpy(padded_.get(), payload.data(), payload.size());
  std::memset(padded_.get() + payload.size(), 0, simdjson::SIMDJSON_PADDING);
  element root;
  const auto error =
      parser_.parse_into_document(document_, padded_.get(), payload.size(), false).get(root);
  if (error != simdjson::SUCCESS) return parse_failure(error);
  keys_.clear();
  const Walk walk{policy_.sources[source].nodes, traits_[source], out};
  // The payload itself is not opened, as little as a Protobuf message is.
  if (root.is_object()) return object(walk, kRootNode, root.get_object().value_unsafe());
  return value(walk, kRootNode, root, {});
}

Status DomDecoder::value(const Walk& walk, NodeIndex node, element element, TextSpan key) {
  const FieldNode& definition = walk.nodes[node];
  if (element.is_object()) {
    if (definition.children.empty()) return Done{};
    TRY(walk.out.open(node, ItemKind::kOpenObject, key));
    TRY(object(walk, node, element.get_object().value_unsafe()));
    return walk.out.close(node);
  }
  if (element.is_array()) {
    TRY(walk.out.open(node, ItemKind::kOpenList, key));
    TRY(list(walk, node, element.get_array().value_unsafe()));
    return walk.out.close(node);
  }
  if (!definition.value) return Done{};
  Item item = scalar_item(element, walk.out);
  item.node = node;
  item.key = key;
  return walk.out.add(item);
}

Status DomDecoder::object(const Walk& walk, NodeIndex node, simdjson::dom::object object) {
  const std::uint64_t number = ++objects_;
  const std::size_t keys_before = keys_.size();
  const bool any = walk.traits[node].any != kNoNode;
  for (const simdjson::dom::key_value_pair member : object) {
    if (any) {
      TRY(any_member(walk, node, member.key, member.value));
      continue;
    }
    const NodeIndex child = child_named(walk.nodes, node, member.key);
    if (child == kNoNode) continue;
    if (seen_[child] == number) return fail(ErrorCode::kMalformed, "json: key occurs twice");
    seen_[child] = number;
    TRY(value(walk, child, member.value, {}));
  }
  if (!any) return Done{};
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(keys_before);
  std::sort(first, keys_.end());
  if (std::adjacent_find(first, keys_.end()) != keys_.end()) {
    return fail(ErrorCode::kMalformed, "json: key occurs twice");
  }
  keys_.resize(keys_before);
  return Done{};
}

Status DomDecoder::any_member(const Walk& walk, NodeIndex node, std::string_view key,
                              element element) {
  keys_.push_back(key);
  return value(walk, walk.traits[node].any, element, walk.out.add_text(key));
}

Status DomDecoder::list(const Walk& walk, NodeIndex node, simdjson::dom::array array) {
  const bool indices = walk.traits[node].indices;
  std::size_t index = 0;
  for (const element element : array) {
    const NodeIndex target = indices ? child_at(walk.nodes, node, index++) : node;
    if (target == kNoNode) continue;
    TRY(value(walk, target, element, {}));
  }
  return Done{};
}

}  // namespace

std::unique_ptr<JsonDecoder> JsonDecoder::create(const Policy& policy) {
  return std::make_unique<DomDecoder>(policy);
}

}  // namespace sudare
