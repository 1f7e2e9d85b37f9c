// The policies of the pipeline's seeds, one after the other on the same unit, and the keys that
// open what leaves it. Made once per process, the same in each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/open/identity.h"
#include "gateway/pipeline.h"
#include "gateway/policy/policy.h"

namespace sudare::faults {

inline constexpr std::int64_t kStartDay = 19'723;  // 2024-01-01, as testkit::ManualClock

// Of these, every message that may leave does, unless the account says otherwise; of others, the
// minimiser decides.
inline constexpr const char* kExactPurposes[] = {"open", "asked", "plain", "emergency"};
inline constexpr const char* kOptIn = "asked";
inline constexpr const char* kEssential = "emergency";
inline constexpr const char* kConsentTopic = "vehicle/consent";
inline constexpr const char* kProducerName = "app";

struct Plan {
  std::vector<std::unique_ptr<const Policy>> policies;
  std::map<std::string, std::vector<age::open_side::Identity>> keys;  // by purpose

  // Borrowed: the plan outlives every pipeline.
  [[nodiscard]] PolicyInUse policy(std::size_t index) const;
};

[[nodiscard]] const Plan& plan();

// What libsodium gives from now on follows from `seed`; until the process ends.
void make_randomness_follow(std::uint64_t seed);

}  // namespace sudare::faults
