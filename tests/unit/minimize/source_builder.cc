#include "tests/unit/minimize/source_builder.h"

#include "tests/testkit/source_plan.h"

namespace sudare::testkit {

SourceBuilder& SourceBuilder::field(const std::string& path, const FieldRule& field_rule) {
  paths_.push_back(path);
  rules_[path] = field_rule;
  return *this;
}

SourceBuilder& SourceBuilder::classify(const std::string& path, v1::PersonalClass personal,
                                       v1::Unit unit, std::uint16_t group_number) {
  classes_[path] = {personal, unit};
  return group(path, group_number);
}

SourceBuilder& SourceBuilder::group(const std::string& path, std::uint16_t number) {
  groups_[path] = number;
  return *this;
}

SourceBuilder& SourceBuilder::level(const std::string& name, v1::PersonalClass personal,
                                    const FieldRule& level_rule) {
  levels_[name] = {personal, level_rule};
  return *this;
}

SourcePlan SourceBuilder::build() const {
  SourcePlan plan = message_ != nullptr ? protobuf_source(topic_, *message_, paths_)
                                        : json_source(topic_, paths_);
  plan.topic_filter = topic_;
  ReleasePlan made = release;
  made.rules.resize(plan.nodes.size());
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    if (!plan.nodes[i].map) continue;  // whoever names a map's values means their keys too
    for (const NodeIndex child : plan.nodes[i].children) {
      if (plan.nodes[child].name == "key") made.rules[child] = keep();
    }
  }
  for (const auto& entry : rules_) made.rules[node_of(plan, entry.first)] = entry.second;
  for (const auto& entry : classes_) {
    FieldNode& node = plan.nodes[node_of(plan, entry.first)];
    node.personal = entry.second.personal;
    node.unit = entry.second.unit;
  }
  for (const auto& entry : groups_) plan.nodes[node_of(plan, entry.first)].group = entry.second;
  for (TopicLevel& topic_level : plan.levels) {
    made.level_rules.push_back(keep());
    if (!topic_level.capture) continue;
    const Level& found = levels_.at(topic_level.text);
    topic_level.personal = found.personal;
    made.level_rules.back() = found.rule;
  }
  plan.releases.push_back(made);
  return plan;
}

Policy policy_of(std::vector<SourcePlan> sources) {
  Policy policy;
  policy.purposes.resize(1);
  for (const SourcePlan& source : sources) {
    for (const ReleasePlan& plan : source.releases) {
      if (plan.purpose >= policy.purposes.size()) policy.purposes.resize(plan.purpose + 1U);
    }
  }
  for (std::size_t i = 0; i < policy.purposes.size(); ++i) {
    policy.purposes[i].name = "purpose-" + std::to_string(i);
  }
  policy.sources = std::move(sources);
  return policy;
}

}  // namespace sudare::testkit
