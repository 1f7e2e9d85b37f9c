#include "gateway/minimize/topic.h"

#include <string_view>

#include "gateway/detect/detector.h"
#include "gateway/minimize/generalize.h"
#include "gateway/minimize/pseudonymize.h"
#include "gateway/minimize/rules.h"

namespace sudare {
namespace {

constexpr std::string_view kDroppedLevel = "_";

bool append_level(const TopicLevel& level, const FieldRule& rule, std::string_view text,
                  const SecretBytes<32>* key, std::string& out) {
  switch (rule.action) {
    case Action::kKeep:
      if ((detect_in(text) & refused_classes(rule.tolerate, level.personal)) != 0) return false;
      out.append(text);
      return true;
    case Action::kPseudonymize:
      if (key == nullptr) return false;
      pseudonymize(*key, level.personal, text, out);
      return true;
    case Action::kGeneralize: return generalize(level.personal, text, out);
    case Action::kDrop:
    case Action::kCoarsen: break;
  }
  return false;
}

}  // namespace

void write_topic(const SourcePlan& source, const ReleasePlan& plan, const RecordBody& body,
                 const SecretBytes<32>* key, std::string& out) {
  for (std::size_t i = 0; i < source.levels.size(); ++i) {
    if (i > 0) out += '/';
    const TopicLevel& level = source.levels[i];
    if (!level.capture) {
      out.append(level.text);
      continue;
    }
    const bool known = i < body.levels.size() && i < plan.level_rules.size();
    const std::string_view text =
        known ? std::string_view(body.text).substr(body.levels[i].offset, body.levels[i].length)
              : std::string_view();
    if (!known || !append_level(level, plan.level_rules[i], text, key, out)) {
      out.append(kDroppedLevel);
    }
  }
}

}  // namespace sudare
