// The account (docs/design.md, section 6). Its unit is a row: (message, purpose), one per purpose
// that names the message's topic, or one with no purpose; a clip that a purpose takes is a row per
// piece, one that it does not take is one row. Every row that was taken is in exactly
// one fate.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/literal.h"

namespace sudare {

enum class Fate : std::uint8_t {
  kDropped,       // by rule: not moved, too soon, no field left, restart while held back
  kRejected,      // unparsable, too large, retained, unknown topic, no valid policy
  kDuplicate,     // a sequence number that was seen
  kNotConsented,  // consent missing, or withdrawn while queued
  kHeldBack,      // waits in memory for clearance
  kQueued,        // in the outbox
  kDelivered,     // the cloud broker acknowledged it
  kEvicted,       // the store was full
  kExpired,       // older than the purpose's keep_hours
  kQuarantined,   // its row was damaged
};
inline constexpr std::size_t kFateCount = 10;

// "dropped", "rejected", ... as status, metrics and the demo print them.
[[nodiscard]] Literal literal_of(Fate fate);

// Why a row met its fate, for metrics and `--explain`. A row's reason is counted beside its fate.
enum class Reason : std::uint8_t {
  kNone,
  kNoRule,
  kNotMoved,
  kTooSoon,
  kNothingLeft,
  kRestart,
  kUnknownTopic,
  kRetained,
  kTooLarge,
  kMalformed,
  kTooDeep,
  kNoPolicy,
  kPolicyExpired,
  kClockUnknown,
  kBadPosition,
  kBadTime,
  kNoPseudonym,
  kNotProvisioned,
  kSealFailed,
  kTripEnd,       // within the cells around where a trip began or ended
  kHeldTooLong,   // so much waits in one neighbourhood that this one was thinned out
  kAggregated,    // became part of a total that goes out later
  kNoEvent,       // a clip that no event named in time
  kClipRefused,   // sudare-clip can't rebuild it
  kClipFindings,  // what it rebuilt was found to hold what may not leave
  kClipFailed,    // all attempts failed, not by the clip's fault
  kClipTooLarge,  // more than the store holds
  kTooFarAhead,   // of what is missing before it (gateway/receipts): its producer sends it again
  kNoRecipient,   // no certificate of the purpose holds today
  kUnitMoved,     // the unit is in another car (gateway/car)
};
inline constexpr std::size_t kReasonCount = 30;
[[nodiscard]] Literal literal_of(Reason reason);

struct FateCounts {
  std::uint64_t taken = 0;
  std::array<std::int64_t, kFateCount> by_fate{};  // as deltas may be negative (queued → delivered)
  std::array<std::uint64_t, kReasonCount> by_reason{};

  // taken equals the sum of all fates.
  [[nodiscard]] bool adds_up() const;
  FateCounts& operator+=(const FateCounts& other);
};

// By name of purpose; "" is the row for none. Also used for deltas within a commit.
struct Account {
  std::map<std::string, FateCounts, std::less<>> purposes;

  // One row taken and settled (or queued) in one step.
  void take(std::string_view purpose, Fate fate, Reason reason = Reason::kNone,
            std::uint64_t rows = 1);
  // Rows that change their fate: queued → delivered.
  void move(std::string_view purpose, Fate from, Fate to, std::uint64_t rows);
  [[nodiscard]] FateCounts total() const;
  [[nodiscard]] bool adds_up() const;
  Account& operator+=(const Account& other);
};

}  // namespace sudare
