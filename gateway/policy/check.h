// What `policy check` refuses, and why: docs/policy.md lists the refusals. Each function reports
// what it finds and goes on. Part of the policy reader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/policy/draft.h"
#include "gateway/policy/findings.h"
#include "gateway/policy/signed_policy.h"

namespace sudare {

// Below this, headers and padding outweigh what a batch carries.
inline constexpr std::uint32_t kBatchBytesMin = 1024;
// A day: longer, and a car that is sold holds the seller's open batch.
inline constexpr std::uint32_t kLingerMsMax = 86'400'000;

// check_purposes.cc: version, dates, and each purpose by itself.
void check_header(const v1::Policy& policy, Findings& findings);
void check_purposes(const v1::Policy& policy, Findings& findings);

// check_certificates.cc: who is named by certificates; fills draft.purposes.
void check_certificates(PolicyDraft& draft, const v1::CeilingPolicy* ceiling, Findings& findings);

// check_signatures.cc: whether those whom the ceiling asks have signed.
void check_signatures(const SignedPolicy& policy, const v1::CeilingPolicy& ceiling,
                      Findings& findings);

// check_release.cc: each release by itself: what its fields are and what is done to them.
void check_releases(const SourceDraft& source, Findings& findings);

// check_levels.cc: the captured topic levels of one release, which has a purpose.
void check_levels(const SourceDraft& source, const ReleaseDraft& release, Findings& findings);

// check_hold_back.cc: a release's hold-back, and what in its purpose would undo it.
void check_hold_back(const SourceDraft& source, const ReleaseDraft& release, Findings& findings);
void check_beside_hold_back(const PolicyDraft& draft, Findings& findings);
// Whether the release's positions leave between the ends of trips only.
[[nodiscard]] bool holds_back(const v1::Release& release);
// A size that the cells around a trip's end may have.
[[nodiscard]] bool is_ring(v1::Cell cell);

// check_aggregate.cc: totals in place of records.
void check_aggregate(const SourceDraft& source, const ReleaseDraft& release, Findings& findings);

// check_clips.cc: what purposes take of clips, and where events come from.
void check_clips(const v1::Policy& policy, Findings& findings);
void check_clip_event(const SourceDraft& source, Findings& findings);
// As written, or the default.
[[nodiscard]] std::uint32_t chunk_bytes_of(const v1::Clips& clips);

// check_across.cc: purposes that a recipient of this one can open as well, this one first. Trusted
// ones are left out.
[[nodiscard]] std::vector<std::string> openable_together(const PolicyDraft& draft,
                                                         const v1::Purpose& purpose);

// Whether the purpose's ceiling names the class.
[[nodiscard]] bool is_allowed(const v1::Purpose& purpose, v1::PersonalClass personal);
// Whether a node occurs once in a message: neither it nor one above it is a list or a map.
[[nodiscard]] bool occurs_once(const SourcePlan& source, NodeIndex node);
// Whether a pseudonym may link records for longer than so many days.
[[nodiscard]] bool lives_longer_than(const v1::Purpose& purpose, std::uint32_t days);
// What privacy.md measured: longer under one identifier, and homes show even in cells of 1 km.
inline constexpr std::uint32_t kMeasuredDays = 28;

// check_field.cc: one field or topic level of class `personal`, released to `purpose`.
struct Released {
  std::string where;  // the element that names it
  std::string name;   // its path, or its level's name
  v1::PersonalClass personal = v1::UNCLASSED;
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  Action action = Action::kKeep;
  double step = 0;
};
void check_released(const Released& released, const v1::Purpose& purpose, Findings& findings);
void check_field_type(const Released& released, const FieldNode& node, Findings& findings);

// check_across.cc: what only shows when releases and purposes are seen together.
void check_across(const PolicyDraft& draft, Findings& findings);

// The action that a field or level asks for; none is kKeep.
[[nodiscard]] Action action_of(const v1::Field& field);
[[nodiscard]] Action action_of(const v1::Level& level);

// Unix day of "2026-01-31"; false where it is no date.
[[nodiscard]] bool parse_day(const std::string& text, std::int64_t& unix_day);

// Refuses a recipient that is no age public key, at `where`.
[[nodiscard]] bool check_recipient(const std::string& text, const std::string& where,
                                   Findings& findings);

// Reported of a purpose of a policy or of a ceiling.
[[nodiscard]] bool is_purpose_name(const std::string& name);
[[nodiscard]] bool is_rotation(std::uint32_t days);

}  // namespace sudare
