#include <algorithm>
#include <map>
#include <vector>

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
  changes.cell("ceiling: cell", before.cell(), after.cell(), DiffEffect::kLess, false);
  changes.bound("ceiling: time_bucket_ms", before.time_bucket_ms(), after.time_bucket_ms(),
                DiffEffect::kLess);
  changes.cell("ceiling: hold_back", before.hold_back(), after.hold_back(), DiffEffect::kMore,
               false);
  const auto name = [](int one) {
    return v1::PersonalClass_Name(static_cast<v1::PersonalClass>(one));
  };
  changes.names("ceiling: allow", names_of(before.allow(), name), names_of(after.allow(), name),
                DiffEffect::kMore);
}

bool covers(const v1::Clips::BurnedIn& outer, const v1::Clips::BurnedIn& inner) {
  return outer.left() <= inner.left() && outer.top() <= inner.top() &&
         std::uint64_t{inner.left()} + inner.width() <=
             std::uint64_t{outer.left()} + outer.width() &&
         std::uint64_t{inner.top()} + inner.height() <= std::uint64_t{outer.top()} + outer.height();
}

using Rectangles = std::vector<v1::Clips::BurnedIn>;

// By recorder model; "": every model that has none of its own.
std::map<std::string, Rectangles> burned_in_of(const v1::Clips& clips) {
  std::map<std::string, Rectangles> all;
  all[""];
  for (const v1::Clips::BurnedIn& one : clips.burned_in()) {
    Rectangles& of_model = all[one.recorder_model()];
    of_model.push_back(one);
    of_model.back().clear_recorder_model();
  }
  return all;
}

// What is filled for a model: its own rectangles, or else the general ones.
const Rectangles& filled_for(const std::map<std::string, Rectangles>& all,
                             const std::string& model) {
  const auto own = all.find(model);
  return own == all.end() ? all.at("") : own->second;
}

// Whether each of them lies within one of `outer`: what several hide together isn't looked for.
bool all_covered(const Rectangles& inner, const Rectangles& outer) {
  return std::all_of(inner.begin(), inner.end(), [&outer](const v1::Clips::BurnedIn& one) {
    return std::any_of(outer.begin(), outer.end(),
                       [&one](const v1::Clips::BurnedIn& other) { return covers(other, one); });
  });
}

std::string text_of(const Rectangles& rectangles) {
  std::string text;
  for (const v1::Clips::BurnedIn& one : rectangles) {
    text += (text.empty() ? "left " : "; left ") + std::to_string(one.left()) + " top " +
            std::to_string(one.top()) + " width " + std::to_string(one.width()) + " height " +
            std::to_string(one.height());
  }
  return text.empty() ? std::string("nothing") : text;
}

// By what is filled for each model that either names: the first rectangle of a model's own takes
// the general ones away from it.
void diff_burned_in(const v1::Clips& before, const v1::Clips& after, Changes& changes) {
  const std::map<std::string, Rectangles> was = burned_in_of(before);
  const std::map<std::string, Rectangles> is = burned_in_of(after);
  std::map<std::string, Rectangles> models = was;
  models.insert(is.begin(), is.end());
  for (const auto& [model, ignored] : models) {
    const Rectangles& old = filled_for(was, model);
    const Rectangles& fresh = filled_for(is, model);
    const bool no_less = all_covered(old, fresh);
    if (no_less && all_covered(fresh, old)) continue;
    const std::string name = model.empty() ? std::string("other models") : "model " + model;
    changes.differ("clips: burned_in: " + name + ": filled", text_of(old), text_of(fresh),
                   no_less ? DiffEffect::kLess : DiffEffect::kMore);
  }
}

// How long and how much one batch links, where nothing else does. A smaller batch links less, and
// tells more exactly when its records were made.
void diff_batches(const v1::Purpose& before, const v1::Purpose& after, Changes& changes) {
  const bool batches_link = pseudonym_days(after) == 0 && !after.has_clips();
  const auto effect = [&](std::uint32_t was, std::uint32_t is) {
    return batches_link && is > was ? DiffEffect::kMore : DiffEffect::kOther;
  };
  changes.differ("linger_ms", std::to_string(before.linger_ms()), std::to_string(after.linger_ms()),
                 effect(before.linger_ms(), after.linger_ms()));
  changes.differ("batch_bytes_max", std::to_string(before.batch_bytes_max()),
                 std::to_string(after.batch_bytes_max()),
                 effect(before.batch_bytes_max(), after.batch_bytes_max()));
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
  diff_burned_in(before, after, changes);
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
  diff_batches(before, after, changes);
  changes.number("priority", before.priority(), after.priority(), DiffEffect::kOther);
  changes.flag("clips", before.has_clips(), after.has_clips(), DiffEffect::kMore);
  if (!after.has_clips()) return;
  if (before.has_clips()) return diff_clips(before.clips(), after.clips(), changes);
  const Changes::OfSomethingNew all_of_it(changes);
  diff_clips(before.clips(), after.clips(), changes);
}

}  // namespace sudare
