// What a new version of a policy releases more or less than the one before, in words: for who signs
// it. Both have passed the check.
//
// Less is only what certainly is: fewer records, or what follows from what the old version
// released. What can't be compared, and what lets out other records in their place, counts as more:
// a signer must look at it. Cells that are larger count as less for the 30 m of hysteresis at their
// borders. What an allowance, a quota or its age kept in the car counts as released: it was meant
// to be. Not judged: what two changes tell together, and how a schema that a policy names has
// changed.
#pragma once

#include <string>
#include <vector>

#include "sudare/v1/policy.pb.h"

namespace sudare {

enum class DiffEffect { kMore, kLess, kOther };

struct PolicyChange {
  DiffEffect effect = DiffEffect::kOther;
  std::string where;  // "purpose traffic"; "vehicle/position to traffic"; empty: the policy
  std::string text;   // "cell M1000, was M2000"
};

// In the order of the new version; what is gone comes last in its place.
[[nodiscard]] std::vector<PolicyChange> diff_policies(const v1::Policy& before,
                                                      const v1::Policy& after);

}  // namespace sudare
