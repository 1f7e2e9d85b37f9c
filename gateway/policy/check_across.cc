// What only shows when releases and purposes are seen together.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"
#include "gateway/policy/topic.h"

namespace sudare {
namespace {

// privacy.md: 60 s where positions are fine. A car crosses a cell of 1 km in about that time, so
// that a shorter bucket tells when it crossed the border, and with that on which road.
constexpr std::uint32_t kTimeBucketBesideCellMs = 60'000;
// Between them only a warning, so that a demonstration or a bench can run in a minute. Below a
// second, the usual rate of positions, a bucket is an exact time by another name.
constexpr std::uint32_t kTimeBucketBesideCellMsMin = 1000;

void check_topics(const PolicyDraft& draft, Findings& findings) {
  for (std::size_t i = 0; i < draft.sources.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const SourceDraft& a = draft.sources[i];
      const SourceDraft& b = draft.sources[j];
      if (a.plan.levels.empty() || b.plan.levels.empty()) continue;
      if (!overlap(a.plan.levels, b.plan.levels)) continue;
      findings.error(a.where + ".topic",
                     "this topic overlaps with \"" + b.source->topic() + "\" on line " +
                         std::to_string(findings.line_of(b.where)),
                     "make the topics disjoint, or put both into one source");
    }
  }
}

// 2 km and 5 km cells of one position intersect in strips of 1 km, whoever receives them.
void check_nesting(const PolicyDraft& draft, Findings& findings) {
  std::string first_2000;
  std::string first_5000;
  for (const SourceDraft& source : draft.sources) {
    std::string in_source_2000;
    std::string in_source_5000;
    for (const ReleaseDraft& release : source.releases) {
      const v1::Location& location = release.release->location();
      const std::string at = release.where + ".location.cell";
      for (const v1::Cell cell : {location.cell(), location.hold_back().at_once()}) {
        if (cell == v1::M2000 && in_source_2000.empty()) in_source_2000 = at;
        if (cell == v1::M5000 && in_source_5000.empty()) in_source_5000 = at;
      }
    }
    if (!in_source_2000.empty() && !in_source_5000.empty()) {
      const int line_a = findings.line_of(in_source_2000);
      const int line_b = findings.line_of(in_source_5000);
      findings.error(line_a > line_b ? in_source_2000 : in_source_5000,
                     "M2000 and M5000 cells of one source intersect in strips of 1 km (the other "
                     "is on line " +
                         std::to_string(std::min(line_a, line_b)) + ")",
                     "use M1000 or M10000 in place of one of them, in every release of the source");
      continue;
    }
    if (first_2000.empty()) first_2000 = in_source_2000;
    if (first_5000.empty()) first_5000 = in_source_5000;
  }
  if (!first_2000.empty() && !first_5000.empty()) {
    findings.warn(first_5000, "M2000 and M5000 cells are both used, by different sources",
                  "who joins them sees strips of 1 km; use one of them");
  }
}

// Where each purpose receives a position as a cell.
std::map<std::string, std::string> cells_by_purpose(const PolicyDraft& draft) {
  std::map<std::string, std::string> cells;
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose == nullptr || is_trusted(*release.purpose)) continue;
      if (!release.release->has_location()) continue;
      cells.emplace(release.purpose->name(), release.where + ".location");
    }
  }
  return cells;
}

void check_levels_beside(const SourceDraft& source, const ReleaseDraft& release,
                         const std::string& purpose, const std::string& cell_where,
                         Findings& findings) {
  for (int i = 0; i < release.release->level_size(); ++i) {
    for (const TopicLevel& level : source.plan.levels) {
      if (!level.capture || level.text != release.release->level(i).name()) continue;
      const ClassRule& rule = rule_of(level.personal);
      if (rule.minimiser == Minimiser::kNone || rule.beside_step != kNever) continue;
      findings.error(release.where + "." + element("level", i),
                     "level \"" + level.text + "\" of class " +
                         v1::PersonalClass_Name(level.personal) + " undoes the cell that \"" +
                         purpose + "\" receives (line " +
                         std::to_string(findings.line_of(cell_where)) + ")",
                     advice_for(rule, true));
    }
  }
}

