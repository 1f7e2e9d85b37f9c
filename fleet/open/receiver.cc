#include "fleet/open/receiver.h"

#include <algorithm>
#include <limits>

namespace sudare {

bool Receiver::insert(Ranges& ranges, std::uint64_t first, std::uint64_t end) {
  if (first >= end) return false;
  bool overlap = false;
  auto next = ranges.upper_bound(first);
  if (next != ranges.begin()) {
    auto before = std::prev(next);
    if (before->second >= first) {
      overlap = before->second > first;
      first = before->first;
      end = std::max(end, before->second);
      ranges.erase(before);
    }
  }
  while (next != ranges.end() && next->first <= end) {
    overlap = overlap || next->first < end;
    end = std::max(end, next->second);
    next = ranges.erase(next);
  }
  if (ranges.size() < kRangesMax) ranges.emplace(first, end);
  return overlap;
}

void Receiver::note_missing(const v1::Batch& batch, Ranges& lost) {
  for (const v1::MissingRange& range : batch.missing()) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - range.first_record();
    const std::uint64_t count = std::min(range.record_count(), room);
    insert(lost, range.first_record(), range.first_record() + count);
    switch (range.reason()) {
      case v1::MissingRange::EVICTED: counts_.evicted += count; break;
      case v1::MissingRange::EXPIRED: counts_.expired += count; break;
      case v1::MissingRange::QUARANTINED: counts_.quarantined += count; break;
      case v1::MissingRange::WITHDRAWN: counts_.withdrawn += count; break;
      default: break;
    }
  }
}

bool Receiver::is_duplicate(const std::string& batch_id) {
  if (!seen_.insert(batch_id).second) return true;
  seen_order_.push_back(batch_id);
  if (seen_order_.size() > kBatchIdsMax) {
    seen_.erase(seen_order_.front());
    seen_order_.pop_front();
  }
  return false;
}

Arrival Receiver::take(const VerifiedBatch& verified) {
  const v1::Batch& batch = verified.batch;
  ++counts_.files;
  if (is_duplicate(batch.batch_id())) {
    ++counts_.duplicates;
    return Arrival::kDuplicate;
  }
  const auto records = static_cast<std::uint64_t>(batch.records_size() + batch.chunks_size());
  ++counts_.batches;
  counts_.records += records;
  switch (verified.verified) {
    case Verified::kNone: counts_.verified_none += records; return Arrival::kNew;
    case Verified::kSelf: counts_.verified_self += records; break;
    case Verified::kMember: counts_.verified_member += records; break;
  }
  const auto known = pseudonyms_.find(batch.pseudonym());
  if (known == pseudonyms_.end() && pseudonyms_.size() >= kPseudonymsMax) {
    ++counts_.unfollowed;
    return Arrival::kNew;
  }
  Sender& sender = known != pseudonyms_.end() ? known->second : pseudonyms_[batch.pseudonym()];
  if (sender.arrived.size() >= kRangesMax) ++counts_.unfollowed;
  const bool overlap = insert(sender.arrived, batch.first_record(), batch.first_record() + records);
  note_missing(batch, sender.lost);
  if (!overlap) return Arrival::kNew;
  ++counts_.forks;
  if (forks_.size() < kForksToldMax) {
    forks_.push_back({batch.pseudonym(), batch.first_record(), records});
  }
  return Arrival::kFork;
}

void Receiver::take_failure(const Error& error) {
  ++counts_.files;
  ++counts_.failed;
  ++counts_.failures[std::string(error.what.view())];
}

std::vector<Gap> Receiver::gaps() const {
  std::vector<Gap> found;
  for (const auto& [pseudonym, sender] : pseudonyms_) {
    Ranges ranges = sender.arrived;
    for (const auto& [first, end] : sender.lost) insert(ranges, first, end);
    std::uint64_t expected = 0;
    for (const auto& [first, end] : ranges) {
      if (first > expected) found.push_back({pseudonym, expected, first - expected});
      expected = end;
    }
  }
  return found;
}

bool Receiver::clean() const { return counts_.failed == 0 && counts_.forks == 0 && gaps().empty(); }

}  // namespace sudare
