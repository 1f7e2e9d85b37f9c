// Each release by itself: its fields, its positions, its times.
#include <map>
#include <set>

#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

// A day: what is longer is an aggregate, not a bucket.
constexpr std::uint32_t kBucketMsMax = 86'400'000;

// The bucket it asks for under a pseudonym of days.
constexpr std::uint32_t kBucketMsUnderPseudonym = 900'000;

// What a release turns out to name.
struct Contents {
  bool position = false;
  bool timestamp = false;
};

std::string action_where(const FieldDraft& field) {
  switch (field.field->action_case()) {
    case v1::Field::kKeep: return field.where + ".keep";
    case v1::Field::kCoarsen: return field.where + ".coarsen";
    case v1::Field::kPseudonymize: return field.where + ".pseudonymize";
    case v1::Field::kGeneralize: return field.where + ".generalize";
    case v1::Field::ACTION_NOT_SET: break;
  }
  return field.where + ".path";
}

// Whether a class may reach the purpose where no action and no rule of the release applies to it.
bool may_leave_unchanged(v1::PersonalClass personal, const v1::Purpose& purpose) {
  const ClassRule& rule = rule_of(personal);
  const bool position = personal == v1::LATITUDE || personal == v1::LONGITUDE;
  return rule.unchanged == Unchanged::kAnyone ||
         (rule.unchanged == Unchanged::kTrusted && is_trusted(purpose) &&
          (!position || purpose.ceiling().cell() == v1::EXACT));
}

void check_tolerate(const FieldDraft& field, const FieldNode& node, const v1::Purpose& purpose,
                    Findings& findings) {
  for (int i = 0; i < field.field->tolerate_size(); ++i) {
    const v1::PersonalClass tolerated = field.field->tolerate(i);
    const std::string at = field.where + "." + element("tolerate", i);
    const std::string name = v1::PersonalClass_Name(tolerated);
    if (node.type != FieldType::kString && node.type != FieldType::kJson &&
        node.type != FieldType::kBytes) {
      findings.error(at, "nothing is looked for in a field that is not text", "remove tolerate");
      return;
    }
    // Found inside a text it would leave as it is, so it must be allowed to leave as it is.
    if (!may_leave_unchanged(tolerated, purpose)) {
      findings.error(at, name + " inside text may not leave for \"" + purpose.name() + "\"",
                     "remove it: a text in which it is found is then dropped");
    }
  }
}

void check_clamp(const FieldDraft& field, Findings& findings) {
  if (field.field->action_case() != v1::Field::kCoarsen) return;
  const v1::Coarsen& coarsen = field.field->coarsen();
  const bool unset = coarsen.least() == 0 && coarsen.most() == 0;
  if (!unset && !(coarsen.most() > coarsen.least())) {
    findings.error(field.where + ".coarsen", "the values are clamped to nothing",
                   "most must be larger than least");
  }
}

void check_key(const FieldDraft& field, const std::string& path, v1::PersonalClass personal,
               const v1::Purpose& purpose, const std::string& hint, Findings& findings) {
  if (personal == v1::UNCLASSED) return;  // reported of the value
  Released released;
  released.where = field.where + ".path";
  released.name = "keys of " + path;
  released.personal = personal;
  if (may_leave_unchanged(personal, purpose)) {
    check_released(released, purpose, findings);
    return;
  }
  findings.error(released.where,
                 "\"" + released.name + "\" of class " + v1::PersonalClass_Name(personal) +
                     " is released to \"" + purpose.name() + "\" without being minimised",
                 hint);
}

// The keys of a map or object leave as they are, whatever becomes of the values: they must be fit
// to.
void check_keys(const SourceDraft& source, const FieldDraft& field, const v1::Purpose& purpose,
                Findings& findings) {
  for (const NodeIndex key : field.keys) {
    check_key(field, field.field->path(), source.plan.nodes[key].personal, purpose,
              "keys leave as they are: leave the map out", findings);
  }
  for (const ObjectKeys& keys : field.json_keys) {
    check_key(field, keys.path, keys.personal, purpose,
              keys.of_value ? "keys leave as they are: name each key in place of \"*\", or leave "
                              "the field out"
                            : "if they are nobody's, write classify { path: \"" + keys.path +
                                  "\" class: NOT_PERSONAL }; otherwise leave the field out",
              findings);
  }
}

