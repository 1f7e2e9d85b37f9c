#include "gateway/policy/field_tree.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace sudare {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The values of FieldType in the order of FieldDescriptor::Type, which starts at 1. Groups
// (TYPE_GROUP, 10) are refused before.
FieldType type_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE: return FieldType::kDouble;
    case FieldDescriptor::TYPE_FLOAT: return FieldType::kFloat;
    case FieldDescriptor::TYPE_INT64: return FieldType::kInt64;
    case FieldDescriptor::TYPE_UINT64: return FieldType::kUint64;
    case FieldDescriptor::TYPE_INT32: return FieldType::kInt32;
    case FieldDescriptor::TYPE_FIXED64: return FieldType::kFixed64;
    case FieldDescriptor::TYPE_FIXED32: return FieldType::kFixed32;
    case FieldDescriptor::TYPE_BOOL: return FieldType::kBool;
    case FieldDescriptor::TYPE_STRING: return FieldType::kString;
    case FieldDescriptor::TYPE_BYTES: return FieldType::kBytes;
    case FieldDescriptor::TYPE_UINT32: return FieldType::kUint32;
    case FieldDescriptor::TYPE_ENUM: return FieldType::kEnum;
    case FieldDescriptor::TYPE_SFIXED32: return FieldType::kSfixed32;
    case FieldDescriptor::TYPE_SFIXED64: return FieldType::kSfixed64;
    case FieldDescriptor::TYPE_SINT32: return FieldType::kSint32;
    case FieldDescriptor::TYPE_SINT64: return FieldType::kSint64;
    default: return FieldType::kMessage;
  }
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> names;
  std::size_t start = 0;
  while (true) {
    const std::size_t dot = path.find('.', start);
    names.push_back(path.substr(start, dot - start));
    if (dot == std::string::npos) return names;
    start = dot + 1;
  }
}

bool is_personal(v1::PersonalClass personal) { return personal > v1::NOT_PERSONAL; }

std::vector<std::string> field_names(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

// A few names of the message, for hints.
std::string some_fields(const Descriptor& message) {
  constexpr int kShown = 12;
  std::string out;
  for (int i = 0; i < message.field_count() && i < kShown; ++i) {
    out += (i > 0 ? ", " : "") + message.field(i)->name();
  }
  return out + (message.field_count() > kShown ? ", ..." : "");
}

}  // namespace

FieldTree::FieldTree(const Descriptor* message, const v1::Source& source, const std::string& where,
                     Findings& findings)
    : message_(message), source_(source), where_(where), findings_(findings) {
  FieldNode root;
  root.type = message_ != nullptr ? FieldType::kMessage : FieldType::kJson;
  nodes_.push_back(root);
  origins_.emplace_back();
  read_classes();
}

void FieldTree::read_classes() {
  for (int i = 0; i < source_.classify_size(); ++i) {
    const v1::Classify& classify = source_.classify(i);
    const std::string at = where_ + "." + element("classify", i);
    if (classify.what_case() == v1::Classify::WHAT_NOT_SET) {
      findings_.error(at, "a classify names nothing", "write path: \"...\" or level: \"...\"");
    } else if (classify.class_() == v1::UNCLASSED) {
      findings_.error(at, "a classify names no class", "write class: ...; NOT_PERSONAL is one");
    }
    if (classify.what_case() != v1::Classify::kPath) continue;
    if (!classes_.emplace(classify.path(), i).second) {
      findings_.error(at + ".path", "\"" + classify.path() + "\" is classed twice",
                      "keep one of them");
      continue;
    }
    std::vector<Step> steps;
    if (!walk(classify.path(), at + ".path", steps) || message_ == nullptr) continue;
    const v1::PersonalClass own = steps.back().field->options().GetExtension(v1::personal);
    if (own != v1::UNCLASSED && own != classify.class_()) {
      findings_.error(
          at + ".class",
          "the schema classes \"" + classify.path() + "\" as " + v1::PersonalClass_Name(own),
          "remove this classify: a policy can't overrule a schema");
    }
  }
}

