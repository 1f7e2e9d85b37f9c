// Collects changes, and the comparisons that purposes and sources share. Part of policy_diff.h.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleet/diff/policy_diff.h"

namespace sudare {

class Changes {
 public:
  explicit Changes(std::vector<PolicyChange>& all) : all_(all) {}

  // Of what the next changes are.
  void at(std::string where) { where_ = std::move(where); }
  void add(DiffEffect effect, std::string text) {
    all_.push_back({effect, where_, std::move(text)});
  }

  // Which effect a larger number has; a smaller one has the opposite.
  void number(const std::string& name, std::uint64_t before, std::uint64_t after,
              DiffEffect larger);
  // The same, where 0 stands for "none at all", which lets through more than any number.
  void bound(const std::string& name, std::uint64_t before, std::uint64_t after, DiffEffect larger);
  // A switch; `on`: the effect of turning it on.
  void flag(const std::string& name, bool before, bool after, DiffEffect on);
  // Cells; CELL_UNSPECIFIED means `none`: no position at all (kLess), or no such rule (kMore).
  void cell(const std::string& name, v1::Cell before, v1::Cell after, DiffEffect none);
  // What is only in one of them; `added`: the effect of adding one.
  void names(const std::string& name, const std::set<std::string>& before,
             const std::set<std::string>& after, DiffEffect added);
  void differ(const std::string& name, const std::string& before, const std::string& after,
              DiffEffect effect);

 private:
  std::vector<PolicyChange>& all_;
  std::string where_;
};

[[nodiscard]] inline DiffEffect opposite(DiffEffect effect) {
  if (effect == DiffEffect::kOther) return effect;
  return effect == DiffEffect::kMore ? DiffEffect::kLess : DiffEffect::kMore;
}

// diff_purpose.cc: one purpose of this name in both.
void diff_purpose(const v1::Purpose& before, const v1::Purpose& after, Changes& changes);
// diff_source.cc: the releases of one topic; and what of it matters to all of them.
void diff_source(const v1::Source& before, const v1::Source& after, Changes& changes);

}  // namespace sudare
