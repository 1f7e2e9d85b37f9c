#include "gateway/account.h"

namespace sudare {

Literal literal_of(Fate fate) {
  switch (fate) {
    case Fate::kDropped: return "dropped";
    case Fate::kRejected: return "rejected";
    case Fate::kDuplicate: return "duplicate";
    case Fate::kNotConsented: return "not_consented";
    case Fate::kHeldBack: return "held_back";
    case Fate::kQueued: return "queued";
    case Fate::kDelivered: return "delivered";
    case Fate::kEvicted: return "evicted";
    case Fate::kExpired: return "expired";
    case Fate::kQuarantined: return "quarantined";
  }
  return "unknown";
}

Literal literal_of(Reason reason) {
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kNoRule: return "no_rule";
    case Reason::kNotMoved: return "not_moved";
    case Reason::kTooSoon: return "too_soon";
    case Reason::kNothingLeft: return "nothing_left";
    case Reason::kRestart: return "restart";
    case Reason::kUnknownTopic: return "unknown_topic";
    case Reason::kRetained: return "retained";
    case Reason::kTooLarge: return "too_large";
    case Reason::kMalformed: return "malformed";
    case Reason::kTooDeep: return "too_deep";
    case Reason::kNoPolicy: return "no_policy";
    case Reason::kPolicyExpired: return "policy_expired";
    case Reason::kClockUnknown: return "clock_unknown";
    case Reason::kBadPosition: return "bad_position";
    case Reason::kBadTime: return "bad_time";
    case Reason::kNoPseudonym: return "no_pseudonym";
    case Reason::kNotProvisioned: return "not_provisioned";
    case Reason::kSealFailed: return "seal_failed";
    case Reason::kTripEnd: return "trip_end";
    case Reason::kHeldTooLong: return "held_too_long";
    case Reason::kAggregated: return "aggregated";
    case Reason::kNoEvent: return "no_event";
    case Reason::kClipRefused: return "clip_refused";
    case Reason::kClipFindings: return "clip_findings";
    case Reason::kClipFailed: return "clip_failed";
    case Reason::kClipTooLarge: return "clip_too_large";
    case Reason::kTooFarAhead: return "too_far_ahead";
    case Reason::kNoRecipient: return "no_recipient";
    case Reason::kUnitMoved: return "unit_moved";
  }
  return "unknown";
}

namespace {

std::int64_t& count_of(FateCounts& counts, Fate fate) {
  return counts.by_fate.at(static_cast<std::size_t>(fate));
}

FateCounts& counts_of(Account& account, std::string_view purpose) {
  const auto found = account.purposes.find(purpose);
  if (found != account.purposes.end()) return found->second;
  return account.purposes[std::string(purpose)];
}

}  // namespace

bool FateCounts::adds_up() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : by_fate) sum += count;
  return sum == static_cast<std::int64_t>(taken);
}

FateCounts& FateCounts::operator+=(const FateCounts& other) {
  taken += other.taken;
  for (std::size_t i = 0; i < kFateCount; ++i) by_fate[i] += other.by_fate[i];
  for (std::size_t i = 0; i < kReasonCount; ++i) by_reason[i] += other.by_reason[i];
  return *this;
}

void Account::take(std::string_view purpose, Fate fate, Reason reason, std::uint64_t rows) {
  FateCounts& counts = counts_of(*this, purpose);
  counts.taken += rows;
  count_of(counts, fate) += static_cast<std::int64_t>(rows);
  if (reason != Reason::kNone) counts.by_reason.at(static_cast<std::size_t>(reason)) += rows;
}

void Account::move(std::string_view purpose, Fate from, Fate to, std::uint64_t rows) {
  FateCounts& counts = counts_of(*this, purpose);
  count_of(counts, from) -= static_cast<std::int64_t>(rows);
  count_of(counts, to) += static_cast<std::int64_t>(rows);
}

FateCounts Account::total() const {
  FateCounts sum;
  for (const auto& [purpose, counts] : purposes) sum += counts;
  return sum;
}

bool Account::adds_up() const {
  for (const auto& [purpose, counts] : purposes) {
    if (!counts.adds_up()) return false;
  }
  return true;
}

Account& Account::operator+=(const Account& other) {
  for (const auto& [purpose, counts] : other.purposes) counts_of(*this, purpose) += counts;
  return *this;
}

}  // namespace sudare
