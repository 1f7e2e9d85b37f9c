#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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

// As short as tells it from every other number.
std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
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

bool is_multiple(double value, double of) {
  const double times = of > 0 ? value / of : 0;
  return std::isfinite(times) && times >= 1 && times == std::floor(times);
}

// Whether what the larger step says follows from what the smaller one said. A value that is clamped
// to `most` may lie on either side of a multiple of the larger step below it.
bool follows(const v1::Coarsen& before, const v1::Coarsen& after) {
  const bool was_bounded = before.most() > before.least();
  return after.step() > before.step() && is_multiple(after.step(), before.step()) &&
         (!was_bounded || before.most() == 0 ||
          is_multiple(std::fabs(before.most()), after.step()));
}

// A step that is a multiple of the old one says less; any other may say what the old one hid.
void diff_coarsen(const std::string& name, const v1::Coarsen& before, const v1::Coarsen& after,
                  Changes& changes) {
  if (before.step() != after.step()) {
    changes.add(follows(before, after) ? DiffEffect::kLess : DiffEffect::kMore,
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

// Which of many records leave depends on those that left before: by the interval since the last
// one, or the cell of the last one. A change to what counts as one that leaves lets out others
// then, not only fewer.
bool one_depends_on_the_last(const v1::Release& before, const v1::Release& after) {
  const auto depends = [](const v1::Release& release) {
    return release.rate().min_interval_ms() > 0 || release.location().on_move();
  };
  return depends(before) || depends(after);
}

constexpr const char* kOthersLeave = " (other records leave)";

// Less, unless other records leave for it.
void add_less(bool others_leave, const std::string& text, Changes& changes) {
  changes.add(others_leave ? DiffEffect::kMore : DiffEffect::kLess,
              others_leave ? text + kOthersLeave : text);
}

void diff_beside_action(const v1::Field& before, const v1::Field& after, bool others_leave,
                        Changes& changes) {
  const std::string name = "field " + after.path();
  const std::set<std::string> was = tolerated_of(before);
  const std::set<std::string> is = tolerated_of(after);
  for (const std::string& one : is) {
    if (was.count(one) == 0) changes.add(DiffEffect::kMore, name + " tolerate " + one + " is new");
  }
  for (const std::string& one : was) {
    if (is.count(one) == 0) add_less(others_leave, name + " tolerate " + one + " is gone", changes);
  }
  changes.differ(name + " combine", v1::Field::Combine_Name(before.combine()),
                 v1::Field::Combine_Name(after.combine()), DiffEffect::kMore);
}

void diff_field(const v1::Field& before, const v1::Field& after, bool others_leave,
                Changes& changes) {
  const std::string name = "field " + after.path();
  const Action was = action_of(before);
  const Action is = action_of(after);
  if (was != is) {
    changes.add(effect_of(was, is), name + " " + action_text(after) + ", was " + action_text(was));
  } else if (is == Action::kCoarsen) {
    diff_coarsen(name, before.coarsen(), after.coarsen(), changes);
  }
  diff_beside_action(before, after, others_leave, changes);
}

void diff_fields(const v1::Release& before, const v1::Release& after, Changes& changes) {
  // Where nothing else is in a record, it no longer counts.
  const bool others = one_depends_on_the_last(before, after);
  std::map<std::string, const v1::Field*> gone;
  for (const v1::Field& field : before.field()) gone.emplace(field.path(), &field);
  for (const v1::Field& field : after.field()) {
    const auto old = gone.find(field.path());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore,
                  "field " + field.path() + " is new (" + action_text(field) + ")");
      diff_beside_action(v1::Field(), field, others, changes);
      continue;
    }
    diff_field(*old->second, field, others, changes);
    gone.erase(old);
  }
  for (const auto& [path, field] : gone) {
    add_less(others, "field " + path + " is gone", changes);
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

// As Changes::cell(), where a larger one, or a first one, may let out others.
void diff_cell(const std::string& name, v1::Cell before, v1::Cell after, DiffEffect none,
               bool others_leave, Changes& changes) {
  const bool others = others_leave && after != v1::CELL_UNSPECIFIED && !changes.is_new();
  changes.cell(others ? name + kOthersLeave : name, before, after, none, others);
}

void diff_location(const v1::Release& before, const v1::Release& after, Changes& changes) {
  const v1::Location& old = before.location();
  const v1::Location& fresh = after.location();
  const bool others = one_depends_on_the_last(before, after);
  // The moment of a move is another one in larger cells.
  diff_cell("cell", old.cell(), fresh.cell(), DiffEffect::kLess, old.on_move() || fresh.on_move(),
            changes);
  const bool rated = before.has_rate() || after.has_rate();
  if (old.on_move() != fresh.on_move()) {
    const bool less = fresh.on_move() && !rated;
    changes.differ("on_move", old.on_move() ? "true" : "false", fresh.on_move() ? "true" : "false",
                   less ? DiffEffect::kLess : DiffEffect::kMore);
  }
  // A larger ring holds back more; but what waits is thinned out by how much waits.
  const bool rings = old.has_hold_back() && fresh.has_hold_back();
  diff_cell("hold_back: ring", old.hold_back().ring(), fresh.hold_back().ring(), DiffEffect::kMore,
            others || rings, changes);
  diff_cell("hold_back: at_once", old.hold_back().at_once(), fresh.hold_back().at_once(),
            DiffEffect::kLess, others, changes);
  if (old.hold_back().rest_ms() != fresh.hold_back().rest_ms()) {
    changes.add(DiffEffect::kMore, "hold_back: rest_ms " +
                                       std::to_string(fresh.hold_back().rest_ms()) + ", was " +
                                       std::to_string(old.hold_back().rest_ms()));
  }
}

// A longer interval begins anew at other records. Only against none at all, fewer leave.
void diff_rate(const v1::Release& before, const v1::Release& after, Changes& changes) {
  const std::string name = "rate: min_interval_ms";
  const std::uint32_t was = before.rate().min_interval_ms();
  const std::uint32_t is = after.rate().min_interval_ms();
  const bool move = before.location().on_move() || after.location().on_move();
  if (changes.is_new() || (was == 0 && !move)) {
    return changes.bound(name, was, is, DiffEffect::kLess);
  }
  const auto text = [](std::uint32_t ms) { return ms == 0 ? "none" : std::to_string(ms); };
  changes.differ(name, text(was), text(is), DiffEffect::kMore);
}

// Whether a longer window's value follows from those of the windows in it: the least of the least,
// and the most of the most, also coarsened. A sum that is coarsened once it is made says what the
// step hid of each part, and so do totals in place of records.
bool extremes_only(const v1::Release& release) {
  return std::all_of(release.field().begin(), release.field().end(), [](const v1::Field& field) {
    return field.combine() == v1::Field::LEAST || field.combine() == v1::Field::MOST;
  });
}

void diff_aggregate(const v1::Release& before, const v1::Release& after, Changes& changes) {
  const std::uint32_t was = before.aggregate().days();
  const std::uint32_t is = after.aggregate().days();
  if (was == is) return;
  const bool less =
      was != 0 && is > was && is % was == 0 && extremes_only(before) && extremes_only(after);
  const auto text = [](std::uint32_t days) { return days == 0 ? "none" : std::to_string(days); };
  changes.differ("aggregate: days", text(was), text(is),
                 less ? DiffEffect::kLess : DiffEffect::kMore);
}

}  // namespace

void diff_release(const v1::Release& before, const v1::Release& after, Changes& changes) {
  diff_fields(before, after, changes);
  diff_levels(before, after, changes);
  if (before.has_location() || after.has_location()) {
    diff_location(before, after, changes);
  }
  changes.flag("exact times", before.time().exact(), after.time().exact(), DiffEffect::kMore);
  if (!before.time().exact() && !after.time().exact()) {
    changes.window("time: bucket_ms", before.time().bucket_ms(), after.time().bucket_ms());
  }
  diff_rate(before, after, changes);
  diff_aggregate(before, after, changes);
}

}  // namespace sudare
