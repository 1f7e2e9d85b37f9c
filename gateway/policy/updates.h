// What became of the policies that came over the air.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/literal.h"

namespace sudare {

// Of one: eight times the default policy. Announced to the cloud broker, and the most that is kept
// of what it sends.
inline constexpr std::size_t kPolicyOverAirBytesMax = 256 * 1024;

// Why one was refused. The policy in force stays, whatever it is.
enum class PolicyRefusal : std::uint8_t {
  kNone,
  kSignatures,    // not signed by enough of those whom the ceiling names, or not of this text
  kChecks,        // does not load under the ceiling: what `sudare policy check` says
  kSuperseded,    // a greater serial was in force
  kOtherText,     // another text than the one that was in force under this serial
  kCertificates,  // a certificate older than one purpose's oldest that was in force
  kNotYet,        // begins on a later day; looked at again then
  kExpired,
  kNotKept,  // the disk does not take it; tried again
  kTooMany,  // more came than are looked at; nothing of it was read
};
inline constexpr std::size_t kPolicyRefusalCount = 10;
[[nodiscard]] constexpr Literal literal_of(PolicyRefusal refusal) {
  switch (refusal) {
    case PolicyRefusal::kNone: return "none";
    case PolicyRefusal::kSignatures: return "signatures";
    case PolicyRefusal::kChecks: return "checks";
    case PolicyRefusal::kSuperseded: return "superseded";
    case PolicyRefusal::kOtherText: return "other_text";
    case PolicyRefusal::kCertificates: return "certificates";
    case PolicyRefusal::kNotYet: return "not_yet";
    case PolicyRefusal::kExpired: return "expired";
    case PolicyRefusal::kNotKept: return "not_kept";
    case PolicyRefusal::kTooMany: return "too_many";
  }
  return "unknown";
}

// Since the start.
struct PolicyUpdates {
  std::uint64_t taken = 0;
  std::array<std::uint64_t, kPolicyRefusalCount> refused{};
};

}  // namespace sudare
