#include "fleet/explain/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "fleet/cli/console.h"
#include "fleet/explain/sample_fields.h"

namespace sudare {
namespace {

using Fields = std::vector<SampleField>;

std::string why_of(FieldFate fate) {
  switch (fate) {
    case FieldFate::kDetected: return "it looks like personal data";
    case FieldFate::kUnknownEnum: return "its value is not in the schema";
    case FieldFate::kBadValue: return "its value can't be minimised";
    case FieldFate::kDropped: return "no rule names it";
    default: return std::string(literal_of(fate).view());
  }
}

// "doors[1].open" → "doors[]", and so on for each list on the way.
std::vector<std::string> lists_of(const std::string& path) {
  std::vector<std::string> lists;
  for (std::size_t at = path.find('['); at != std::string::npos; at = path.find('[', at + 1)) {
    lists.push_back(path.substr(0, at));
  }
  return lists;
}

// Elements of each list, by the list's path.
std::map<std::string, std::size_t> list_sizes(const Fields& fields) {
  std::map<std::string, std::map<std::string, bool>> elements;
  for (const SampleField& field : fields) {
    for (std::size_t at = field.path.find('['); at != std::string::npos;
         at = field.path.find('[', at + 1)) {
      elements[field.path.substr(0, at)][field.path.substr(0, field.path.find(']', at))] = true;
    }
  }
  std::map<std::string, std::size_t> sizes;
  for (const auto& [list, members] : elements) sizes[list] = members.size();
  return sizes;
}

// One purpose's column: finds the fate of each field of the sample. A value is found again at its
// path; where elements of a list were left out, and paths have shifted, by its place among those of
// its node that were kept.
class Column {
 public:
  Column(const ReleasePlan& plan, const PreviewRow& row, const Fields& before,
         std::optional<Fields> after, const std::vector<PreviewFieldFate>& fates)
      : plan_(plan), row_(row), after_(std::move(after).value_or(Fields{})) {
    for (const PreviewFieldFate& fate : fates) {
      if (fate.purpose == plan.purpose) fates_[fate.node].push_back(fate.fate);
    }
    for (const SampleField& field : before) {
      // What the schema doesn't name, the decoder leaves out.
      if (!field.value.ends_with(kNotInSchema)) ++leaves_[field.node];
    }
    for (std::size_t i = 0; i < after_.size(); ++i) {
      by_path_[after_[i].path] = i;
      by_node_[after_[i].node].push_back(i);
    }
    sizes_before_ = list_sizes(before);
    sizes_after_ = list_sizes(after_);
  }

  ExplainedCell next(const SampleField& field) {
    if (field.node == kNoNode || plan_.rules[field.node].action == Action::kDrop) {
      return {false, "", "no rule names it"};
    }
    if (row_.fate != Fate::kQueued) return {false, "", ""};
    if (field.value.ends_with(kNotInSchema)) {
      return {false, "", why_of(FieldFate::kUnknownEnum)};
    }
    const std::size_t index = seen_[field.node]++;
    const auto& fates = fates_[field.node];
    const bool told = fates.size() == leaves_[field.node];
    const std::optional<FieldFate> fate =
        told ? std::optional<FieldFate>(fates[index]) : std::nullopt;
    if (fate == FieldFate::kDetected || fate == FieldFate::kBadValue ||
        fate == FieldFate::kDropped) {
      return {false, "", why_of(*fate)};
    }
    const std::string why = fate ? why_of(*fate) : "";
    if (const SampleField* found = find(field)) {
      return {true, found->value,
              !why.empty()                  ? why
              : found->value == field.value ? "kept"
                                            : "minimised"};
    }
    // Protobuf doesn't write zeros.
    if (fate) return {true, "(its default)", why};
    return {false, "", "not released"};
  }

 private:
  const SampleField* find(const SampleField& field) {
    if (!shifted(field.path)) {
      const auto found = by_path_.find(field.path);
      return found == by_path_.end() ? nullptr : &after_[found->second];
    }
    const auto& candidates = by_node_[field.node];
    std::size_t& next = taken_[field.node];
    return next < candidates.size() ? &after_[candidates[next++]] : nullptr;
  }

  [[nodiscard]] bool shifted(const std::string& path) const {
    const std::vector<std::string> lists = lists_of(path);
    return std::any_of(lists.begin(), lists.end(), [&](const std::string& list) {
      const auto before = sizes_before_.find(list);
      const auto after = sizes_after_.find(list);
      return after == sizes_after_.end() || before->second != after->second;
    });
  }