Contents check_fields(const SourceDraft& source, const ReleaseDraft& release, Findings& findings) {
  Contents contents;
  std::set<NodeIndex> seen;
  for (const FieldDraft& field : release.fields) {
    if (field.node == kNoNode) continue;
    const FieldNode& node = source.plan.nodes[field.node];
    if (!seen.insert(field.node).second) {
      findings.error(field.where + ".path",
                     "\"" + field.field->path() + "\" is named twice: this rule can't be reached",
                     "keep one of them");
      continue;
    }
    contents.position |= node.personal == v1::LATITUDE || node.personal == v1::LONGITUDE;
    contents.timestamp |= node.personal == v1::TIMESTAMP;
    if (release.purpose == nullptr) continue;
    Released released;
    released.where = action_where(field);
    released.name = field.field->path();
    released.personal = node.personal;
    released.unit = node.unit;
    released.action = action_of(*field.field);
    released.step = field.field->coarsen().step();
    check_released(released, *release.purpose, findings);
    check_field_type(released, node, findings);
    check_keys(source, field, *release.purpose, findings);
    check_tolerate(field, node, *release.purpose, findings);
    check_clamp(field, findings);
  }
  return contents;
}

// Each latitude needs its longitude: half a position can't be made a cell.
void check_pairs(const SourceDraft& source, const ReleaseDraft& release, Findings& findings) {
  struct Pair {
    int latitudes = 0;
    int longitudes = 0;
    v1::Unit unit = v1::UNIT_UNSPECIFIED;
    std::string where;
    bool mixed = false;
  };
  std::map<std::uint16_t, Pair> pairs;
  for (const FieldDraft& field : release.fields) {
    if (field.node == kNoNode) continue;
    const FieldNode& node = source.plan.nodes[field.node];
    if (node.group == 0) continue;
    Pair& pair = pairs[node.group];
    (node.personal == v1::LATITUDE ? pair.latitudes : pair.longitudes) += 1;
    pair.mixed |= !pair.where.empty() && pair.unit != node.unit;
    pair.unit = node.unit;
    if (pair.where.empty()) pair.where = field.where + ".path";
  }
  for (const auto& [group, pair] : pairs) {
    if (pair.latitudes != 1 || pair.longitudes != 1) {
      const bool half = pair.latitudes + pair.longitudes == 1;
      findings.error(pair.where,
                     half ? "half a position is named: a latitude without its longitude, or the "
                            "other way round"
                          : "several positions are mixed up: which latitude belongs to which "
                            "longitude?",
                     half ? "name both fields of the position"
                          : "give each position a group of its own, in the schema or in classify");
    } else if (pair.mixed) {
      findings.error(pair.where, "latitude and longitude have different units",
                     "give both the same unit");
    }
  }
}

void warn_location(const ReleaseDraft& release, Findings& findings) {
  const std::string at = release.where + ".location.cell";
  const bool held_back = holds_back(*release.release);
  if (release.release->location().cell() < v1::M1000 && !held_back) {
    findings.warn(at,
                  "cells under 1 km give homes away: of 500 m, 86 % within 250 m after 30 days "
                  "under one identifier",
                  "write M1000 or larger where the purpose allows it");
  }
  if (lives_longer_than(*release.purpose, kMeasuredDays) && !held_back) {
    findings.warn(at, "positions under one pseudonym for more than 28 days",
                  "let the pseudonym rotate, or write a larger cell");
  }
}

void check_location(const ReleaseDraft& release, const Contents& contents, Findings& findings) {
  const v1::Location& location = release.release->location();
  const v1::Purpose& purpose = *release.purpose;
  const std::string at = release.where + ".location";
  if (!contents.position) {
    if (release.release->has_location()) {
      findings.error(at, "this location rule can't be reached: no position is named",
                     "name a latitude and a longitude, or remove the rule");
    }
    return;
  }
  if (location.cell() == v1::CELL_UNSPECIFIED) {
    findings.error(at, "a position without a location rule",
                   "write location { cell: M1000 }, or leave the position out");
    return;
  }
  if (purpose.ceiling().cell() == v1::CELL_UNSPECIFIED) {
    findings.error(at + ".cell", "the ceiling of \"" + purpose.name() + "\" allows no position",
                   "give the purpose ceiling { cell: ... }, or leave the position out");
  } else if (!no_finer(location.cell(), purpose.ceiling().cell())) {
    findings.error(at + ".cell",
                   "a cell of " + v1::Cell_Name(location.cell()) +
                       " tells more than the ceiling of \"" + purpose.name() + "\", " +
                       v1::Cell_Name(purpose.ceiling().cell()) + ", allows",
                   "write " + v1::Cell_Name(purpose.ceiling().cell()) + " or a larger cell");
  }
  const v1::Cell held = purpose.ceiling().hold_back();
  if (held != v1::CELL_UNSPECIFIED && !holds_back(*release.release) &&
      !no_finer(location.cell(), held)) {
    findings.error(at + ".cell",
                   "the ceiling of \"" + purpose.name() + "\" allows positions finer than " +
                       v1::Cell_Name(held) + " only between the ends of trips",
                   "write hold_back { ring: " + v1::Cell_Name(held) + " }, or a larger cell");
    return;
  }
  if (location.cell() == v1::EXACT && !is_trusted(purpose) && !holds_back(*release.release)) {
    findings.error(at + ".cell", "an exact position for \"" + purpose.name() + "\"",
                   "only essential purposes and those whose audience is OWNER or EVIDENCE may "
                   "receive it; others between the ends of trips, with hold_back { ring: M1000 }");
  } else if (!is_trusted(purpose)) {
    warn_location(release, findings);
  }
}