FieldTree::Leaf FieldTree::add(const std::string& path, const std::string& where) {
  std::vector<Step> steps;
  if (!walk(path, where, steps)) return {};
  NodeIndex node = kRootNode;
  std::vector<NodeIndex> keys;
  for (const Step& step : steps) {
    if (nodes_[node].map) {
      // Values without their keys would be useless: the policy's "*" names both.
      const Descriptor& entry = *step.field->containing_type();
      const NodeIndex key = child(node, {"key", entry.map_key()}, where);
      if (key == kNoNode) return {};
      nodes_[key].value = true;
      // A map of persons is keyed by persons.
      if (nodes_[key].personal == v1::UNCLASSED) nodes_[key].personal = v1::NOT_PERSONAL;
      keys.push_back(key);
    }
    node = child(node, step, where);
    if (node == kNoNode) return {};
  }
  if (!nodes_[node].children.empty()) {
    findings_.error(where, "\"" + path + "\" is also named with what is inside it",
                    "name the fields inside, or the field, not both");
    return {};
  }
  nodes_[node].value = true;
  classify(node, path);
  return {node, std::move(keys), json_keys(node, path)};
}

bool FieldTree::walk(const std::string& path, const std::string& where, std::vector<Step>& steps) {
  const std::vector<std::string> names = split(path);
  if (std::any_of(names.begin(), names.end(), [](const std::string& n) { return n.empty(); })) {
    findings_.error(where, path.empty() ? "a path is empty" : "\"" + path + "\" has an empty part",
                    "write names joined by single dots, such as \"a.b\"");
    return false;
  }
  if (names.size() > kNestingDepthMax) {
    findings_.error(where, "the path is nested too deep",
                    "at most " + std::to_string(kNestingDepthMax) + " levels are read");
    return false;
  }
  if (message_ != nullptr) return walk_message(names, where, steps);
  for (const std::string& name : names) steps.push_back({name, nullptr});
  return true;
}

bool FieldTree::walk_message(const std::vector<std::string>& names, const std::string& where,
                             std::vector<Step>& steps) {
  const Descriptor* message = message_;
  std::string path;
  for (const std::string& name : names) {
    if (message == nullptr) {
      findings_.error(where, "\"" + path + "\" has no fields inside", "end the path there");
      return false;
    }
    const bool in_map = message->options().map_entry();
    const FieldDescriptor* const field =
        in_map ? (name == "*" ? message->map_value() : nullptr) : message->FindFieldByName(name);
    if (field == nullptr && in_map) {
      findings_.error(where, "\"" + path + "\" is a map", "write \"" + path + ".*\"");
      return false;
    }
    if (field == nullptr) {
      const std::string nearest = nearest_name(name, field_names(*message));
      findings_.error(where, "no field \"" + name + "\" in " + message->full_name(),
                      nearest.empty() ? "it has: " + some_fields(*message)
                                      : "did you mean \"" + nearest + "\"?");
      return false;
    }
    if (field->type() == FieldDescriptor::TYPE_GROUP) {
      findings_.error(where, "\"" + name + "\" is a group, which is not supported", "leave it out");
      return false;
    }
    path += (path.empty() ? "" : ".") + name;
    steps.push_back({in_map ? field->name() : name, field});
    message = field->message_type();
  }
  return message == nullptr || refuse_unfinished(*steps.back().field, path, where);
}

bool FieldTree::refuse_unfinished(const FieldDescriptor& last, const std::string& path,
                                  const std::string& where) {
  if (last.is_map()) {
    findings_.error(where, "\"" + path + "\" is a map", "write \"" + path + ".*\"");
  } else {
    findings_.error(
        where, "\"" + path + "\" is a message: its fields must be named one by one",
        "for example \"" + path + "." +
            (last.message_type()->field_count() > 0 ? last.message_type()->field(0)->name()
                                                    : std::string("...")) +
            "\"; it has: " + some_fields(*last.message_type()));
  }
  return false;
}

NodeIndex FieldTree::child(NodeIndex parent, const Step& step, const std::string& where) {
  for (const NodeIndex index : nodes_[parent].children) {
    if (nodes_[index].name == step.name) return index;
  }
  if (nodes_[parent].value) {
    findings_.error(where, "\"" + path_of(parent) + "\" is also named as a whole",
                    "name the fields inside, or the field, not both");
    return kNoNode;
  }
  if (hidden_by_any_key(parent, step.name)) {
    findings_.error(where, "\"*\" and a name stand side by side: only one of them can apply",
                    "name each key, or only \"*\"");
    return kNoNode;
  }
  if (nodes_.size() > kSourceFieldsMax) {
    findings_.error(where, "the source names too many fields",
                    "at most " + std::to_string(kSourceFieldsMax));
    return kNoNode;
  }
  FieldNode node;
  Origin origin;
  origin.parent = parent;
  fill(node, origin, step);
  nodes_.push_back(std::move(node));
  origins_.push_back(std::move(origin));
  const auto index = static_cast<NodeIndex>(nodes_.size() - 1);
  nodes_[parent].children.push_back(index);
  return index;
}

