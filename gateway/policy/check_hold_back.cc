// Hold-back: whether a release can have one, and what beside it would show the ends of trips again.
#include <map>

#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

// Below a minute every signal ends a trip; half an hour at a friend's would be shown.
constexpr std::uint32_t kRestMsMin = 60'000;
constexpr std::uint32_t kRestMsMax = 1'800'000;

// A time or a duration tells when the car left home; with a fine position and the roads, from
// where.
constexpr std::uint32_t kBucketMsBesideFine = 900'000;
constexpr double kDurationSecondsBesideFine = 900;

std::uint32_t rest_of(const v1::HoldBack& hold) {
  constexpr std::uint32_t kDefault = 300'000;
  return hold.rest_ms() == 0 ? kDefault : hold.rest_ms();
}

bool is_position(v1::PersonalClass personal) {
  return personal == v1::LATITUDE || personal == v1::LONGITUDE;
}

void check_ring(const ReleaseDraft& release, const std::string& at, Findings& findings) {
  const v1::Location& location = release.release->location();
  const v1::HoldBack& hold = location.hold_back();
  const v1::Cell least = release.purpose->ceiling().hold_back();
  if (!is_ring(hold.ring())) {
    findings.error(at, "no size of a ring", "write ring: M500 to M10000; M1000 is usual");
    return;
  }
  if (least != v1::CELL_UNSPECIFIED && !no_finer(hold.ring(), least)) {
    findings.error(at + ".ring",
                   "a ring of " + v1::Cell_Name(hold.ring()) +
                       " is smaller than the ceiling of \"" + release.purpose->name() +
                       "\" asks for",
                   "write ring: " + v1::Cell_Name(least) + " or larger");
  }
  if (!no_finer(hold.ring(), location.cell())) {
    findings.error(at + ".ring", "the ring is smaller than the cells that are released",
                   "write a ring of " + v1::Cell_Name(location.cell()) + " or larger");
  }
  if (hold.ring() < v1::M1000) {
    findings.warn(at + ".ring", "rings of less than 1 km give homes away",
                  "write M1000 or larger where the purpose allows it");
  }
  if (hold.at_once() != v1::CELL_UNSPECIFIED && !no_finer(hold.at_once(), hold.ring())) {
    findings.error(at + ".at_once", "what goes out at once is finer than the ring that hides it",
                   "write at_once: " + v1::Cell_Name(hold.ring()) + " or larger");
  }
}

// What goes out at once shows by its arrival when the car was there: for news, not for a track.
void check_at_once(const SourceDraft& source, const ReleaseDraft& release, const std::string& at,
                   Findings& findings) {
  const v1::HoldBack& hold = release.release->location().hold_back();
  if (hold.at_once() == v1::CELL_UNSPECIFIED || source.source->urgent()) return;
  findings.error(at + ".at_once", "at_once for messages that are not urgent: a track of arrivals",
                 "write urgent: true in the source if they are rare news, or remove at_once");
}

// The trip is judged by one position per record.
void check_single_position(const SourceDraft& source, const ReleaseDraft& release,
                           const std::string& at, Findings& findings) {
  int positions = 0;
  for (const FieldDraft& field : release.fields) {
    if (field.node == kNoNode || !is_position(source.plan.nodes[field.node].personal)) continue;
    ++positions;
    if (occurs_once(source.plan, field.node)) continue;
    findings.error(field.where + ".path",
                   "\"" + field.field->path() + "\" lies in a list: which position is the car's?",
                   "leave it out; hold-back needs one position per record");
    return;
  }
  if (positions <= 2) return;
  findings.error(at, "hold-back with several positions in a record: which is the car's?",
                 "name one latitude and one longitude");
}

bool is_fine(const ReleaseDraft& release) {
  const v1::Location& location = release.release->location();
  return holds_back(*release.release) ||
         (location.cell() != v1::CELL_UNSPECIFIED && location.cell() < v1::M1000);
}

// Where a service's purpose first gets positions finer than 1 km, by purpose.
std::map<std::string, const ReleaseDraft*> fine_by_purpose(const PolicyDraft& draft) {
  std::map<std::string, const ReleaseDraft*> fine;
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose == nullptr || is_trusted(*release.purpose) || !is_fine(release)) continue;
      const ReleaseDraft*& first = fine[release.purpose->name()];
      if (first == nullptr || (holds_back(*release.release) && !holds_back(*first->release))) {
        first = &release;
      }
    }
  }
  return fine;
}

// How far the car has driven, however coarse the step: where it changes beside a fine position its
// value is exact, and the positions do the rest. (Attacked: with steps of 2 km beside a ring of 1
// km, half of the homes within 100 m.)
bool is_distance(v1::PersonalClass personal) {
  return personal == v1::ODOMETER || personal == v1::TRIP_DISTANCE || personal == v1::ENERGY;
}

