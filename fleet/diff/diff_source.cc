#include <map>

#include "fleet/diff/changes.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

std::string action_text(Action action) {
  switch (action) {
    case Action::kDrop: return "drop";
    case Action::kKeep: return "keep";
    case Action::kCoarsen: return "coarsen";
    case Action::kPseudonymize: return "pseudonymize";
    case Action::kGeneralize: return "generalize";
  }
  return "";
}

std::string decimal(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

// Two minimisers can't be compared; dropping is less than any, keeping more.
void diff_action(const std::string& name, Action before, Action after, Changes& changes) {
  if (before == after) return;
  const bool less = before == Action::kKeep || after == Action::kDrop;
  changes.add(less ? DiffEffect::kLess : DiffEffect::kMore,
              name + " " + action_text(after) + ", was " + action_text(before));
}

// A step that is a multiple of the old one says less; any other may say what the old one hid.
void diff_coarsen(const std::string& name, const v1::Coarsen& before, const v1::Coarsen& after,
                  Changes& changes) {
  if (before.step() != after.step()) {
    const double times = before.step() > 0 ? after.step() / before.step() : 0;
    const bool less = times > 1 && times == static_cast<double>(static_cast<std::int64_t>(times));
    changes.add(less ? DiffEffect::kLess : DiffEffect::kMore,
                name + " step " + decimal(after.step()) + ", was " + decimal(before.step()));
  }
  if (before.least() == after.least() && before.most() == after.most()) return;
  const bool bounded = after.most() > after.least();
  const bool was_bounded = before.most() > before.least();
  const bool less = bounded && (!was_bounded ||
                                (after.least() >= before.least() && after.most() <= before.most()));
  changes.add(
      less ? DiffEffect::kLess : DiffEffect::kMore,
      name + (bounded ? " clamped to " + decimal(after.least()) + " … " + decimal(after.most())
                      : std::string(" no longer clamped")));
}

void diff_field(const v1::Field& before, const v1::Field& after, Changes& changes) {
  const std::string name = "field " + after.path();
  diff_action(name, action_of(before), action_of(after), changes);
  if (action_of(before) == Action::kCoarsen && action_of(after) == Action::kCoarsen) {
    diff_coarsen(name, before.coarsen(), after.coarsen(), changes);
  }
  std::set<std::string> tolerated_before;
  std::set<std::string> tolerated_after;
  for (const int one : before.tolerate()) {
    tolerated_before.insert(v1::PersonalClass_Name(static_cast<v1::PersonalClass>(one)));
  }
  for (const int one : after.tolerate()) {
    tolerated_after.insert(v1::PersonalClass_Name(static_cast<v1::PersonalClass>(one)));
  }
  changes.names(name + " tolerate", tolerated_before, tolerated_after, DiffEffect::kMore);
  changes.differ(name + " combine", v1::Field::Combine_Name(before.combine()),
                 v1::Field::Combine_Name(after.combine()), DiffEffect::kMore);
}

void diff_fields(const v1::Release& before, const v1::Release& after, Changes& changes) {
  std::map<std::string, const v1::Field*> gone;
  for (const v1::Field& field : before.field()) gone.emplace(field.path(), &field);
  for (const v1::Field& field : after.field()) {
    const auto old = gone.find(field.path());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore,
                  "field " + field.path() + " is new (" + action_text(action_of(field)) + ")");
      continue;
    }
    diff_field(*old->second, field, changes);
    gone.erase(old);
  }
  for (const auto& [path, field] : gone) {
    changes.add(DiffEffect::kLess, "field " + path + " is gone");
  }
}

void diff_levels(const v1::Release& before, const v1::Release& after, Changes& changes) {
  std::map<std::string, Action> old;
  for (const v1::Level& level : before.level()) old[level.name()] = action_of(level);
  for (const v1::Level& level : after.level()) {
    const auto found = old.find(level.name());
    diff_action("level " + level.name(), found == old.end() ? Action::kDrop : found->second,
                action_of(level), changes);
    if (found != old.end()) old.erase(found);
  }
  for (const auto& [name, action] : old) {
    diff_action("level " + name, action, Action::kDrop, changes);
  }
}

void diff_location(const v1::Location& before, const v1::Location& after, Changes& changes) {
  changes.cell("cell", before.cell(), after.cell(), DiffEffect::kLess);
  changes.flag("on_move", before.on_move(), after.on_move(), DiffEffect::kLess);
  const v1::HoldBack& old = before.hold_back();
  const v1::HoldBack& fresh = after.hold_back();
  // A larger ring holds back more.
  changes.cell("hold_back: ring", old.ring(), fresh.ring(), DiffEffect::kMore);
  changes.cell("hold_back: at_once", old.at_once(), fresh.at_once(), DiffEffect::kLess);
  if (old.rest_ms() != fresh.rest_ms()) {
    changes.add(DiffEffect::kMore, "hold_back: rest_ms " + std::to_string(fresh.rest_ms()) +
                                       ", was " + std::to_string(old.rest_ms()));
  }
}

void diff_release(const v1::Release& before, const v1::Release& after, Changes& changes) {
  diff_fields(before, after, changes);
  diff_levels(before, after, changes);
  diff_location(before.location(), after.location(), changes);
  changes.flag("exact times", before.time().exact(), after.time().exact(), DiffEffect::kMore);
  if (!before.time().exact() && !after.time().exact()) {
    changes.number("time: bucket_ms", before.time().bucket_ms(), after.time().bucket_ms(),
                   DiffEffect::kLess);
  }
  changes.bound("rate: min_interval_ms", before.rate().min_interval_ms(),
                after.rate().min_interval_ms(), DiffEffect::kLess);
  changes.bound("aggregate: days", before.aggregate().days(), after.aggregate().days(),
                DiffEffect::kLess);
}

// How the payload is read and classed: what the rules mean then is another thing.
std::string meaning_of(const v1::Source& source) {
  v1::Source only;
  only.set_codec(source.codec());
  only.set_message(source.message());
  only.set_time_field(source.time_field());
  *only.mutable_classify() = source.classify();
  return only.SerializeAsString();
}

std::string handling_of(const v1::Source& source) {
  v1::Source only;
  only.set_urgent(source.urgent());
  only.set_gnss_time(source.gnss_time());
  only.set_ignition_field(source.ignition_field());
  if (source.has_clip_event()) *only.mutable_clip_event() = source.clip_event();
  return only.SerializeAsString();
}

}  // namespace

void diff_source(const v1::Source& before, const v1::Source& after, Changes& changes) {
  changes.at(after.topic());
  if (meaning_of(before) != meaning_of(after)) {
    changes.add(after.release().empty() ? DiffEffect::kOther : DiffEffect::kMore,
                "codec, message, time field or classes changed: the same rules may release more");
  }
  if (handling_of(before) != handling_of(after)) {
    changes.add(DiffEffect::kOther, "urgency, time source, ignition or clip events changed");
  }
  std::map<std::string, const v1::Release*> gone;
  for (const v1::Release& release : before.release()) gone.emplace(release.to(), &release);
  for (const v1::Release& release : after.release()) {
    changes.at(after.topic() + " to " + release.to());
    const auto old = gone.find(release.to());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore,
                  "a new release of " + std::to_string(release.field_size()) + " field(s)");
      continue;
    }
    diff_release(*old->second, release, changes);
    gone.erase(old);
  }
  for (const auto& [to, release] : gone) {
    changes.at(after.topic() + " to " + to);
    changes.add(DiffEffect::kLess, "the release is gone");
  }
}

}  // namespace sudare