bool FieldTree::hidden_by_any_key(NodeIndex parent, const std::string& name) const {
  if (message_ != nullptr || nodes_[parent].children.empty()) return false;
  return name == "*" || nodes_[nodes_[parent].children.front()].name == "*";
}

void FieldTree::fill(FieldNode& node, Origin& origin, const Step& step) const {
  node.name = step.name;
  if (step.field == nullptr) return;
  const FieldDescriptor& field = *step.field;
  node.number = field.number();
  node.type = type_of(field);
  node.repeated = field.is_repeated();
  node.map = field.is_map();
  node.packed = field.is_packed();
  node.proto3_optional = field.has_presence() && node.type != FieldType::kMessage;
  node.unit = field.options().GetExtension(v1::unit);
  node.personal = field.options().GetExtension(v1::personal);
  origin.group = field.options().GetExtension(v1::group);
  // A class on a field that holds a message is meant for what is inside.
  const FieldNode& parent = nodes_[origin.parent];
  if (!is_personal(node.personal) && is_personal(parent.personal)) node.personal = parent.personal;
  // The values of a map have the class and unit that the map was given.
  if (parent.map && node.personal == v1::UNCLASSED) node.personal = parent.personal;
  if (parent.map && node.unit == v1::UNIT_UNSPECIFIED) node.unit = parent.unit;
  if (node.type == FieldType::kEnum) {
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      node.enum_values.push_back(field.enum_type()->value(i)->number());
    }
    std::sort(node.enum_values.begin(), node.enum_values.end());
  }
}

void FieldTree::classify(NodeIndex index, const std::string& path) {
  const auto found = classes_.find(path);
  if (found == classes_.end()) return;
  const v1::Classify& classify = source_.classify(found->second);
  FieldNode& node = nodes_[index];
  // A class from the schema stands; one that differs was refused.
  if (node.personal == v1::UNCLASSED) node.personal = classify.class_();
  if (node.unit == v1::UNIT_UNSPECIFIED) node.unit = classify.unit();
  if (!classify.group().empty()) {
    origins_[index].group = classify.group();
    origins_[index].grouped_by_policy = true;
  }
}

// Keys of an object are as personal as what they lead to, unless a classify of the path up to their
// "*" says otherwise: in {"users": {"taro": {"account": 5}}} "taro" is no less personal than 5.
std::vector<ObjectKeys> FieldTree::json_keys(NodeIndex leaf, const std::string& path) const {
  std::vector<ObjectKeys> out;
  if (message_ != nullptr) return out;
  std::string up_to;
  for (const std::string& name : split(path)) {
    up_to += (up_to.empty() ? "" : ".") + name;
    if (name != "*") continue;
    ObjectKeys keys{up_to, nodes_[leaf].personal, up_to == path};
    const auto found = classes_.find(up_to);
    if (found != classes_.end()) keys.personal = source_.classify(found->second).class_();
    out.push_back(std::move(keys));
  }
  return out;
}

bool FieldTree::repeats(NodeIndex node) const {
  for (; node != kRootNode; node = origins_[node].parent) {
    if (nodes_[node].repeated || nodes_[node].name == "*") return true;
  }
  return false;
}

std::string FieldTree::path_of(NodeIndex node) const {
  if (node == kRootNode) return "";
  const NodeIndex parent = origins_[node].parent;
  const std::string name = nodes_[parent].map ? "*" : nodes_[node].name;
  return parent == kRootNode ? name : path_of(parent) + "." + name;
}

std::vector<FieldNode> FieldTree::finish() {
  std::map<std::pair<NodeIndex, std::string>, std::uint16_t> groups;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    FieldNode& node = nodes_[i];
    if (node.personal != v1::LATITUDE && node.personal != v1::LONGITUDE) continue;
    NodeIndex scope = origins_[i].parent;
    // A group that the policy names may span objects, but never the elements of a list or map.
    while (origins_[i].grouped_by_policy && scope != kRootNode && !nodes_[scope].repeated &&
           nodes_[scope].name != "*") {
      scope = origins_[scope].parent;
    }
    const auto next = static_cast<std::uint16_t>(groups.size() + 1);
    node.group = groups.emplace(std::make_pair(scope, origins_[i].group), next).first->second;
  }
  for (FieldNode& node : nodes_) {
    std::sort(node.children.begin(), node.children.end(), [this](NodeIndex a, NodeIndex b) {
      return std::make_pair(nodes_[a].number, std::string_view(nodes_[a].name)) <
             std::make_pair(nodes_[b].number, std::string_view(nodes_[b].name));
    });
  }
  return std::move(nodes_);
}

}  // namespace sudare
