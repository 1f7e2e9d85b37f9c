#include "fleet/diff/policy_diff.h"

#include <algorithm>
#include <map>

#include "fleet/diff/changes.h"

namespace sudare {
namespace {

std::string day_or_open(const std::string& day) { return day.empty() ? "open" : day; }

// Days as they are written sort as text.
void diff_header(const v1::Policy& before, const v1::Policy& after, Changes& changes) {
  changes.at("");
  changes.number("language", before.language(), after.language(), DiffEffect::kMore);
  if (after.serial() <= before.serial()) {
    changes.add(DiffEffect::kOther, "serial " + std::to_string(after.serial()) + " is not above " +
                                        std::to_string(before.serial()) +
                                        ": cars that have the old version don't take it");
  }
  if (after.not_after() != before.not_after()) {
    changes.add(after.not_after() > before.not_after() ? DiffEffect::kMore : DiffEffect::kLess,
                "not_after " + after.not_after() + ", was " + before.not_after());
  }
  if (after.not_before() != before.not_before()) {
    changes.add(after.not_before() < before.not_before() ? DiffEffect::kMore : DiffEffect::kLess,
                "not_before " + day_or_open(after.not_before()) + ", was " +
                    day_or_open(before.not_before()));
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
      const Changes::OfSomethingNew all_of_it(changes);
      diff_purpose(v1::Purpose(), purpose, changes);
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

bool names_car(const v1::Policy& policy) {
  return std::any_of(policy.source().begin(), policy.source().end(),
                     [](const v1::Source& one) { return !one.identity_field().empty(); });
}

std::set<std::string> held_back(const v1::Policy& policy) {
  std::set<std::string> purposes;
  for (const v1::Source& source : policy.source()) {
    for (const v1::Release& release : source.release()) {
      if (release.location().has_hold_back()) purposes.insert(release.to());
    }
  }
  return purposes;
}

void new_source(const v1::Source& source, const WholePolicies& whole, Changes& changes) {
  changes.at(source.topic());
  changes.add(source.release().empty() ? DiffEffect::kOther : DiffEffect::kMore,
              source.release().empty() ? "a new source, which releases nothing" : "a new source");
  const Changes::OfSomethingNew all_of_it(changes);
  diff_source(v1::Source(), source, whole, changes);
}

void source_gone(const v1::Source& source, const WholePolicies& whole, Changes& changes) {
  changes.at(source.topic());
  changes.add(source.release().empty() ? DiffEffect::kOther : DiffEffect::kLess,
              source.release().empty() ? "a source that released nothing is gone"
                                       : "the source is gone: nothing is released any more");
  diff_for_all(source, v1::Source(), whole, changes);
  for (const v1::Release& release : source.release()) {
    release_gone(release, source.topic(), whole, changes);
  }
}

void diff_sources(const v1::Policy& before, const v1::Policy& after, Changes& changes) {
  const WholePolicies whole{names_car(before), held_back(after)};
  std::map<std::string, const v1::Source*> gone;
  for (const v1::Source& source : before.source()) gone.emplace(source.topic(), &source);
  for (const v1::Source& source : after.source()) {
    const auto old = gone.find(source.topic());
    if (old == gone.end()) {
      new_source(source, whole, changes);
      continue;
    }
    diff_source(*old->second, source, whole, changes);
    gone.erase(old);
  }
  for (const auto& [topic, source] : gone) source_gone(*source, whole, changes);
}

}  // namespace

std::vector<PolicyChange> diff_policies(const v1::Policy& before, const v1::Policy& after) {
  std::vector<PolicyChange> all;
  Changes changes(all);
  diff_header(before, after, changes);
  diff_purposes(before, after, changes);
  diff_sources(before, after, changes);
  return all;
}

}  // namespace sudare
