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
  void add(DiffEffect effect, std::string text);

  // While one lives, what is compared is new as a whole, with an empty message before it: nothing
  // in it counts as less, and a bound that is not there is told.
  class OfSomethingNew {
   public:
    explicit OfSomethingNew(Changes& changes) : changes_(changes), outer_(changes.is_new_) {
      changes_.is_new_ = true;
    }
    ~OfSomethingNew() { changes_.is_new_ = outer_; }
    OfSomethingNew(const OfSomethingNew&) = delete;
    OfSomethingNew& operator=(const OfSomethingNew&) = delete;

   private:
    Changes& changes_;
    bool outer_;
  };

  [[nodiscard]] bool is_new() const { return is_new_; }

  // Which effect a larger number has; a smaller one has the opposite.
  void number(const std::string& name, std::uint64_t before, std::uint64_t after,
              DiffEffect larger);
  // What a window or bucket of time puts together: one that is a multiple of the old one tells
  // less; two that lie across each other may tell together what either hid. 0: none.
  void window(const std::string& name, std::uint64_t before, std::uint64_t after);
  // As number(), where 0 stands for "none at all", which lets through more than any number.
  void bound(const std::string& name, std::uint64_t before, std::uint64_t after, DiffEffect larger);
  // A switch; `on`: the effect of turning it on.
  void flag(const std::string& name, bool before, bool after, DiffEffect on);
  // Cells; CELL_UNSPECIFIED means `none`: no position at all (kLess), or no such rule (kMore).
  // `never_less`: other records leave as well.
  void cell(const std::string& name, v1::Cell before, v1::Cell after, DiffEffect none,
            bool never_less);
  // What is only in one of them; `added`: the effect of adding one.
  void names(const std::string& name, const std::set<std::string>& before,
             const std::set<std::string>& after, DiffEffect added);
  void differ(const std::string& name, const std::string& before, const std::string& after,
              DiffEffect effect);

 private:
  // "name after, was before"
  [[nodiscard]] std::string was(const std::string& name, const std::string& before,
                                const std::string& after) const;

  std::vector<PolicyChange>& all_;
  std::string where_;
  bool is_new_ = false;
};

[[nodiscard]] inline DiffEffect opposite(DiffEffect effect) {
  if (effect == DiffEffect::kOther) return effect;
  return effect == DiffEffect::kMore ? DiffEffect::kLess : DiffEffect::kMore;
}

// diff_purpose.cc: one purpose of this name in both.
void diff_purpose(const v1::Purpose& before, const v1::Purpose& after, Changes& changes);
// What one source's changes mean rests on all.
struct WholePolicies {
  bool car_was_named = false;       // some source of the old one has an identity_field
  std::set<std::string> held_back;  // purposes that have a hold-back in the new one
};
// diff_source.cc: one topic, with its releases.
void diff_source(const v1::Source& before, const v1::Source& after, const WholePolicies& whole,
                 Changes& changes);
// Of a release that the new policy does not have, at `topic`.
void release_gone(const v1::Release& release, const std::string& topic, const WholePolicies& whole,
                  Changes& changes);
// Of that, what the whole car rests on: who it is, what day it is, whether it is driven, its clips.
void diff_for_all(const v1::Source& before, const v1::Source& after, const WholePolicies& whole,
                  Changes& changes);
// diff_release.cc: what one source releases to one purpose.
void diff_release(const v1::Release& before, const v1::Release& after, Changes& changes);

}  // namespace sudare
