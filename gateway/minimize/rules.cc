#include "gateway/minimize/rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gateway/detect/detector.h"

namespace sudare {
namespace {

// The root is its own parent.
std::vector<NodeIndex> parents_of(const std::vector<FieldNode>& nodes) {
  std::vector<NodeIndex> parents(nodes.size(), kRootNode);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const NodeIndex child : nodes[i].children) parents[child] = static_cast<NodeIndex>(i);
  }
  return parents;
}

// From the node up to the root.
std::vector<NodeIndex> way_up(const std::vector<NodeIndex>& parents, NodeIndex node) {
  std::vector<NodeIndex> way{node};
  while (way.back() != kRootNode) way.push_back(parents[way.back()]);
  return way;
}

NodeIndex common_ancestor(const std::vector<NodeIndex>& parents, NodeIndex a, NodeIndex b) {
  const std::vector<NodeIndex> way = way_up(parents, a);
  while (std::find(way.begin(), way.end(), b) == way.end()) b = parents[b];
  return b;
}

bool is_position(const FieldNode& node) {
  return node.personal == v1::LATITUDE || node.personal == v1::LONGITUDE;
}

Treatment treatment_of(const FieldNode& node, const FieldRule& rule, const ReleasePlan& plan) {
  if (!node.value || rule.action == Action::kDrop) return Treatment::kDrop;
  if (is_position(node)) {
    // Without a location rule there is nothing to release it as; and a key or a model year can't be
    // made of it.
    if (plan.cell == v1::CELL_UNSPECIFIED) return Treatment::kDrop;
    if (rule.action != Action::kKeep && rule.action != Action::kCoarsen) return Treatment::kDrop;
    // Exact positions only have to be understood where movement is judged.
    if (plan.cell != v1::EXACT || plan.on_move || plan.hold_back) return Treatment::kPosition;
  }
  if (node.personal == v1::TIMESTAMP && !plan.exact_time && plan.bucket_ms == 0 &&
      rule.action != Action::kPseudonymize) {
    return Treatment::kDrop;
  }
  switch (rule.action) {
    case Action::kDrop: return Treatment::kDrop;
    case Action::kKeep: return Treatment::kKeep;
    case Action::kCoarsen: return Treatment::kCoarsen;
    case Action::kPseudonymize: return Treatment::kPseudonymize;
    case Action::kGeneralize: return Treatment::kGeneralize;
  }
  return Treatment::kDrop;
}

}  // namespace

std::string path_of(const SourcePlan& source, NodeIndex node) {
  std::string path;
  for (const NodeIndex step : way_up(parents_of(source.nodes), node)) {
    path.insert(0, "." + source.nodes[step].name);
  }
  return path;
}

DetectedClasses refused_classes(const std::vector<v1::PersonalClass>& tolerate,
                                v1::PersonalClass own) {
  DetectedClasses refused = 0;
  for (unsigned bit = 0; bit < 16; ++bit) {
    const auto detected = static_cast<DetectedClasses>(1U << bit);
    if (detected > static_cast<DetectedClasses>(Detected::kPrivateKey)) break;
    const v1::PersonalClass found = class_of(static_cast<Detected>(detected));
    // What the field is declared to hold is no surprise: the policy check has judged it.
    if (own != v1::UNCLASSED && found == own) continue;
    if (std::find(tolerate.begin(), tolerate.end(), found) != tolerate.end()) continue;
    refused = static_cast<DetectedClasses>(refused | detected);
  }
  return refused;
}

Rules::Rules(const SourcePlan& source_plan, const ReleasePlan& release_plan)
    : source(source_plan), plan(release_plan), nodes(source_plan.nodes.size()) {
  const std::vector<NodeIndex> parents = parents_of(source.nodes);
  // Fields without a group belong to the message that holds them.
  std::map<std::pair<std::uint16_t, NodeIndex>, std::uint16_t> group_numbers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const FieldNode& node = source.nodes[i];
    const FieldRule& rule = plan.rules[i];
    NodeRule& out = nodes[i];
    out.treatment = treatment_of(node, rule, plan);
    out.bucketed = node.personal == v1::TIMESTAMP && !plan.exact_time;
    out.refused = refused_classes(rule.tolerate, node.personal);
    out.refused_in_key = refused_classes(rule.tolerate, v1::UNCLASSED);
    out.coarsen = Coarsen(rule.step, rule.least, rule.most);
    out.combined = rule.combine != v1::Field::COMBINE_UNSPECIFIED;
    if (out.treatment != Treatment::kPosition) continue;
    const auto index = static_cast<NodeIndex>(i);
    out.axis = node.personal == v1::LATITUDE ? Axis::kLatitude : Axis::kLongitude;
    const NodeIndex owner = node.group == 0 ? parents[i] : kNoNode;
    const auto found =
        group_numbers.try_emplace({node.group, owner}, static_cast<std::uint16_t>(groups.size()));
    out.group = found.first->second;
    if (found.second) {
      groups.push_back({parents[i], path_of(source, index)});
    } else {
      groups[out.group].scope = common_ancestor(parents, groups[out.group].scope, parents[i]);
    }
  }
}

}  // namespace sudare