// `purpose`: the one that receives the cell; the release's own, or one with a common recipient.
void check_beside(const SourceDraft& source, const ReleaseDraft& release,
                  const std::string& purpose, const std::string& cell_where, Findings& findings) {
  for (const FieldDraft& field : release.fields) {
    if (field.node == kNoNode) continue;
    const FieldNode& node = source.plan.nodes[field.node];
    const ClassRule& rule = rule_of(node.personal);
    // What no service may receive, and steps that are too fine anyway, check_field.cc refuses.
    if (rule.minimiser == Minimiser::kNone) continue;
    if (rule.beside_step == 0) continue;
    const auto step =
        in_base_unit(rule.quantity, field.field->coarsen().step(), node.unit).value_or(0);
    if (rule.beside_step != kNever && (step < rule.step || step >= rule.beside_step)) continue;
    findings.error(field.where + ".path",
                   "\"" + field.field->path() + "\" of class " +
                       v1::PersonalClass_Name(node.personal) + " undoes the cell that \"" +
                       purpose + "\" receives (line " +
                       std::to_string(findings.line_of(cell_where)) + ")",
                   advice_for(rule, true));
  }
}

// The crossings of cells, with exact times, give the road away.
void check_time_beside(const ReleaseDraft& release, const std::string& cell_where,
                       Findings& findings) {
  const v1::Time& time = release.release->time();
  const std::string at = release.where + ".time";
  const std::string cells = "beside cells (line " + std::to_string(findings.line_of(cell_where)) +
                            "): the crossings give the road away";
  const std::string hint =
      "write time { bucket_ms: " + std::to_string(kTimeBucketBesideCellMs) + " } or more";
  if (time.exact()) {
    findings.error(at + ".exact", "exact times " + cells, hint);
  } else if (time.bucket_ms() == 0) {
    return;  // a release without time rule: check_release.cc refuses it
  } else if (time.bucket_ms() < kTimeBucketBesideCellMsMin) {
    findings.error(at + ".bucket_ms", "times as good as exact " + cells, hint);
  } else if (time.bucket_ms() < kTimeBucketBesideCellMs) {
    findings.warn(at + ".bucket_ms", "times finer than a minute " + cells, hint);
  }
}

void check_owner_keys(const PolicyDraft& draft, Findings& findings) {
  const v1::Policy& policy = *draft.policy;
  std::map<std::string, std::string> owners;    // recipient → purpose of the owner
  std::map<std::string, std::string> services;  // recipient → first purpose
  for (int i = 0; i < policy.purpose_size(); ++i) {
    if (policy.purpose(i).audience() != v1::Purpose::OWNER) continue;
    for (const NamedRecipient& recipient : draft.purposes[static_cast<std::size_t>(i)].recipients) {
      owners.emplace(recipient.key, policy.purpose(i).name());
    }
  }
  for (int i = 0; i < policy.purpose_size(); ++i) {
    const v1::Purpose& purpose = policy.purpose(i);
    if (purpose.audience() == v1::Purpose::OWNER) continue;
    for (const NamedRecipient& recipient : draft.purposes[static_cast<std::size_t>(i)].recipients) {
      const auto owner = owners.find(recipient.key);
      if (owner != owners.end()) {
        findings.error(recipient.where,
                       "the owner's key of \"" + owner->second + "\" is also a recipient of \"" +
                           purpose.name() + "\"",
                       "give each its own key: what a service receives must not tell whose car it "
                       "is, and the owner's key opens more than the service may see");
        continue;
      }
      const auto [first, inserted] = services.emplace(recipient.key, purpose.name());
      if (!inserted && first->second != purpose.name()) {
        findings.warn(recipient.where,
                      "\"" + first->second + "\" and \"" + purpose.name() +
                          "\" have a recipient "
                          "in common, who can join them by time and place",
                      "give each purpose its own key");
      }
    }
  }
}

