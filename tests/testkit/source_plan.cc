#include "tests/testkit/source_plan.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string_view>

namespace sudare::testkit {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

[[noreturn]] void give_up(const std::string& path) {
  std::cerr << "source_plan: no such path: " << path << "\n";
  std::abort();
}

FieldType type_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32: return FieldType::kInt32;
    case FieldDescriptor::TYPE_INT64: return FieldType::kInt64;
    case FieldDescriptor::TYPE_UINT32: return FieldType::kUint32;
    case FieldDescriptor::TYPE_UINT64: return FieldType::kUint64;
    case FieldDescriptor::TYPE_SINT32: return FieldType::kSint32;
    case FieldDescriptor::TYPE_SINT64: return FieldType::kSint64;
    case FieldDescriptor::TYPE_FIXED32: return FieldType::kFixed32;
    case FieldDescriptor::TYPE_FIXED64: return FieldType::kFixed64;
    case FieldDescriptor::TYPE_SFIXED32: return FieldType::kSfixed32;
    case FieldDescriptor::TYPE_SFIXED64: return FieldType::kSfixed64;
    case FieldDescriptor::TYPE_FLOAT: return FieldType::kFloat;
    case FieldDescriptor::TYPE_DOUBLE: return FieldType::kDouble;
    case FieldDescriptor::TYPE_BOOL: return FieldType::kBool;
    case FieldDescriptor::TYPE_ENUM: return FieldType::kEnum;
    case FieldDescriptor::TYPE_STRING: return FieldType::kString;
    case FieldDescriptor::TYPE_BYTES: return FieldType::kBytes;
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP: return FieldType::kMessage;
  }
  return FieldType::kMessage;
}

NodeIndex find_child(const SourcePlan& plan, NodeIndex node, const std::string& name) {
  for (const NodeIndex child : plan.nodes[node].children) {
    if (plan.nodes[child].name == name) return child;
  }
  return kNoNode;
}

NodeIndex add_child(SourcePlan& plan, NodeIndex parent, FieldNode node) {
  const NodeIndex known = find_child(plan, parent, node.name);
  if (known != kNoNode) return known;
  plan.nodes.push_back(std::move(node));
  const auto index = static_cast<NodeIndex>(plan.nodes.size() - 1);
  plan.nodes[parent].children.push_back(index);
  return index;
}

FieldNode node_for(const FieldDescriptor& field) {
  FieldNode node;
  node.name = field.name();
  node.number = field.number();
  node.type = type_of(field);
  node.repeated = field.is_repeated();
  node.map = field.is_map();
  node.packed = field.is_packed();
  node.proto3_optional = field.has_presence() && node.type != FieldType::kMessage;
  node.personal = field.options().GetExtension(v1::personal);
  node.unit = field.options().GetExtension(v1::unit);
  if (field.enum_type() != nullptr) {
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      node.enum_values.push_back(field.enum_type()->value(i)->number());
    }
    std::sort(node.enum_values.begin(), node.enum_values.end());
  }
  return node;
}

SourcePlan with_topic(const std::string& topic, Codec codec) {
  SourcePlan plan;
  plan.codec = codec;
  for (const std::string& part : split(topic, '/')) {
    TopicLevel level;
    level.text = part;
    if (part.front() == '{') {
      level.capture = true;
      level.text = part.substr(1, part.size() - 2);
      level.rest = level.text.size() > 3 && level.text.substr(level.text.size() - 3) == "...";
      if (level.rest) level.text.resize(level.text.size() - 3);
    }
    plan.levels.push_back(level);
  }
  FieldNode root;
  root.type = codec == Codec::kProtobuf ? FieldType::kMessage : FieldType::kJson;
  plan.nodes.push_back(root);
  return plan;
}

void sort_children(SourcePlan& plan) {
  for (FieldNode& node : plan.nodes) {
    std::sort(node.children.begin(), node.children.end(), [&plan](NodeIndex a, NodeIndex b) {
      return std::make_pair(plan.nodes[a].number, std::string_view(plan.nodes[a].name)) <
             std::make_pair(plan.nodes[b].number, std::string_view(plan.nodes[b].name));
    });
  }
}

}  // namespace

SourcePlan protobuf_source(const std::string& topic, const Descriptor& message,
                           const std::vector<std::string>& paths) {
  SourcePlan plan = with_topic(topic, Codec::kProtobuf);
  plan.message_type = message.full_name();
  for (const std::string& path : paths) {
    NodeIndex node = kRootNode;
    const Descriptor* at = &message;
    for (const std::string& name : split(path, '.')) {
      if (at == nullptr) give_up(path);
      const bool entry = at->options().map_entry();
      if (entry) plan.nodes[add_child(plan, node, node_for(*at->map_key()))].value = true;
      const FieldDescriptor* field = entry ? at->map_value() : at->FindFieldByName(name);
      if (field == nullptr) give_up(path);
      node = add_child(plan, node, node_for(*field));
      at = field->message_type();
    }
    plan.nodes[node].value = true;
  }
  sort_children(plan);
  return plan;
}

SourcePlan json_source(const std::string& topic, const std::vector<std::string>& paths) {
  SourcePlan plan = with_topic(topic, Codec::kJson);
  for (const std::string& path : paths) {
    NodeIndex node = kRootNode;
    for (const std::string& name : split(path, '.')) {
      FieldNode child;
      child.name = name;
      node = add_child(plan, node, child);
    }
    plan.nodes[node].value = true;
  }
  sort_children(plan);
  return plan;
}

NodeIndex node_of(const SourcePlan& plan, const std::string& path) {
  NodeIndex node = kRootNode;
  for (const std::string& name : split(path, '.')) {
    const bool entry = plan.nodes[node].map && name == "*";
    node = find_child(plan, node, entry ? "value" : name);
    if (node == kNoNode) give_up(path);
  }
  return node;
}

}  // namespace sudare::testkit
