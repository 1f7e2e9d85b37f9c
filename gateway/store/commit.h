// One commit: applies a CommitGroup to the tables and to a copy of the books, inside a transaction
// that the Store begins and ends. What leaves the outbox other than by delivery changes the account
// and the missing ranges in the same step, so that nothing vanishes silently.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/store/books.h"
#include "gateway/store/journal_entry.h"
#include "gateway/store/journaled_rows.h"
#include "gateway/store/outbox.h"
#include "gateway/store/store.h"

namespace sudare {

// Rows that one commit expires at most: a store full of old rows is emptied over some commits
// instead of holding up one for seconds.
inline constexpr std::uint64_t kExpiredRowsMax = 1000;

// Bytes of held rows that one commit drops at most (at least one row): what is deleted is
// overwritten with zeros, which all go through the WAL.
inline constexpr std::uint64_t kHeldDroppedBytesMax = 4 * 1024 * 1024;

// StoreOptions in pages.
struct StorePages {
  std::int64_t most = 0;     // SQLite refuses to grow the file beyond this
  std::int64_t rows = 0;     // what rows may fill it to; the rest is for account, state, indices
  std::int64_t reserve = 0;  // of `rows`, for essential rows alone
  std::int64_t wal = 0;      // length of the WAL from which it is cut

  // kRefused: less than kQuotaBytesMin, or a reserve of more than half of it.
  static Result<StorePages> of(const StoreOptions& options);
};

// What storing a row may take at worst: pages of its own for a long age file, and a split on each
// level of the table and of its indices.
[[nodiscard]] std::int64_t pages_for(std::size_t bytes);

class Commit {
 public:
  // Keeps references until destroyed. `on_disk`: the account as outbox.db has it.
  Commit(Outbox& outbox, BookKeeper& keeper, const StorePages& pages, const Clock& clock,
         Books books, const Account& on_disk);

  // First of all: what is in the books and in the journal, and not in the tables. Rows that
  // `group`, which is applied next, takes away are settled here and never inserted: one that was
  // delivered must not be evicted for want of room.
  Status take_journaled(const JournaledRows& rows, const JournaledStates& states,
                        const CommitGroup& group);
  Result<CommitSummary> apply(const CommitGroup& group);
  // Some of the held rows, at the start of a session. Returns how many went.
  Result<std::uint64_t> drop_held();
  // After the last of them. What a restart ends: open fragments become rows of their own, emptied
  // ones are lost, what was held back in memory is dropped.
  Status begin_session();
  // Last of all: account, totals, missing ranges.
  Status save();

  [[nodiscard]] const Books& books() const { return books_; }

 private:
  Status recount_if_wrong();
  Status remove_settled(const CommitGroup& group);
  // False: the group leaves the row where it is.
  Result<bool> settle_journaled(const RemovedRow& row, const CommitGroup& group);
  Status release(RowId id);
  Status withdraw(const std::string& purpose);
  // What batches of `group` say is missing is on its way with them …
  Status note_reports(const CommitGroup& group);
  // … and where such a row leaves otherwise than by delivery, a later batch says it again.
  Status end_reports(RowId id, const MissingKey& key, bool delivered);
  Status expire();
  Status add_all(const std::vector<Sealed>& rows);
  Status add(const Sealed& sealed);
  Status insert(const Sealed& sealed, std::string_view bytes);
  Status add_held(const Sealed& sealed);
  Status release_held();
  Result<std::uint64_t> drop_some_held();
  Result<std::uint64_t> drop_disordered_held();
  // Pages that rows of this urgency may fill.
  [[nodiscard]] std::int64_t limit_for(bool essential) const;
  Result<std::optional<Outbox::Victim>> next_victim(RowKey end);
  Result<bool> make_room(const SealedMeta& meta, std::size_t size);
  Status evict(const Outbox::Victim& victim);
  void count_out_held(const RemovedRow& row);
  // A row's records move from queued to `fate`, and where `reason` is given the recipient is told.
  Status settle(const RemovedRow& row, Fate fate, v1::MissingRange::Reason reason);
  Status lose(const std::string& purpose, std::uint16_t epoch_days, std::uint32_t epoch,
              RecordRange records, v1::MissingRange::Reason reason);
  Result<MissingRanges*> missing_of(const MissingKey& key);

  Outbox& outbox_;
  BookKeeper& keeper_;
  const StorePages& pages_;
  const Clock& clock_;
  Books books_;
  const Account& on_disk_;
  CommitSummary summary_;
  std::map<MissingKey, MissingRanges> missing_;  // those that this commit changes
  bool settled_ = false;                         // what the group takes out is out
  RowKey victims_from_ = 0;                      // no evictable row lies before this key
};

}  // namespace sudare