void warn_unused(const PolicyDraft& draft, Findings& findings) {
  std::set<std::string> used;
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) used.insert(release.release->to());
  }
  for (int i = 0; i < draft.policy->purpose_size(); ++i) {
    const std::string& name = draft.policy->purpose(i).name();
    if (used.count(name) > 0 || draft.policy->purpose(i).has_clips()) continue;
    findings.warn(element("purpose", i), "nothing is released to \"" + name + "\"",
                  "release something to it, or remove it");
  }
}

// What a rotation depends on, wherever it comes from: said once, at the first purpose that rotates.
void warn_rotation(const v1::Policy& policy, Findings& findings) {
  bool ignition = false;
  bool gnss_time = false;
  for (const v1::Source& source : policy.source()) {
    ignition |= !source.ignition_field().empty();
    gnss_time |= source.gnss_time();
  }
  for (int i = 0; i < policy.purpose_size(); ++i) {
    if (policy.purpose(i).pseudonym().kind_case() != v1::Pseudonym::kRotateDays) continue;
    const std::string at = element("purpose", i) + ".pseudonym.rotate_days";
    if (!ignition) {
      findings.warn(at, "no source has an ignition_field: pseudonyms may change in mid-trip",
                    "write ignition_field: \"...\" in the source that tells whether the car is "
                    "driven; a change in mid-trip links the two pseudonyms");
    }
    if (!gnss_time) {
      findings.warn(at,
                    "no source has gnss_time: the clock may never be confirmed, and pseudonyms "
                    "then change late, or never",
                    "write gnss_time: true in a source whose time comes from satellites");
    }
    return;
  }
}

}  // namespace

std::vector<std::string> openable_together(const PolicyDraft& draft, const v1::Purpose& purpose) {
  std::vector<std::string> names{purpose.name()};
  std::set<std::string> mine;
  for (int i = 0; i < draft.policy->purpose_size(); ++i) {
    if (&draft.policy->purpose(i) != &purpose) continue;
    for (const NamedRecipient& one : draft.purposes[static_cast<std::size_t>(i)].recipients) {
      mine.insert(one.key);
    }
  }
  for (int i = 0; i < draft.policy->purpose_size(); ++i) {
    const v1::Purpose& other = draft.policy->purpose(i);
    if (&other == &purpose || is_trusted(other)) continue;
    const auto& theirs = draft.purposes[static_cast<std::size_t>(i)].recipients;
    if (std::any_of(theirs.begin(), theirs.end(),
                    [&mine](const NamedRecipient& one) { return mine.count(one.key) > 0; })) {
      names.push_back(other.name());
    }
  }
  return names;
}

void check_across(const PolicyDraft& draft, Findings& findings) {
  check_topics(draft, findings);
  check_nesting(draft, findings);
  // A purpose's records share batches and mostly a pseudonym: what is released to it from any
  // source stands beside its positions, and so does what another purpose with the same recipient
  // gets.
  const std::map<std::string, std::string> cells = cells_by_purpose(draft);
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose == nullptr || is_trusted(*release.purpose)) continue;
      for (const std::string& name : openable_together(draft, *release.purpose)) {
        const auto cell = cells.find(name);
        if (cell == cells.end()) continue;
        check_beside(source, release, name, cell->second, findings);
        check_levels_beside(source, release, name, cell->second, findings);
        check_time_beside(release, cell->second, findings);
        break;
      }
    }
  }
  check_beside_hold_back(draft, findings);
  check_owner_keys(draft, findings);
  warn_unused(draft, findings);
  warn_rotation(*draft.policy, findings);
}

}  // namespace sudare
