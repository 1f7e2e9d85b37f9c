#include "gateway/policy/resolve.h"

#include <optional>

#include "gateway/policy/field_tree.h"
#include "gateway/policy/topic.h"

namespace sudare {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;

// Null for JSON, and where there is no such message, which is reported.
const Descriptor* find_message(const v1::Source& source, const std::string& where,
                               const DescriptorPool& pool, Findings& findings) {
  if (source.codec() == v1::Source::JSON) {
    if (!source.message().empty()) {
      findings.error(where + ".message", "a JSON source has no message", "remove it");
    }
    return nullptr;
  }
  if (source.codec() != v1::Source::PROTOBUF) {
    findings.error(where, "a source without codec", "write codec: PROTOBUF or codec: JSON");
    return nullptr;
  }
  if (source.message().empty()) {
    findings.error(where, "a Protobuf source without message",
                   "write message: \"package.Name\", the full name of its type");
    return nullptr;
  }
  const Descriptor* const message = pool.FindMessageTypeByName(source.message());
  if (message == nullptr) {
    findings.error(where + ".message", "no message \"" + source.message() + "\" is known",
                   "check the full name; a fleet's own messages come from a descriptor set");
  }
  return message;
}

void class_levels(const v1::Source& source, const std::string& where, SourcePlan& plan,
                  Findings& findings) {
  for (int i = 0; i < source.classify_size(); ++i) {
    const v1::Classify& classify = source.classify(i);
    if (classify.what_case() != v1::Classify::kLevel) continue;
    const std::string at = where + "." + element("classify", i) + ".level";
    TopicLevel* found = nullptr;
    for (TopicLevel& level : plan.levels) {
      if (level.capture && level.text == classify.level()) found = &level;
    }
    if (found == nullptr) {
      findings.error(at, "the topic captures no level \"" + classify.level() + "\"",
                     "write it in the topic as \"{" + classify.level() + "}\"");
    } else if (found->personal != v1::UNCLASSED) {
      findings.error(at, "\"" + classify.level() + "\" is classed twice", "keep one of them");
    } else {
      found->personal = classify.class_();
    }
  }
}

bool is_epoch_time(v1::Unit unit) {
  return unit == v1::MILLISECONDS || unit == v1::SECONDS || unit == v1::ISO_8601;
}

const v1::Purpose* find_purpose(const v1::Policy& policy, const std::string& name) {
  for (const v1::Purpose& purpose : policy.purpose()) {
    if (purpose.name() == name) return &purpose;
  }
  return nullptr;
}

ReleaseDraft resolve_release(const v1::Policy& policy, const v1::Release& release,
                             const std::string& where, FieldTree* tree, Findings& findings) {
  ReleaseDraft draft;
  draft.where = where;
  draft.release = &release;
  draft.purpose = find_purpose(policy, release.to());
  if (draft.purpose == nullptr) {
    std::vector<std::string> names;
    for (const v1::Purpose& purpose : policy.purpose()) names.push_back(purpose.name());
    const std::string nearest = nearest_name(release.to(), names);
    findings.error(
        where + ".to",
        release.to().empty() ? "a release names no purpose" : "no purpose \"" + release.to() + "\"",
        nearest.empty() ? "declare it with purpose { name: ... }"
                        : "did you mean \"" + nearest + "\"?");
  }
  for (int i = 0; tree != nullptr && i < release.field_size(); ++i) {
    FieldDraft field;
    field.where = where + "." + element("field", i);
    field.field = &release.field(i);
    FieldTree::Leaf leaf = tree->add(release.field(i).path(), field.where + ".path");
    field.node = leaf.node;
    field.keys = std::move(leaf.keys);
    field.json_keys = std::move(leaf.json_keys);
    draft.fields.push_back(std::move(field));
  }
  return draft;
}

// The node of time_field, ignition_field, identity_field or one of clip_event; kNoNode where it is
// not written.
NodeIndex add_single(FieldTree& tree, const std::string& path, const std::string& where,
                     Findings& findings) {
  if (path.empty()) return kNoNode;
  const NodeIndex node = tree.add(path, where).node;
  if (node == kNoNode || !tree.repeats(node)) return node;
  findings.error(where, "\"" + path + "\" lies in a list or map: which one would count?",
                 "name a field that occurs once");
  return kNoNode;
}

// The text by which a car is told from another, of the class that its node has: one per class.
void resolve_identity(FieldTree& tree, SourceDraft& draft, Findings& findings) {
  for (int i = 0; i < draft.source->identity_field_size(); ++i) {
    const std::string& path = draft.source->identity_field(i);
    const std::string where = draft.where + "." + element("identity_field", i);
    draft.identity_nodes.push_back(add_single(tree, path, where, findings));
  }
}

void check_identity_fields(SourceDraft& draft, Findings& findings) {
  SourcePlan& plan = draft.plan;
  for (std::size_t i = 0; i < draft.identity_nodes.size(); ++i) {
    const NodeIndex at = draft.identity_nodes[i];
    if (at == kNoNode) continue;
    const std::string where = draft.where + "." + element("identity_field", static_cast<int>(i));
    const FieldNode& node = plan.nodes[at];
    const bool text = node.type == FieldType::kString || plan.codec == Codec::kJson;
    NodeIndex* const slot = node.personal == v1::VIN            ? &plan.car_identity.vin
                            : node.personal == v1::FRAME_NUMBER ? &plan.car_identity.frame_number
                                                                : nullptr;
    if (slot == nullptr || !text) {
      findings.error(where, "the identity field is no text of class VIN or FRAME_NUMBER",
                     "class it: classify { path: \"" +
                         draft.source->identity_field(static_cast<int>(i)) + "\" class: VIN }");
    } else if (*slot != kNoNode) {
      findings.error(where, "two identity fields of one class", "keep one of them");
    } else {
      *slot = at;
    }
  }
}

void check_special_nodes(SourceDraft& draft, Findings& findings) {
  const SourcePlan& plan = draft.plan;
  if (plan.time_node != kNoNode) {
    const FieldNode& node = plan.nodes[plan.time_node];
    if (node.personal != v1::TIMESTAMP || !is_epoch_time(node.unit)) {
      findings.error(draft.where + ".time_field",
                     "the time field is not of class TIMESTAMP with a unit of time",
                     "class it: classify { path: \"" + draft.source->time_field() +
                         "\" class: TIMESTAMP unit: MILLISECONDS }, or SECONDS, or ISO_8601");
    }
  }
  if (plan.ignition_node != kNoNode) {
    const FieldType type = plan.nodes[plan.ignition_node].type;
    if (type == FieldType::kString || type == FieldType::kBytes) {
      findings.error(draft.where + ".ignition_field", "the ignition field is text",
                     "name a bool, a number or an enum");
    }
  }
  check_identity_fields(draft, findings);
  if (draft.source->gnss_time() && draft.source->time_field().empty()) {
    findings.error(draft.where + ".gnss_time", "gnss_time without a time field",
                   "name the field with time_field");
  }
}

}  // namespace

