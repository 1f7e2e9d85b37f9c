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

void Receiver::insert(Ranges& ranges, const RecordSpan& span) {
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - span.first;
  insert(ranges, span.first, span.first + std::min(span.count, room));
}

std::uint64_t Receiver::common(const Ranges& ranges, std::uint64_t first, std::uint64_t end) {
  std::uint64_t found = 0;
  auto next = ranges.upper_bound(first);
  if (next != ranges.begin()) --next;
  for (; next != ranges.end() && next->first < end; ++next) {
    const std::uint64_t from = std::max(first, next->first);
    const std::uint64_t to = std::min(end, next->second);
    if (from < to) found += to - from;
  }
  return found;
}

void Receiver::take_missing(const v1::Batch& batch, Ranges* told) {
  for (const v1::MissingRange& range : batch.missing()) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - range.first_record();
    std::uint64_t count = std::min(range.record_count(), room);
    if (told != nullptr) {
      const std::uint64_t end = range.first_record() + count;
      count -= common(*told, range.first_record(), end);
      insert(*told, range.first_record(), end);
    }
    switch (range.reason()) {
      case v1::MissingRange::EVICTED: counts_.evicted += count; break;
      case v1::MissingRange::EXPIRED: counts_.expired += count; break;
      case v1::MissingRange::QUARANTINED: counts_.quarantined += count; break;
      case v1::MissingRange::WITHDRAWN: counts_.withdrawn += count; break;
      default: break;
    }
  }
}

Received received_of(const VerifiedBatch& verified) {
  const v1::Batch& batch = verified.batch;
  Received received;
  received.batch_id = batch.batch_id();
  if (verified.verified == Verified::kNone) return received;
  received.pseudonym = batch.pseudonym();
  received.first = batch.first_record();
  received.count = static_cast<std::uint64_t>(batch.records_size() + batch.chunks_size());
  for (const v1::MissingRange& range : batch.missing()) {
    received.lost.push_back({range.first_record(), range.record_count()});
  }
  return received;
}

Receiver::Sender* Receiver::sender_of(const std::string& pseudonym) {
  const auto known = pseudonyms_.find(pseudonym);
  if (known != pseudonyms_.end()) return &known->second;
  return pseudonyms_.size() >= kPseudonymsMax ? nullptr : &pseudonyms_[pseudonym];
}

void Receiver::remember(const Received& received) {
  if (!received.batch_id.empty()) (void)is_duplicate(received.batch_id);
  if (received.pseudonym.empty()) return;
  Sender* const sender = sender_of(received.pseudonym);
  if (sender == nullptr) return;
  insert(sender->arrived, {received.first, received.count});
  for (const RecordSpan& span : received.lost) insert(sender->lost, span);
}

void Receiver::for_each_remembered(const std::function<void(const Received&)>& each) const {
  for (const std::string& batch_id : seen_order_) each({batch_id, {}, 0, 0, {}});
  for (const auto& [pseudonym, sender] : pseudonyms_) {
    for (const auto& [first, end] : sender.arrived) each({{}, pseudonym, first, end - first, {}});
    for (const auto& [first, end] : sender.lost) {
      each({{}, pseudonym, 0, 0, {{first, end - first}}});
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
  Sender* const sender = sender_of(batch.pseudonym());
  take_missing(batch, sender == nullptr ? nullptr : &sender->lost);
  if (sender == nullptr) {
    ++counts_.unfollowed;
    return Arrival::kNew;
  }
  if (std::max(sender->arrived.size(), sender->lost.size()) >= kRangesMax) ++counts_.unfollowed;
  const std::uint64_t first = batch.first_record();
  const bool overlap = insert(sender->arrived, first, first + records);
  if (!overlap) return Arrival::kNew;
  ++counts_.forks;
  if (forks_.size() < kForksToldMax) {
    forks_.push_back({batch.pseudonym(), first, records});
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

std::uint64_t Receiver::missing_arrived() const {
  std::uint64_t found = 0;
  for (const auto& [pseudonym, sender] : pseudonyms_) {
    for (const auto& [first, end] : sender.lost) found += common(sender.arrived, first, end);
  }
  return found;
}

bool Receiver::clean() const { return counts_.failed == 0 && counts_.forks == 0 && gaps().empty(); }

}  // namespace sudare
