#include "fleet/diff/policy_diff.h"

#include <map>

#include "fleet/diff/changes.h"
#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

std::string was(const std::string& name, const std::string& before, const std::string& after) {
  return name + " " + after + ", was " + before;
}

// Days as they are written sort as text.
void diff_header(const v1::Policy& before, const v1::Policy& after, Changes& changes) {
  changes.at("");
  if (after.serial() <= before.serial()) {
    changes.add(DiffEffect::kOther, "serial " + std::to_string(after.serial()) + " is not above " +
                                        std::to_string(before.serial()) +
                                        ": cars that have the old version don't take it");
  }
  if (after.not_after() != before.not_after()) {
    changes.add(after.not_after() > before.not_after() ? DiffEffect::kMore : DiffEffect::kLess,
                was("not_after", before.not_after(), after.not_after()));
  }
  if (after.not_before() != before.not_before()) {
    changes.add(after.not_before() < before.not_before() ? DiffEffect::kMore : DiffEffect::kLess,
                was("not_before", before.not_before().empty() ? "open" : before.not_before(),
                    after.not_before().empty() ? "open" : after.not_before()));
  }
}

void diff_purposes(const v1::Policy& before, const v1::Policy& after, Changes& changes) {
  std::map<std::string, const v1::Purpose*> gone;
  for (const v1::Purpose& purpose : before.purpose()) gone.emplace(purpose.name(), &purpose);
  for (const v1::Purpose& purpose : after.purpose()) {
    const auto old = gone.find(purpose.name());
    changes.at("purpose " + purpose.name());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore, "a new purpose");
      continue;
    }
    diff_purpose(*old->second, purpose, changes);
    gone.erase(old);
  }
  for (const auto& [name, purpose] : gone) {
    changes.at("purpose " + name);
    changes.add(DiffEffect::kLess, "the purpose is gone");
  }
}

void source_alone(const v1::Source& source, DiffEffect effect, Changes& changes) {
  const bool added = effect == DiffEffect::kMore;
  changes.at(source.topic());
  if (source.release().empty()) {
    changes.add(DiffEffect::kOther, added ? "a new source, which releases nothing"
                                          : "a source that released nothing is gone");
  }
  for (const v1::Release& release : source.release()) {
    changes.at(source.topic() + " to " + release.to());
    changes.add(effect, added ? "a new source: " + std::to_string(release.field_size()) +
                                    " field(s) are released"
                              : "the source is gone: nothing is released any more");
  }
}

void diff_sources(const v1::Policy& before, const v1::Policy& after, Changes& changes) {
  std::map<std::string, const v1::Source*> gone;
  for (const v1::Source& source : before.source()) gone.emplace(source.topic(), &source);
  for (const v1::Source& source : after.source()) {
    const auto old = gone.find(source.topic());
    if (old == gone.end()) {
      source_alone(source, DiffEffect::kMore, changes);
      continue;
    }
    diff_source(*old->second, source, changes);
    gone.erase(old);
  }
  for (const auto& [topic, source] : gone) source_alone(*source, DiffEffect::kLess, changes);
}

}  // namespace

void Changes::number(const std::string& name, std::uint64_t before, std::uint64_t after,
                     DiffEffect larger) {
  if (before == after) return;
  add(after > before ? larger : opposite(larger),
      was(name, std::to_string(before), std::to_string(after)));
}

void Changes::bound(const std::string& name, std::uint64_t before, std::uint64_t after,
                    DiffEffect larger) {
  if (before != 0 && after != 0) return number(name, before, after, larger);
  if (before == after) return;
  add(after == 0 ? DiffEffect::kMore : DiffEffect::kLess,
      was(name, before == 0 ? "none" : std::to_string(before),
          after == 0 ? "none" : std::to_string(after)));
}

void Changes::flag(const std::string& name, bool before, bool after, DiffEffect on) {
  if (before == after) return;
  add(after ? on : opposite(on), was(name, before ? "true" : "false", after ? "true" : "false"));
}

void Changes::cell(const std::string& name, v1::Cell before, v1::Cell after, DiffEffect none) {
  if (before == after) return;
  const auto text = [](v1::Cell cell) {
    return cell == v1::CELL_UNSPECIFIED ? std::string("none") : v1::Cell_Name(cell);
  };
  DiffEffect effect = no_finer(after, before) ? DiffEffect::kLess : DiffEffect::kMore;
  if (before == v1::CELL_UNSPECIFIED) effect = opposite(none);
  if (after == v1::CELL_UNSPECIFIED) effect = none;
  add(effect, was(name, text(before), text(after)));
}

void Changes::names(const std::string& name, const std::set<std::string>& before,
                    const std::set<std::string>& after, DiffEffect added) {
  for (const std::string& one : after) {
    if (before.count(one) == 0) add(added, name + " " + one + " is new");
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

std::vector<PolicyChange> diff_policies(const v1::Policy& before, const v1::Policy& after) {
  std::vector<PolicyChange> all;
  Changes changes(all);
  diff_header(before, after, changes);
  diff_purposes(before, after, changes);
  diff_sources(before, after, changes);
  return all;
}

}  // namespace sudare