void check_time(const ReleaseDraft& release, const Contents& contents, Findings& findings) {
  const v1::Time& time = release.release->time();
  const v1::Purpose& purpose = *release.purpose;
  const std::string at = release.where + ".time";
  const std::uint32_t ceiling_ms = purpose.ceiling().time_bucket_ms();
  if (time.bucket_ms() == 0 && !time.exact()) {
    findings.error(at,
                   contents.timestamp ? "a time is named and the release has no time rule"
                                      : "a release without time rule: its record has a time",
                   "write time { bucket_ms: 60000 }, or time { exact: true }");
    return;
  }
  if (time.bucket_ms() != 0 && time.exact()) {
    findings.error(at, "a time can't be exact and in a bucket", "keep one of them");
  }
  if (time.bucket_ms() > kBucketMsMax) {
    findings.error(at + ".bucket_ms", "the bucket is too long", "at most a day, 86400000");
  }
  if (time.exact() ? ceiling_ms != 0 : time.bucket_ms() < ceiling_ms) {
    findings.error(at, "the time is finer than the ceiling of \"" + purpose.name() + "\" allows",
                   "write bucket_ms: " + std::to_string(ceiling_ms) + " or more");
  }
  if (!is_trusted(purpose) && lives_longer_than(purpose, 1) &&
      time.bucket_ms() < kBucketMsUnderPseudonym) {
    findings.warn(at, "times finer than 15 minutes under a pseudonym of days show habits",
                  "write bucket_ms: 900000 where the purpose allows it");
  }
  if (purpose.essential() && time.bucket_ms() != 0) {
    findings.error(at + ".bucket_ms", "an essential purpose waits for no bucket",
                   "write time { exact: true }");
  } else if (time.bucket_ms() > purpose.linger_ms()) {
    findings.error(
        at + ".bucket_ms",
        "the linger of \"" + purpose.name() + "\", " + std::to_string(purpose.linger_ms()) +
            " ms, is shorter than this bucket, and would betray where in it a record lay",
        "write linger_ms: " + std::to_string(time.bucket_ms()) + " or more");
  }
}

}  // namespace

bool lives_longer_than(const v1::Purpose& purpose, std::uint32_t days) {
  const v1::Pseudonym& pseudonym = purpose.pseudonym();
  return pseudonym.kind_case() == v1::Pseudonym::kUntilTransfer ||
         (pseudonym.kind_case() == v1::Pseudonym::kRotateDays && pseudonym.rotate_days() > days);
}

bool occurs_once(const SourcePlan& source, NodeIndex node) {
  // Parents have lower numbers than their children.
  for (NodeIndex at = node;;) {
    if (source.nodes[at].repeated || source.nodes[at].map) return false;
    if (at == kRootNode) return true;
    NodeIndex parent = kRootNode;
    for (std::size_t i = 0; i < source.nodes.size(); ++i) {
      for (const NodeIndex child : source.nodes[i].children) {
        if (child == at) parent = static_cast<NodeIndex>(i);
      }
    }
    at = parent;
  }
}

void check_releases(const SourceDraft& source, Findings& findings) {
  if (source.releases.empty() && source.source->ignition_field().empty() &&
      !source.source->has_clip_event() && source.source->identity_field().empty()) {
    findings.error(source.where, "a source that releases nothing",
                   "write release { ... }, or remove the source; one that only tells whether the "
                   "car is driven needs an ignition_field, one that only names clips a clip_event, "
                   "one that only says which car it is an identity_field");
  }
  std::set<std::string> purposes;
  for (const ReleaseDraft& release : source.releases) {
    if (release.release->field().empty()) {
      findings.error(release.where, "a release that names no field", "write field { path: ... }");
    }
    const Contents contents = check_fields(source, release, findings);
    check_pairs(source, release, findings);
    if (release.purpose == nullptr) continue;
    if (release.purpose->has_clips()) {
      findings.error(release.where + ".to",
                     "\"" + release.release->to() + "\" takes clips, and nothing else",
                     "release this to a purpose without clips");
    }
    if (!purposes.insert(release.release->to()).second) {
      findings.error(release.where + ".to",
                     "this source already releases to \"" + release.release->to() + "\"",
                     "put the fields into one release");
    }
    check_location(release, contents, findings);
    check_hold_back(source, release, findings);
    check_aggregate(source, release, findings);
    check_time(release, contents, findings);
    check_levels(source, release, findings);
    if (release.release->rate().min_interval_ms() > kBucketMsMax) {
      findings.error(release.where + ".rate.min_interval_ms", "the interval is too long",
                     "at most a day, 86400000");
    }
  }
}

}  // namespace sudare
