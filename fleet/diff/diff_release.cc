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

std::string clamp_text(const v1::Coarsen& coarsen) {
  return "clamped to " + decimal(coarsen.least()) + " … " + decimal(coarsen.most());
}

// "coarsen, step 100, clamped to 0 … 5"
std::string action_text(const v1::Field& field) {
  std::string text = action_text(action_of(field));
  if (action_of(field) != Action::kCoarsen) return text;
  text += ", step " + decimal(field.coarsen().step());
  if (field.coarsen().most() > field.coarsen().least()) text += ", " + clamp_text(field.coarsen());
  return text;
}

// Two minimisers can't be compared; dropping is less than any, keeping more.
DiffEffect effect_of(Action before, Action after) {
  const bool less = before == Action::kKeep || after == Action::kDrop;
  return less ? DiffEffect::kLess : DiffEffect::kMore;
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
  changes.add(less ? DiffEffect::kLess : DiffEffect::kMore,
              name + " " + (bounded ? clamp_text(after) : std::string("no longer clamped")));
}

std::set<std::string> tolerated_of(const v1::Field& field) {
  std::set<std::string> all;
  for (const int one : field.tolerate()) {
    all.insert(v1::PersonalClass_Name(static_cast<v1::PersonalClass>(one)));
  }
  return all;
}

void diff_beside_action(const v1::Field& before, const v1::Field& after, Changes& changes) {
  const std::string name = "field " + after.path();
  changes.names(name + " tolerate", tolerated_of(before), tolerated_of(after), DiffEffect::kMore);
  changes.differ(name + " combine", v1::Field::Combine_Name(before.combine()),
                 v1::Field::Combine_Name(after.combine()), DiffEffect::kMore);
}

void diff_field(const v1::Field& before, const v1::Field& after, Changes& changes) {
  const std::string name = "field " + after.path();
  const Action was = action_of(before);
  const Action is = action_of(after);
  if (was != is) {
    changes.add(effect_of(was, is), name + " " + action_text(after) + ", was " + action_text(was));
  } else if (is == Action::kCoarsen) {
    diff_coarsen(name, before.coarsen(), after.coarsen(), changes);
  }
  diff_beside_action(before, after, changes);
}

void diff_fields(const v1::Release& before, const v1::Release& after, Changes& changes) {
  std::map<std::string, const v1::Field*> gone;
  for (const v1::Field& field : before.field()) gone.emplace(field.path(), &field);
  for (const v1::Field& field : after.field()) {
    const auto old = gone.find(field.path());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore,
                  "field " + field.path() + " is new (" + action_text(field) + ")");
      diff_beside_action(v1::Field(), field, changes);
      continue;
    }
    diff_field(*old->second, field, changes);
    gone.erase(old);
  }
  for (const auto& [path, field] : gone) {
    changes.add(DiffEffect::kLess, "field " + path + " is gone");
  }
}

void diff_level(const std::string& name, Action before, Action after, Changes& changes) {
  if (before == after) return;
  changes.add(effect_of(before, after),
              "level " + name + " " + action_text(after) + ", was " + action_text(before));
}

void diff_levels(const v1::Release& before, const v1::Release& after, Changes& changes) {
  std::map<std::string, Action> old;
  for (const v1::Level& level : before.level()) old[level.name()] = action_of(level);
  for (const v1::Level& level : after.level()) {
    const auto found = old.find(level.name());
    diff_level(level.name(), found == old.end() ? Action::kDrop : found->second, action_of(level),
               changes);
    if (found != old.end()) old.erase(found);
  }
  for (const auto& [name, action] : old) diff_level(name, action, Action::kDrop, changes);
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

}  // namespace

void diff_release(const v1::Release& before, const v1::Release& after, Changes& changes) {
  diff_fields(before, after, changes);
  diff_levels(before, after, changes);
  if (before.has_location() || after.has_location()) {
    diff_location(before.location(), after.location(), changes);
  }
  changes.flag("exact times", before.time().exact(), after.time().exact(), DiffEffect::kMore);
  if (!before.time().exact() && !after.time().exact()) {
    changes.window("time: bucket_ms", before.time().bucket_ms(), after.time().bucket_ms());
  }
  changes.bound("rate: min_interval_ms", before.rate().min_interval_ms(),
                after.rate().min_interval_ms(), DiffEffect::kLess);
  changes.window("aggregate: days", before.aggregate().days(), after.aggregate().days());
}

}  // namespace sudare