SourceDraft resolve_source(const v1::Policy& policy, int index, const DescriptorPool& pool,
                           Findings& findings) {
  SourceDraft draft;
  draft.where = element("source", index);
  draft.source = &policy.source(index);
  const v1::Source& source = *draft.source;
  SourcePlan& plan = draft.plan;
  plan.levels = parse_topic(source.topic(), draft.where + ".topic", findings);
  plan.topic_filter = filter_of(plan.levels);
  plan.codec = source.codec() == v1::Source::JSON ? Codec::kJson : Codec::kProtobuf;
  plan.message_type = source.message();
  plan.urgent = source.urgent();
  plan.gnss_time = source.gnss_time();
  class_levels(source, draft.where, plan, findings);

  const Descriptor* const message = find_message(source, draft.where, pool, findings);
  std::optional<FieldTree> tree;
  if (message != nullptr || source.codec() == v1::Source::JSON) {
    tree.emplace(message, source, draft.where, findings);
  }
  for (int i = 0; i < source.release_size(); ++i) {
    draft.releases.push_back(resolve_release(policy, source.release(i),
                                             draft.where + "." + element("release", i),
                                             tree ? &*tree : nullptr, findings));
  }
  if (tree) {
    plan.time_node = add_single(*tree, source.time_field(), draft.where + ".time_field", findings);
    plan.ignition_node =
        add_single(*tree, source.ignition_field(), draft.where + ".ignition_field", findings);
    const v1::ClipEvent& event = source.clip_event();
    const std::string at = draft.where + ".clip_event.";
    plan.clip_event = {add_single(*tree, event.file_field(), at + "file_field", findings),
                       add_single(*tree, event.moment_field(), at + "moment_field", findings),
                       add_single(*tree, event.trigger_field(), at + "trigger_field", findings),
                       add_single(*tree, event.model_field(), at + "model_field", findings)};
    resolve_identity(*tree, draft, findings);
    plan.nodes = tree->finish();
    check_special_nodes(draft, findings);
  }
  return draft;
}

}  // namespace sudare
