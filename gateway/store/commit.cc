#include "gateway/store/commit.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "gateway/store/schema.h"

namespace sudare {
namespace {

// The most urgent first: where there is no room for all, they find it.
bool more_urgent(const Sealed* a, const Sealed* b) {
  const std::int64_t rank_a = rank_of(a->meta().essential, a->meta().priority);
  const std::int64_t rank_b = rank_of(b->meta().essential, b->meta().priority);
  return rank_a != rank_b ? rank_a > rank_b : a->meta().id < b->meta().id;
}

}  // namespace

std::int64_t pages_for(std::size_t bytes) {
  constexpr std::int64_t kSplitPages = 4;
  return static_cast<std::int64_t>(bytes) / (kPageBytes - 4) + kSplitPages;
}

Result<StorePages> StorePages::of(const StoreOptions& options) {
  if (options.quota_bytes < kQuotaBytesMin) {
    return fail(ErrorCode::kRefused, "store: quota_bytes is too small",
                static_cast<std::int64_t>(options.quota_bytes));
  }
  if (options.essential_reserve_bytes > options.quota_bytes / 2) {
    return fail(ErrorCode::kRefused, "store: essential_reserve_bytes is over half of quota_bytes",
                static_cast<std::int64_t>(options.essential_reserve_bytes));
  }
  const std::uint64_t quota_bytes =
      std::min(options.quota_bytes, std::uint64_t{std::numeric_limits<std::int32_t>::max()} *
                                        static_cast<std::uint64_t>(kPageBytes));
  if (options.journal_bytes > options.quota_bytes / 4) {
    return fail(ErrorCode::kRefused, "store: journal_bytes is over a quarter of quota_bytes",
                static_cast<std::int64_t>(options.journal_bytes));
  }
  const auto quota = static_cast<std::int64_t>(quota_bytes - options.journal_bytes) / kPageBytes;
  StorePages pages;
  // 4 MiB of WAL are some hundred commits: the cost of cutting it is spread over them.
  pages.wal = std::min<std::int64_t>(quota / 8, 1024);
  pages.most = quota - pages.wal;
  pages.rows = pages.most - std::clamp<std::int64_t>(quota / 16, 16, 256);
  pages.reserve = static_cast<std::int64_t>(options.essential_reserve_bytes) / kPageBytes;
  return pages;
}

Commit::Commit(Outbox& outbox, BookKeeper& keeper, const StorePages& pages, const Clock& clock,
               Books books, const Account& on_disk)
    : outbox_(outbox),
      keeper_(keeper),
      pages_(pages),
      clock_(clock),
      books_(std::move(books)),
      on_disk_(on_disk) {}

Result<CommitSummary> Commit::apply(const CommitGroup& group) {
  if (!group.account.adds_up()) {
    return fail(ErrorCode::kInternal, "commit: the account's deltas do not add up");
  }
  books_.time.observe(clock_.wall_ms(), clock_.monotonic_ms());
  books_.account += group.account;
  if (!settled_) {
    TRY(remove_settled(group));
  }
  TRY(note_reports(group));
  if (group.drop_held) {
    TRY(drop_some_held());
  }
  TRY(expire());
  TRY(add_all(group.add));
  if (group.release_held) {
    TRY(release_held());
  }
  for (const StateEntry& entry : group.state) {
    TRY(keeper_.put_state(entry));
  }
  return summary_;
}

Status Commit::begin_session() {
  TRY(recount_if_wrong());
  TRY(outbox_.close_fragments());
  while (true) {
    TRY(const auto key, outbox_.next_open_fragment());
    if (!key) break;
    TRY(const auto row, outbox_.remove(*key));
    if (!row) return fail(ErrorCode::kMalformed, "store: a row vanished");
    TRY(settle(*row, Fate::kEvicted, v1::MissingRange::EVICTED));
  }
  for (auto& [purpose, counts] : books_.account.purposes) {
    const auto held = counts.by_fate.at(static_cast<std::size_t>(Fate::kHeldBack));
    if (held <= 0) continue;
    const auto rows = static_cast<std::uint64_t>(held);
    books_.account.move(purpose, Fate::kHeldBack, Fate::kDropped, rows);
    counts.by_reason.at(static_cast<std::size_t>(Reason::kRestart)) += rows;
  }
  ++books_.session;
  books_.session_first_id = books_.next_id;
  books_.session_store_ms = books_.time.at(clock_.monotonic_ms());
  return Done{};
}

Status Commit::remove_settled(const CommitGroup& group) {
  for (const RowId id : group.replaced) {
    TRY(const auto row, outbox_.remove_id(id));
    if (row) books_.count_out(*row);  // its records stay queued, in the batch that takes its place
  }
  for (const RowId id : group.released) {
    TRY(release(id));
  }
  for (const RowId id : group.delivered) {
    TRY(const auto row, outbox_.remove_id(id));
    if (row) {
      TRY(settle(*row, Fate::kDelivered, v1::MissingRange::UNSPECIFIED));
    }
  }
  for (const RowId id : group.damaged) {
    TRY(const auto row, outbox_.remove_id(id));
    if (row) {
      TRY(settle(*row, Fate::kQuarantined, v1::MissingRange::QUARANTINED));
    }
  }
  return Done{};
}

// As at the start of a session: one that was emptied to make room can't be sent.
Status Commit::release(RowId id) {
  TRY(const auto row, outbox_.close_fragment(id));
  if (!row || row->size > 0) return Done{};
  TRY(const auto removed, outbox_.remove_id(id));
  if (!removed) return fail(ErrorCode::kMalformed, "store: a row vanished");
  return settle(*removed, Fate::kEvicted, v1::MissingRange::EVICTED);
}

Status Commit::withdraw(const std::string& purpose) {
  RowKey last = -1;
  while (true) {
    TRY(const auto key, outbox_.next_of(purpose, last));
    if (!key) return Done{};
    last = *key;
    TRY(auto row, outbox_.remove(last));
    if (row) {
      TRY(row->held, outbox_.take_held(last));
      TRY(settle(*row, Fate::kNotConsented, v1::MissingRange::WITHDRAWN));
    }
  }
}

Status Commit::expire() {
  const std::int64_t now_ms = books_.time.at(clock_.monotonic_ms());
  while (summary_.expired_rows < kExpiredRowsMax) {
    TRY(const auto key, outbox_.next_expired(now_ms));
    if (!key) return Done{};
    TRY(const auto row, outbox_.remove(*key));
    if (!row) return fail(ErrorCode::kMalformed, "store: an index names a row that is not there");
    TRY(settle(*row, Fate::kExpired, v1::MissingRange::EXPIRED));
    ++summary_.expired_rows;
  }
  return Done{};
}

Status Commit::add_all(const std::vector<Sealed>& rows) {
  std::vector<const Sealed*> order;
  order.reserve(rows.size());
  const RowId first_id = books_.next_id;
  for (const Sealed& row : rows) {
    const RowId id = row.meta().id;
    if (id < first_id || id > kRowIdMax) {
      return fail(ErrorCode::kInternal, "commit: a row id that was used before",
                  static_cast<std::int64_t>(id));
    }
    if (row.bytes().empty()) return fail(ErrorCode::kInternal, "commit: a row without bytes");
    books_.next_id = std::max(books_.next_id, id + 1);
    order.push_back(&row);
  }
  std::sort(order.begin(), order.end(), more_urgent);
  for (const Sealed* row : order) {
    TRY(add(*row));
  }
  return Done{};
}

Status Commit::add(const Sealed& sealed) {
  const SealedMeta& meta = sealed.meta();
  if (meta.held) return add_held(sealed);
  TRY(const bool room, make_room(meta, sealed.bytes().size()));
  if (!room && !meta.fragment) {
    ++summary_.evicted_rows;
    books_.account.move(meta.purpose, Fate::kQueued, Fate::kEvicted, meta.records.count);
    TRY(end_reports(meta.id, {meta.purpose, meta.epoch_days, meta.epoch}, false));
    return lose(meta.purpose, meta.epoch_days, meta.epoch, meta.records, v1::MissingRange::EVICTED);
  }
  const std::string_view bytes = room ? std::string_view(sealed.bytes()) : std::string_view();
  TRY(insert(sealed, bytes));
  books_.count_in(meta, bytes.size());
  return Done{};
}

Status Commit::insert(const Sealed& sealed, std::string_view bytes) {
  const RowTimes times = row_times(sealed.meta(), books_.time, clock_);
  return outbox_.insert(sealed.meta(), bytes, times.ready_ms, times.expires_ms);
}

Result<bool> Commit::settle_journaled(const RemovedRow& row, const CommitGroup& group) {
  const auto names = [id = id_of(row.key)](const std::vector<RowId>& ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  if (names(group.replaced)) {
    books_.count_out(row);
    return true;
  }
  if (names(group.delivered)) {
    TRY(settle(row, Fate::kDelivered, v1::MissingRange::UNSPECIFIED));
    return true;
  }
  const auto& withdrawn = group.withdrawn;
  if (std::find(withdrawn.begin(), withdrawn.end(), row.purpose) == withdrawn.end()) return false;
  TRY(settle(row, Fate::kNotConsented, v1::MissingRange::WITHDRAWN));
  return true;
}

// They are in the books already. Where they need room, they don't take it from rows that the group
// takes out: what the cloud has would count as evicted.
Status Commit::take_journaled(const JournaledRows& rows, const JournaledStates& states,
                              const CommitGroup& group) {
  TRY(remove_settled(group));
  for (const std::string& purpose : group.withdrawn) {
    TRY(withdraw(purpose));
  }
  settled_ = rows.next_after(0) == std::nullopt;  // else some of the group's come only now
  for (auto row = rows.next_after(0); row; row = rows.next_after(row->meta.id)) {
    const std::size_t size = row->bytes.size();
    TRY(const bool settled, settle_journaled(removed_row_of(*row), group));
    if (settled) continue;
    TRY(const bool room, make_room(row->meta, size));
    if (!room && !row->meta.fragment) {
      TRY(settle(removed_row_of(*row), Fate::kEvicted, v1::MissingRange::EVICTED));
      ++summary_.evicted_rows;
      continue;
    }
    if (!room) books_.bytes -= size;
    const std::string_view bytes = room ? std::string_view(row->bytes) : std::string_view();
    TRY(outbox_.insert(row->meta, bytes, row->ready_ms, row->expires_ms));
    victims_from_ = std::min(victims_from_, removed_row_of(*row).key);
  }
  for (const auto& [name, value] : states) {
    if (const auto module = journaled_module(name.first)) {
      TRY(keeper_.put_state({*module, name.second, value}));
    }
  }
  return Done{};
}

std::int64_t Commit::limit_for(bool essential) const {
  const auto essential_pages = static_cast<std::int64_t>(books_.essential_bytes) / kPageBytes;
  const std::int64_t reserved =
      essential ? 0 : std::max<std::int64_t>(0, pages_.reserve - essential_pages);
  return pages_.rows - reserved;
}

// False: the row is the least urgent of all and there is no room for it.
Result<bool> Commit::make_room(const SealedMeta& meta, std::size_t size) {
  const std::int64_t rank = rank_of(meta.essential, meta.priority);
  const std::int64_t needed = pages_for(size);
  // Less urgent rows may go, and older ones of the same rank; never an essential one.
  const RowKey end = first_key_of(meta.essential ? kRankEssential : rank + 1);
  while (true) {
    const std::int64_t limit = limit_for(meta.essential);
    TRY(const std::int64_t used, outbox_.used_pages());
    if (used + needed <= limit) return true;
    std::optional<Outbox::Victim> victim;
    if (needed <= limit) {
      TRY(victim, next_victim(end));
    }
    if (!victim && meta.essential) {
      return fail(ErrorCode::kFull, "store: essential rows fill the quota",
                  static_cast<std::int64_t>(books_.essential_bytes));
    }
    if (!victim) return false;
    TRY(evict(*victim));
  }
}

Status Commit::evict(const Outbox::Victim& victim) {
  victims_from_ = victim.key + 1;
  ++summary_.evicted_rows;
  if (victim.fragment) {
    // Its records are in the open batch, too, and remain queued there.
    books_.bytes -= victim.size;
    return outbox_.empty_fragment(victim.key);
  }
  TRY(const auto row, outbox_.remove(victim.key));
  if (!row) return fail(ErrorCode::kMalformed, "store: a row vanished");
  return settle(*row, Fate::kEvicted, v1::MissingRange::EVICTED);
}

Status Commit::save() {
  for (const auto& [key, ranges] : missing_) {
    TRY(keeper_.put_missing(key, ranges));
  }
  return keeper_.save(books_, on_disk_, clock_);
}

Status Commit::settle(const RemovedRow& row, Fate fate, v1::MissingRange::Reason reason) {
  if (row.held) {
    count_out_held(row);
    return Done{};
  }
  books_.count_out(row);
  books_.account.move(row.purpose, Fate::kQueued, fate, row.records.count);
  TRY(end_reports(id_of(row.key), {row.purpose, row.epoch_days, row.epoch},
                  fate == Fate::kDelivered));
  if (reason == v1::MissingRange::UNSPECIFIED) return Done{};
  return lose(row.purpose, row.epoch_days, row.epoch, row.records, reason);
}

Status Commit::lose(const std::string& purpose, std::uint16_t epoch_days, std::uint32_t epoch,
                    RecordRange records, v1::MissingRange::Reason reason) {
  if (epoch_days == kNoEpochDays) return Done{};
  TRY(MissingRanges * ranges, missing_of({purpose, epoch_days, epoch}));
  add_missing(*ranges, {records.first, records.count, reason});
  return Done{};
}

Result<MissingRanges*> Commit::missing_of(const MissingKey& key) {
  const auto known = missing_.find(key);
  if (known != missing_.end()) return &known->second;
  TRY(MissingRanges ranges, keeper_.missing(key));
  return &missing_.emplace(key, std::move(ranges)).first->second;
}

}  // namespace sudare