  const ReleasePlan& plan_;
  const PreviewRow& row_;
  Fields after_;
  std::map<NodeIndex, std::vector<FieldFate>> fates_;
  std::map<NodeIndex, std::size_t> leaves_;
  std::map<NodeIndex, std::size_t> seen_;
  std::map<NodeIndex, std::size_t> taken_;
  std::map<std::string, std::size_t> by_path_;
  std::map<NodeIndex, std::vector<std::size_t>> by_node_;
  std::map<std::string, std::size_t> sizes_before_;
  std::map<std::string, std::size_t> sizes_after_;
};

std::string why_not(const PreviewRow& row) {
  const std::string reason(literal_of(row.reason).view());
  return row.detail.empty() ? reason : reason + " (" + row.detail + ")";
}

// What goes beside the payload: the topic and the record's time.
ExplainedField envelope(const std::string& name, const std::string& before,
                        const std::vector<PreviewRow>& rows,
                        std::string (*after)(const Release::Content&)) {
  ExplainedField field{name, before, {}};
  for (const PreviewRow& row : rows) {
    if (!row.has_purpose) continue;
    if (row.fate != Fate::kQueued) {
      field.cells.push_back({false, "", why_not(row)});
    } else {
      const std::string value = after(row.content);
      field.cells.push_back({true, value, value == before ? "kept" : "minimised"});
    }
  }
  return field;
}

void explain_clip(const Policy& policy, const ClipNotice& notice, Explanation& out) {
  out.clip_named = true;
  out.clip_usable = !notice.file.empty() && notice.moment_ms >= 0 &&
                    notice.trigger != v1::Clips::TRIGGER_UNSPECIFIED;
  for (const PurposePlan& purpose : policy.purposes) {
    if (!out.clip_usable || !purpose.clips || !purpose.clips->wants(notice.trigger)) continue;
    const ClipPlan& plan = *purpose.clips;
    out.clips.push_back({purpose.name, v1::Clips::Profile_Name(plan.profile),
                         std::max<std::int64_t>(0, notice.moment_ms - plan.before_ms),
                         notice.moment_ms + plan.after_ms, plan.sound});
  }
}

}  // namespace

Explainer::Explainer(const Policy& policy, const SchemaSet& schemas)
    : policy_(policy), schemas_(schemas), keys_(policy), preview_(policy, keys_) {}

Explanation Explainer::explain(const std::string& topic, const std::string& payload,
                               std::int64_t time_ms) {
  Explanation out;
  out.topic = topic;
  out.time_ms = time_ms;
  keys_.use_time(time_ms);
  std::vector<PreviewFieldFate> fates;
  const std::vector<PreviewRow> rows = preview_.run(topic, payload, time_ms, &fates);
  const SourcePlan* const source = find_source(policy_, topic);
  if (source == nullptr) return out;
  out.topic_is_named = true;
  if (const auto clip = preview_.clip()) explain_clip(policy_, *clip, out);
  out.fields.push_back(
      envelope("(topic)", cli::json_text(topic), rows,
               [](const Release::Content& content) { return cli::json_text(content.topic); }));
  out.fields.push_back(
      envelope("(time_ms)", std::to_string(time_ms), rows,
               [](const Release::Content& content) { return std::to_string(content.time_ms); }));

  const auto before = sample_fields(*source, schemas_.pool(), payload);
  out.readable = before.has_value();
  for (const SampleField& field : before.value_or(Fields{})) {
    out.fields.push_back({field.path, field.value, {}});
  }
  std::size_t release = 0;
  for (const PreviewRow& row : rows) {
    if (!row.has_purpose) continue;
    out.purposes.push_back(
        {policy_.purposes[row.purpose].name, row.fate, row.reason, row.detail, row.policy_line});
    Column column(source->releases[release++], row, before.value_or(Fields{}),
                  row.fate == Fate::kQueued
                      ? sample_fields(*source, schemas_.pool(), row.content.payload)
                      : std::nullopt,
                  fates);
    constexpr std::size_t kEnvelopeFields = 2;
    for (std::size_t i = 0; before && i < before->size(); ++i) {
      ExplainedCell cell = column.next((*before)[i]);
      if (!cell.released && cell.why.empty()) cell.why = why_not(row);
      out.fields[kEnvelopeFields + i].cells.push_back(std::move(cell));
    }
  }
  return out;
}

}  // namespace sudare
