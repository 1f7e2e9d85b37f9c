// Sources with one release each, written by hand: without a policy file and its refusals, so that
// tests can also say what no policy could.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "gateway/policy/policy.h"

namespace sudare::testkit {

inline FieldRule rule(Action action) {
  FieldRule made;
  made.action = action;
  return made;
}
inline FieldRule keep() { return rule(Action::kKeep); }
inline FieldRule coarsen(double step, double least = 0, double most = 0) {
  FieldRule made = rule(Action::kCoarsen);
  made.step = step;
  made.least = least;
  made.most = most;
  return made;
}

// To purpose 0, unless `release` is told otherwise.
class SourceBuilder {
 public:
  SourceBuilder(const std::string& topic, const google::protobuf::Descriptor& message)
      : topic_(topic), message_(&message) {}
  explicit SourceBuilder(const std::string& topic) : topic_(topic), message_(nullptr) {}  // JSON

  // Paths as in a policy. Nodes are numbered in the order in which they are named.
  SourceBuilder& field(const std::string& path, const FieldRule& field_rule);
  // Of a field that has a rule.
  SourceBuilder& classify(const std::string& path, v1::PersonalClass personal, v1::Unit unit,
                          std::uint16_t group = 0);
  SourceBuilder& group(const std::string& path, std::uint16_t number);
  // Of a level that the topic captures.
  SourceBuilder& level(const std::string& name, v1::PersonalClass personal,
                       const FieldRule& level_rule);

  ReleasePlan release;  // everything but the rules
  [[nodiscard]] SourcePlan build() const;

 private:
  struct Class {
    v1::PersonalClass personal;
    v1::Unit unit;
  };
  struct Level {
    v1::PersonalClass personal;
    FieldRule rule;
  };
  std::string topic_;
  const google::protobuf::Descriptor* message_;
  std::vector<std::string> paths_;
  std::map<std::string, FieldRule> rules_;
  std::map<std::string, Class> classes_;
  std::map<std::string, std::uint16_t> groups_;
  std::map<std::string, Level> levels_;
};

// A policy of these sources, with as many purposes as their releases name.
[[nodiscard]] Policy policy_of(std::vector<SourcePlan> sources);

}  // namespace sudare::testkit
