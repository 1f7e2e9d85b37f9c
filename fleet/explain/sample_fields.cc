#include "fleet/explain/sample_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "fleet/explain/protobuf_fields.h"

namespace sudare {
namespace {

using Json = nlohmann::ordered_json;

bool is_index(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

// As gateway/decode/json_decoder.h reads objects and lists.
class JsonFields {
 public:
  JsonFields(const SourcePlan& source, std::vector<SampleField>& out)
      : source_(source), out_(out) {}

  void value(const Json& json, const std::string& path, NodeIndex node) {
    if (json.is_object() && !json.empty()) {
      for (const auto& [key, member] : json.items()) {
        value(member, path.empty() ? key : path + "." + key, child(node, key));
      }
    } else if (json.is_array() && !json.empty()) {
      list(json, path, node);
    } else {
      const bool named = node != kNoNode && source_.nodes[node].value;
      out_.push_back({path, json.dump(-1, ' ', false, Json::error_handler_t::replace),
                      named ? node : kNoNode});
    }
  }

 private:
  void list(const Json& json, const std::string& path, NodeIndex node) {
    bool indices = false;
    if (node != kNoNode) {
      const auto& children = source_.nodes[node].children;
      indices = std::any_of(children.begin(), children.end(),
                            [&](NodeIndex one) { return is_index(source_.nodes[one].name); });
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      const std::string index = std::to_string(i);
      value(json[i], path + "[" + index + "]", indices ? child(node, index) : node);
    }
  }

  [[nodiscard]] NodeIndex child(NodeIndex node, const std::string& name) const {
    if (node == kNoNode) return kNoNode;
    for (const NodeIndex one : source_.nodes[node].children) {
      if (source_.nodes[one].name == "*" || source_.nodes[one].name == name) return one;
    }
    return kNoNode;
  }

  const SourcePlan& source_;
  std::vector<SampleField>& out_;
};

std::optional<std::vector<SampleField>> json_fields(const SourcePlan& source,
                                                    std::string_view payload) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
    too_deep = too_deep || depth > static_cast<int>(kNestingDepthMax);
    return !too_deep;
  };
  const Json json = Json::parse(payload, watch, false);
  if (json.is_discarded() || too_deep) return std::nullopt;
  std::vector<SampleField> fields;
  JsonFields(source, fields).value(json, "", kRootNode);
  return fields;
}

}  // namespace

std::optional<std::vector<SampleField>> sample_fields(const SourcePlan& source,
                                                      const google::protobuf::DescriptorPool& pool,
                                                      std::string_view payload) {
  if (payload.size() > kPayloadBytesMax) return std::nullopt;
  if (source.codec == Codec::kJson) return json_fields(source, payload);
  return protobuf_fields(source, pool, payload);
}

}  // namespace sudare
