// Topic levels that a release lets pass, and what fields and levels ask for.
#include <set>

#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"

namespace sudare {

Action action_of(const v1::Field& field) {
  switch (field.action_case()) {
    case v1::Field::kCoarsen: return Action::kCoarsen;
    case v1::Field::kPseudonymize: return Action::kPseudonymize;
    case v1::Field::kGeneralize: return Action::kGeneralize;
    case v1::Field::kKeep:
    case v1::Field::ACTION_NOT_SET: break;
  }
  return Action::kKeep;
}

Action action_of(const v1::Level& level) {
  switch (level.action_case()) {
    case v1::Level::kPseudonymize: return Action::kPseudonymize;
    case v1::Level::kGeneralize: return Action::kGeneralize;
    case v1::Level::kKeep:
    case v1::Level::ACTION_NOT_SET: break;
  }
  return Action::kKeep;
}

void check_levels(const SourceDraft& source, const ReleaseDraft& release, Findings& findings) {
  std::set<std::string> seen;
  for (int i = 0; i < release.release->level_size(); ++i) {
    const v1::Level& level = release.release->level(i);
    const std::string at = release.where + "." + element("level", i);
    const TopicLevel* found = nullptr;
    for (const TopicLevel& candidate : source.plan.levels) {
      if (candidate.capture && candidate.text == level.name()) found = &candidate;
    }
    if (found == nullptr) {
      findings.error(
          at + ".name",
          "this rule can't be reached: the topic captures no level \"" + level.name() + "\"",
          "write it in the topic as \"{" + level.name() + "}\", or remove the rule");
      continue;
    }
    if (!seen.insert(level.name()).second) {
      findings.error(at + ".name", "level \"" + level.name() + "\" is named twice",
                     "keep one of them");
    }
    const bool by_rule = found->personal == v1::LATITUDE || found->personal == v1::LONGITUDE ||
                         found->personal == v1::TIMESTAMP;
    if (by_rule && !is_trusted(*release.purpose)) {
      findings.error(at, "positions and times in a topic can't be minimised",
                     "leave the level out: \"_\" takes its place");
      continue;
    }
    Released released;
    released.where = at;
    released.name = level.name();
    released.personal = found->personal;
    released.action = action_of(level);
    check_released(released, *release.purpose, findings);
  }
}

}  // namespace sudare
