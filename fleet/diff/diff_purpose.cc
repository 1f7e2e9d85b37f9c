#include "fleet/commands/days.h"
#include "fleet/diff/changes.h"
#include "gateway/policy/class_rules.h"
#include "gateway/policy/recipient_certificate.h"

namespace sudare {
namespace {

constexpr std::uint64_t kUntilTransferDays = 1'000'000;  // longer than any rotation

std::uint64_t pseudonym_days(const v1::Purpose& purpose) {
  switch (purpose.pseudonym().kind_case()) {
    case v1::Pseudonym::kRotateDays: return purpose.pseudonym().rotate_days();
    case v1::Pseudonym::kUntilTransfer: return kUntilTransferDays;
    default: return 0;
  }
}

std::string pseudonym_text(std::uint64_t days) {
  if (days == 0) return "none";
  return days == kUntilTransferDays ? "until transfer" : std::to_string(days) + " days";
}

// "age1… from 2026-01-01 to 2026-12-31, serial 7"
std::set<std::string> certificates_of(const v1::Purpose& purpose) {
  std::set<std::string> all;
  for (const std::string& token : purpose.certificate()) {
    const auto one = read_certificate(token);
    if (!one) {
      all.insert(token);  // the check refuses it
      continue;
    }
    all.insert(one->recipient.to_string() + " from " + commands::day_text(one->not_before_day) +
               " to " + commands::day_text(one->not_after_day) + ", serial " +
               std::to_string(one->serial) + ",");
  }
  return all;
}

// Of enumerations, by their names.
template <class List, class Name>
std::set<std::string> names_of(const List& list, Name name) {
  std::set<std::string> names;
  for (const int one : list) names.insert(name(one));
  return names;
}

void diff_audience(const v1::Purpose& before, const v1::Purpose& after, Changes& changes) {
  if (before.audience() == after.audience()) return;
  changes.add(is_trusted(after) ? DiffEffect::kMore : DiffEffect::kLess,
              "audience " + v1::Purpose::Audience_Name(after.audience()) + ", was " +
                  v1::Purpose::Audience_Name(before.audience()));
}

void diff_ceiling(const v1::Ceiling& before, const v1::Ceiling& after, Changes& changes) {
  changes.cell("ceiling: cell", before.cell(), after.cell(), DiffEffect::kLess);
  changes.bound("ceiling: time_bucket_ms", before.time_bucket_ms(), after.time_bucket_ms(),
                DiffEffect::kLess);
  changes.cell("ceiling: hold_back", before.hold_back(), after.hold_back(), DiffEffect::kMore);
  const auto name = [](int one) {
    return v1::PersonalClass_Name(static_cast<v1::PersonalClass>(one));
  };
  changes.names("ceiling: allow", names_of(before.allow(), name), names_of(after.allow(), name),
                DiffEffect::kMore);
}

// Rectangles: another one hides something else.
std::set<std::string> burned_in_of(const v1::Clips& clips) {
  std::set<std::string> all;
  for (const v1::Clips::BurnedIn& one : clips.burned_in()) all.insert(one.ShortDebugString());
  return all;
}

void diff_clips(const v1::Clips& before, const v1::Clips& after, Changes& changes) {
  const bool sketch = after.profile() == v1::Clips::SKETCH;
  changes.differ("clips: profile", v1::Clips::Profile_Name(before.profile()),
                 v1::Clips::Profile_Name(after.profile()),
                 sketch ? DiffEffect::kLess : DiffEffect::kMore);
  const auto name = [](int one) {
    return v1::Clips::Trigger_Name(static_cast<v1::Clips::Trigger>(one));
  };
  changes.names("clips: trigger", names_of(before.trigger(), name), names_of(after.trigger(), name),
                DiffEffect::kMore);
  changes.number("clips: before_s", before.before_s(), after.before_s(), DiffEffect::kMore);
  changes.number("clips: after_s", before.after_s(), after.after_s(), DiffEffect::kMore);
  changes.flag("clips: sound", before.sound(), after.sound(), DiffEffect::kMore);
  changes.names("clips: burned_in", burned_in_of(before), burned_in_of(after), DiffEffect::kLess);
  changes.bound("clips: daily_bytes_max", before.daily_bytes_max(), after.daily_bytes_max(),
                DiffEffect::kMore);
  changes.flag("clips: unmetered_only", before.unmetered_only(), after.unmetered_only(),
               DiffEffect::kOther);
  changes.number("clips: chunk_bytes", before.chunk_bytes(), after.chunk_bytes(),
                 DiffEffect::kOther);
  changes.differ("clips: afterwards", v1::Clips::Spool_Name(before.afterwards()),
                 v1::Clips::Spool_Name(after.afterwards()), DiffEffect::kOther);
  changes.differ("clips: rejected", v1::Clips::Spool_Name(before.rejected()),
                 v1::Clips::Spool_Name(after.rejected()), DiffEffect::kOther);
}

}  // namespace

void diff_purpose(const v1::Purpose& before, const v1::Purpose& after, Changes& changes) {
  changes.names("recipient", {before.recipient().begin(), before.recipient().end()},
                {after.recipient().begin(), after.recipient().end()}, DiffEffect::kMore);
  changes.names("certified recipient", certificates_of(before), certificates_of(after),
                DiffEffect::kMore);
  const std::uint64_t days_before = pseudonym_days(before);
  const std::uint64_t days_after = pseudonym_days(after);
  changes.differ("pseudonym", pseudonym_text(days_before), pseudonym_text(days_after),
                 days_after > days_before ? DiffEffect::kMore : DiffEffect::kLess);
  // In the order of what they ask of the person: consent, silence, nothing.
  changes.differ("consent", v1::Purpose::Consent_Name(before.consent()),
                 v1::Purpose::Consent_Name(after.consent()),
                 after.consent() > before.consent() ? DiffEffect::kMore : DiffEffect::kLess);
  diff_audience(before, after, changes);
  changes.flag("essential", before.essential(), after.essential(), DiffEffect::kMore);
  diff_ceiling(before.ceiling(), after.ceiling(), changes);
  changes.number("keep_hours", before.keep_hours(), after.keep_hours(), DiffEffect::kMore);
  changes.number("linger_ms", before.linger_ms(), after.linger_ms(), DiffEffect::kOther);
  changes.number("batch_bytes_max", before.batch_bytes_max(), after.batch_bytes_max(),
                 DiffEffect::kOther);
  changes.number("priority", before.priority(), after.priority(), DiffEffect::kOther);
  changes.flag("clips", before.has_clips(), after.has_clips(), DiffEffect::kMore);
  if (!after.has_clips()) return;
  if (before.has_clips()) return diff_clips(before.clips(), after.clips(), changes);
  const Changes::OfSomethingNew all_of_it(changes);
  diff_clips(before.clips(), after.clips(), changes);
}

}  // namespace sudare