// What stands beside the fine positions, in their own records or in others.
void check_fields_beside(const SourceDraft& source, const ReleaseDraft& release,
                         const ReleaseDraft& fine, Findings& findings) {
  for (const FieldDraft& field : release.fields) {
    if (field.node == kNoNode) continue;
    const FieldNode& node = source.plan.nodes[field.node];
    const std::string what = "\"" + field.field->path() + "\" of class " +
                             v1::PersonalClass_Name(node.personal) +
                             " beside the fine positions of \"" + fine.purpose->name() +
                             "\" (line " + std::to_string(findings.line_of(fine.where)) + ")";
    if (is_distance(node.personal) && holds_back(*fine.release)) {
      findings.error(field.where + ".path", what + " measures the way from where a trip began",
                     "release it to a purpose with another recipient");
    } else if (node.personal == v1::DURATION) {
      const auto step =
          in_base_unit(Quantity::kSeconds, field.field->coarsen().step(), node.unit).value_or(0);
      if (step >= kDurationSecondsBesideFine) continue;
      findings.error(field.where + ".path", what + " tells how far away a trip began",
                     "write coarsen { step: ... } with a step of at least 900 s");
    }
  }
}

// What else its recipient gets, in records that nothing holds back.
void check_other(const SourceDraft& source, const ReleaseDraft& release, const ReleaseDraft& fine,
                 Findings& findings) {
  const std::string line = std::to_string(findings.line_of(fine.where));
  const std::string to = "\"" + fine.purpose->name() + "\"";
  const v1::Cell cell = release.release->location().cell();
  const bool held = holds_back(*fine.release);
  if (held && cell != v1::CELL_UNSPECIFIED &&
      !no_finer(cell, fine.release->location().hold_back().ring())) {
    findings.error(release.where + ".location.cell",
                   "a cell finer than the ring, not held back, shows " + to +
                       " the ends of trips that line " + line + " hides",
                   "write hold_back here too, or a cell of the ring's size or larger");
  }
  if ((held || cell == v1::CELL_UNSPECIFIED) &&
      release.release->time().bucket_ms() < kBucketMsBesideFine) {
    findings.error(release.where + ".time",
                   "a time beside the fine positions of " + to + " (line " + line +
                       ") tells when a trip began, and with the roads where",
                   "write time { bucket_ms: 900000 } or more");
  }
  check_fields_beside(source, release, fine, findings);
}

void check_same(const ReleaseDraft& release, const ReleaseDraft& first, Findings& findings) {
  const v1::HoldBack& mine = release.release->location().hold_back();
  const v1::HoldBack& other = first.release->location().hold_back();
  if (mine.ring() == other.ring() && rest_of(mine) == rest_of(other)) return;
  findings.error(release.where + ".location.hold_back",
                 "\"" + release.purpose->name() + "\" has another ring or rest on line " +
                     std::to_string(findings.line_of(first.where)),
                 "one trip has one end: write the same in both");
}

}  // namespace

bool holds_back(const v1::Release& release) { return release.location().has_hold_back(); }

bool is_ring(v1::Cell cell) { return cell >= v1::M500 && cell <= v1::M10000; }

void check_hold_back(const SourceDraft& source, const ReleaseDraft& release, Findings& findings) {
  if (!holds_back(*release.release)) return;
  const std::string at = release.where + ".location.hold_back";
  const v1::HoldBack& hold = release.release->location().hold_back();
  if (release.purpose->essential()) {
    findings.error(at, "an essential purpose waits for nothing", "remove hold_back");
  }
  if (hold.rest_ms() != 0 && (hold.rest_ms() < kRestMsMin || hold.rest_ms() > kRestMsMax)) {
    findings.error(at + ".rest_ms", "rest_ms is out of range",
                   "from 60000 to 1800000; 300000 where it is left out");
  }
  if (!is_trusted(*release.purpose) && lives_longer_than(*release.purpose, kMeasuredDays)) {
    findings.error(at, "fine positions under one pseudonym for more than 28 days",
                   "write rotate_days: 28 or less, or cells of M1000 or larger without hold_back");
  }
  check_ring(release, at, findings);
  check_at_once(source, release, at, findings);
  check_single_position(source, release, at, findings);
}

// Whoever opens two purposes joins them by time: what one gets stands beside what the other does.
void check_beside_hold_back(const PolicyDraft& draft, Findings& findings) {
  const auto fine = fine_by_purpose(draft);
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose == nullptr || is_trusted(*release.purpose)) continue;
      for (const std::string& name : openable_together(draft, *release.purpose)) {
        const auto first = fine.find(name);
        if (first == fine.end()) continue;
        const ReleaseDraft& other = *first->second;
        const bool same = other.purpose == release.purpose && &other != &release;
        if (holds_back(*release.release)) {
          if (same) check_same(release, other, findings);
          check_fields_beside(source, release, other, findings);
        } else if (&other != &release) {
          check_other(source, release, other, findings);
        }
        break;
      }
    }
  }
}

}  // namespace sudare
