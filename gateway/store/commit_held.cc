// The part of a commit that is about held rows (store.h, invariant 6).
#include "gateway/store/commit.h"
#include "gateway/store/schema.h"

namespace sudare {

// A clip can be rebuilt again later; what would be evicted for it could not.
Status Commit::add_held(const Sealed& sealed) {
  const SealedMeta& meta = sealed.meta();
  const std::size_t size = sealed.bytes().size();
  const std::int64_t limit = limit_for(meta.essential);
  TRY(const std::int64_t used, outbox_.used_pages());
  if (used + pages_for(size) > limit) {
    const auto rows = static_cast<std::int64_t>(books_.held_rows);
    const auto held = static_cast<std::int64_t>(books_.held_bytes) / (kPageBytes - 4) + rows;
    if (held + pages_for(size) > limit) {
      return fail(ErrorCode::kTooLarge, "store: the rows of one clip would fill the quota",
                  static_cast<std::int64_t>(books_.held_bytes + size));
    }
    return fail(ErrorCode::kFull, "store: no room for a held row", static_cast<std::int64_t>(size));
  }
  TRY(insert(sealed, sealed.bytes()));
  TRY(outbox_.hold(key_of(rank_of(meta.essential, meta.priority), meta.id)));
  ++books_.rows;
  books_.bytes += size;
  ++books_.held_rows;
  books_.held_bytes += size;
  books_.held_records += meta.records.count;
  return Done{};
}

Status Commit::release_held() {
  TRY(outbox_.release_held());
  books_.records += books_.held_records;
  books_.held_rows = books_.held_bytes = books_.held_records = 0;
  // Of a clip whose rows went meanwhile, or were never counted, nothing may be released.
  const FateCounts total = books_.account.total();
  if (total.by_fate[static_cast<std::size_t>(Fate::kQueued)] !=
      static_cast<std::int64_t>(books_.records)) {
    return fail(ErrorCode::kInternal, "commit: the account is not that of the held rows");
  }
  return Done{};
}

Result<std::uint64_t> Commit::drop_some_held() {
  std::uint64_t rows = 0;
  for (std::uint64_t bytes = 0; bytes < kHeldDroppedBytesMax; ++rows) {
    TRY(const auto held, outbox_.held());
    if (!held) break;
    TRY(const bool taken, outbox_.take_held(held->first));
    if (!taken) return drop_disordered_held();
    TRY(const auto row, outbox_.remove(held->first));
    // A damaged file may name a row that is gone: nothing was counted of it.
    if (row) count_out_held(*row);
    bytes += row ? row->size : static_cast<std::uint64_t>(kPageBytes);
  }
  if (rows == 0 && books_.held_rows > 0) {
    return fail(ErrorCode::kMalformed, "store: held rows are counted that are not there");
  }
  return rows;
}

// In a damaged file, keys are not where their order wants them, and none is found by its value. All
// of a clip goes at once, however long that takes: it can be rebuilt, and the queue stays.
Result<std::uint64_t> Commit::drop_disordered_held() {
  TRY(const std::vector<RowKey> keys, outbox_.held_keys());
  for (const RowKey key : keys) {
    TRY(const auto row, outbox_.remove(key));
    if (row) count_out_held(*row);
  }
  TRY(outbox_.release_held());
  if (books_.held_rows > 0) {
    return fail(ErrorCode::kMalformed, "store: held rows are counted that are not there");
  }
  return keys.size();
}

Result<std::uint64_t> Commit::drop_held() { return drop_some_held(); }

// Held rows lie side by side: one step leads past all of them, and past what little of the same
// urgency may have come between them.
Result<std::optional<Outbox::Victim>> Commit::next_victim(RowKey end) {
  TRY(const auto victim, outbox_.next_victim(victims_from_, end));
  if (!victim || books_.held_rows == 0) return victim;
  TRY(const auto held, outbox_.held());
  if (!held || victim->key < held->first || victim->key > held->last) return victim;
  victims_from_ = held->last + 1;
  return outbox_.next_victim(victims_from_, end);
}

// It was never queued: nobody misses it.
void Commit::count_out_held(const RemovedRow& row) {
  --books_.rows;
  books_.bytes -= row.size;
  --books_.held_rows;
  books_.held_bytes -= row.size;
  books_.held_records -= row.records.count;
}

}  // namespace sudare
