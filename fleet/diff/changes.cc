#include "fleet/diff/changes.h"

#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

std::string number_text(std::uint64_t number) {
  return number == 0 ? std::string("none") : std::to_string(number);
}

}  // namespace

void Changes::add(DiffEffect effect, std::string text) {
  if (is_new_ && effect == DiffEffect::kLess) effect = DiffEffect::kMore;
  all_.push_back({effect, where_, std::move(text)});
}

std::string Changes::was(const std::string& name, const std::string& before,
                         const std::string& after) const {
  return name + " " + after + (is_new_ ? std::string() : ", was " + before);
}

void Changes::number(const std::string& name, std::uint64_t before, std::uint64_t after,
                     DiffEffect larger) {
  if (before == after) return;
  add(after > before ? larger : opposite(larger),
      was(name, std::to_string(before), std::to_string(after)));
}

void Changes::window(const std::string& name, std::uint64_t before, std::uint64_t after) {
  if (before == after) return;
  const bool less = after != 0 && (before == 0 || after % before == 0);
  add(less ? DiffEffect::kLess : DiffEffect::kMore,
      was(name, number_text(before), number_text(after)));
}

void Changes::bound(const std::string& name, std::uint64_t before, std::uint64_t after,
                    DiffEffect larger) {
  if (before != 0 && after != 0) return number(name, before, after, larger);
  if (before == after && !(is_new_ && after == 0)) return;
  add(after == 0 ? DiffEffect::kMore : DiffEffect::kLess,
      was(name, number_text(before), number_text(after)));
}

void Changes::flag(const std::string& name, bool before, bool after, DiffEffect on) {
  if (before == after) return;
  add(after ? on : opposite(on), was(name, before ? "true" : "false", after ? "true" : "false"));
}

void Changes::cell(const std::string& name, v1::Cell before, v1::Cell after, DiffEffect none,
                   bool never_less) {
  const bool no_rule = after == v1::CELL_UNSPECIFIED && none == DiffEffect::kMore;
  if (before == after && !(is_new_ && no_rule)) return;
  const auto text = [](v1::Cell cell) {
    return cell == v1::CELL_UNSPECIFIED ? std::string("none") : v1::Cell_Name(cell);
  };
  DiffEffect effect = no_finer(after, before) ? DiffEffect::kLess : DiffEffect::kMore;
  if (before == v1::CELL_UNSPECIFIED) effect = opposite(none);
  if (after == v1::CELL_UNSPECIFIED) effect = none;
  if (never_less) effect = DiffEffect::kMore;
  add(effect, was(name, text(before), text(after)));
}

void Changes::names(const std::string& name, const std::set<std::string>& before,
                    const std::set<std::string>& after, DiffEffect added) {
  for (const std::string& one : after) {
    if (before.count(one) == 0) add(added, name + " " + one + (is_new_ ? "" : " is new"));
  }
  for (const std::string& one : before) {
    if (after.count(one) == 0) add(opposite(added), name + " " + one + " is gone");
  }
}

void Changes::differ(const std::string& name, const std::string& before, const std::string& after,
                     DiffEffect effect) {
  if (before == after) return;
  add(effect, was(name, before.empty() ? "none" : before, after.empty() ? "none" : after));
}

}  // namespace sudare
