#include "sim/fleet/memory_store.h"

#include <algorithm>

#include "gateway/store/row.h"

namespace sudare::sim::fleet {

namespace {

std::int64_t rank_of(const SealedMeta& meta) {
  return sudare::rank_of(meta.essential, meta.priority);
}

}  // namespace

Status MemoryStore::check(const CommitGroup& group) const {
  if (!group.account.adds_up()) {
    return fail(ErrorCode::kInternal, "commit: the account's deltas do not add up");
  }
  if (group.release_held || group.drop_held) {
    return fail(ErrorCode::kUnsupported, "commit: a simulated car takes no clips");
  }
  std::uint64_t bytes = bytes_;
  for (const RowId id : group.replaced) {
    if (const auto row = rows_.find(id); row != rows_.end()) bytes -= row->second.bytes.size();
  }
  for (const Sealed& row : group.add) {
    if (row.meta().held) {
      return fail(ErrorCode::kUnsupported, "commit: a simulated car takes no clips");
    }
    if (row.meta().id < next_id_) {
      return fail(ErrorCode::kInternal, "commit: a row id that was used before");
    }
    bytes += row.bytes().size();
  }
  if (bytes > bytes_max_) return fail(ErrorCode::kFull, "commit: the queue is full");
  return Done{};
}

Result<CommitSummary> MemoryStore::commit(const CommitGroup& group) {
  TRY(check(group));
  account_ += group.account;
  for (const RowId id : group.replaced) {
    remove(id, Fate::kQueued, sudare::v1::MissingRange::UNSPECIFIED);
  }
  for (const RowId id : group.released) {
    if (const auto row = rows_.find(id); row != rows_.end()) row->second.meta.fragment = false;
  }
  for (const RowId id : group.delivered) {
    remove(id, Fate::kDelivered, sudare::v1::MissingRange::UNSPECIFIED);
  }
  for (const RowId id : group.damaged) {
    remove(id, Fate::kQuarantined, sudare::v1::MissingRange::QUARANTINED);
  }
  for (const std::string& purpose : group.withdrawn) withdraw(purpose);
  for (const MissingRecords& told : group.reported) {
    const auto ranges = missing_.find({told.purpose, told.epoch_days, told.epoch});
    if (ranges == missing_.end()) continue;
    remove_missing(ranges->second, {told.records.first, told.records.count, told.reason});
  }
  for (const Sealed& row : group.add) add(row);
  for (const StateEntry& entry : group.state) {
    const StateKey key{entry.module.view(), entry.key};
    if (entry.value.empty()) {
      states_.erase(key);
    } else {
      states_[key] = entry.value;
    }
  }
  return CommitSummary{};
}

void MemoryStore::add(const Sealed& sealed) {
  const RowId id = sealed.meta().id;
  next_id_ = std::max(next_id_, id + 1);
  bytes_ += sealed.bytes().size();
  ++undelivered_;
  rows_.emplace(id, Row{sealed.meta(), sealed.bytes(), Progress::kWaiting});
}

void MemoryStore::remove(RowId id, Fate fate, sudare::v1::MissingRange::Reason reason) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  const auto& [meta, bytes, progress] = found->second;
  bytes_ -= bytes.size();
  if (progress != Progress::kAcknowledged) --undelivered_;
  if (fate != Fate::kQueued) {
    account_.move(meta.purpose, Fate::kQueued, fate, meta.records.count);
    if (reason != sudare::v1::MissingRange::UNSPECIFIED && meta.epoch_days != kNoEpochDays) {
      add_missing(missing_[{meta.purpose, meta.epoch_days, meta.epoch}],
                  {meta.records.first, meta.records.count, reason});
    }
  }
  rows_.erase(found);
}

void MemoryStore::withdraw(const std::string& purpose) {
  std::vector<RowId> ids;
  for (const auto& [id, row] : rows_) {
    if (row.meta.purpose == purpose) ids.push_back(id);
  }
  for (const RowId id : ids) remove(id, Fate::kNotConsented, sudare::v1::MissingRange::WITHDRAWN);
}

StoreStatus MemoryStore::status() const {
  StoreStatus status;
  status.rows = rows_.size();
  status.bytes = bytes_;
  for (const auto& [id, row] : rows_) status.records += row.meta.records.count;
  return status;
}

Result<std::vector<MissingRecords>> MemoryStore::missing(std::string_view purpose,
                                                         std::uint16_t epoch_days,
                                                         std::uint32_t epoch) const {
  const auto found = missing_.find({std::string(purpose), epoch_days, epoch});
  if (found == missing_.end()) return std::vector<MissingRecords>{};
  return missing_records(found->first, found->second);
}

Result<std::optional<std::string>> MemoryStore::state(Literal module, std::string_view key) const {
  const auto found = states_.find({module.view(), std::string(key)});
  if (found == states_.end()) return std::optional<std::string>{};
  return std::optional<std::string>{found->second};
}

Result<std::vector<StateEntry>> MemoryStore::states(Literal module) const {
  std::vector<StateEntry> entries;
  for (auto at = states_.lower_bound({module.view(), {}});
       at != states_.end() && at->first.first == module.view(); ++at) {
    entries.push_back({module, at->first.second, at->second});
  }
  return entries;
}

const MemoryStore::Row* MemoryStore::next_to_send(std::int64_t monotonic_ms) const {
  const Row* best = nullptr;
  for (const auto& [id, row] : rows_) {
    const bool ready = row.progress == Progress::kWaiting && !row.meta.fragment &&
                       row.meta.not_before_ms <= monotonic_ms;
    if (ready && (best == nullptr || rank_of(row.meta) > rank_of(best->meta))) best = &row;
  }
  return best;
}

std::int64_t MemoryStore::next_send_ms() const {
  std::int64_t soonest_ms = kNever;
  for (const auto& [id, row] : rows_) {
    if (row.progress != Progress::kWaiting || row.meta.fragment) continue;
    soonest_ms = std::min(soonest_ms, row.meta.not_before_ms);
  }
  return soonest_ms;
}

void MemoryStore::sent(RowId id) {
  if (const auto row = rows_.find(id); row != rows_.end()) row->second.progress = Progress::kSent;
}

void MemoryStore::acknowledged(RowId id) {
  const auto found = rows_.find(id);
  if (found == rows_.end() || found->second.progress == Progress::kAcknowledged) return;
  Row& row = found->second;
  row.progress = Progress::kAcknowledged;
  --undelivered_;
  bytes_ -= row.bytes.size();
  std::string().swap(row.bytes);
}

void MemoryStore::connection_lost() {
  for (auto& [id, row] : rows_) {
    if (row.progress == Progress::kSent) row.progress = Progress::kWaiting;
  }
}

}  // namespace sudare::sim::fleet
