// What the store knows about itself as a whole: account, totals, session, store time. A plain
// value: a commit works on a copy, which takes the place of the old one once the transaction is on
// disk. And the statements that keep it, the missing ranges and the state entries in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/account.h"
#include "gateway/store/database.h"
#include "gateway/store/missing_ranges.h"
#include "gateway/store/row.h"
#include "gateway/store/store.h"
#include "gateway/store/store_time.h"

namespace sudare {

struct Books {
  Account account;
  std::int64_t session = 0;
  RowId session_first_id = 1;         // ids of this session start here
  std::int64_t session_store_ms = 0;  // store time when it began
  RowId next_id = 1;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t essential_bytes = 0;
  // Of held rows, which no session inherits: not in the file. They are in `rows` and `bytes`.
  std::uint64_t held_rows = 0;
  std::uint64_t held_bytes = 0;
  std::uint64_t held_records = 0;
  // Rows in outbox.db that say what is missing: entries of kReportsModule. Counted at the start.
  std::uint64_t carriers = 0;
  StoreTime time;
  std::uint64_t journal_sequence = 0;  // of the last entry that is in here
  std::uint64_t store_id = 0;          // random; which outbox.db an entry belongs to

  // A row of the outbox comes or goes; its records' fate is the account's.
  void count_in(const SealedMeta& meta, std::uint64_t size);
  void count_out(const RemovedRow& row);
  // What happened to another copy of these books between `before` and `after`, which knows nothing
  // of the journal, happens to this one.
  void follow(const Books& before, const Books& after);
};

// When a row may be sent and when it is too old, in store time.
struct RowTimes {
  std::int64_t ready_ms = 0;
  std::int64_t expires_ms = 0;
};
[[nodiscard]] RowTimes row_times(const SealedMeta& meta, const StoreTime& time, const Clock& clock);
// What an essential row counts against the reserve; 0 for others.
[[nodiscard]] std::uint64_t essential_cost(std::int64_t rank, std::uint64_t size);

// State entries of the store's own: by row, what its batch says is missing.
inline constexpr Literal kReportsModule = "reports";

// One purpose's epoch.
struct MissingKey {
  std::string purpose;
  std::uint16_t epoch_days = 0;
  std::uint32_t epoch = 0;
  friend auto operator<=>(const MissingKey&, const MissingKey&) = default;
};

// The ranges as Store::missing() returns them. Pure.
[[nodiscard]] std::vector<MissingRecords> missing_records(const MissingKey& key,
                                                          const MissingRanges& ranges);

// Every function is one or a few statements within the caller's transaction.
class BookKeeper {
 public:
  static Result<BookKeeper> prepare(const Database& database);

  // A fresh Books where the file holds none. kMalformed.
  Result<Books> load(const Clock& clock);
  // Writes the totals, and the account's rows that differ from `before`.
  Status save(const Books& books, const Account& before, const Clock& clock);

  Result<MissingRanges> missing(const MissingKey& key);
  // An empty list deletes the row. Drops the oldest epochs over kMissingEpochsMax.
  Status put_missing(const MissingKey& key, const MissingRanges& ranges);

  Result<std::optional<std::string>> state(Literal module, std::string_view key);
  Result<std::vector<StateEntry>> states(Literal module);
  // An empty value deletes.
  Status put_state(const StateEntry& entry);

 private:
  BookKeeper() = default;
  Status load_account(Account& account);
  Status put_account(const std::string& purpose, const FateCounts& counts);
  Statement load_meta_;
  Statement save_meta_;
  Statement load_account_;
  Statement save_account_;
  Statement load_missing_;
  Statement save_missing_;
  Statement delete_missing_;
  Statement trim_missing_;
  Statement load_state_;
  Statement load_states_;
  Statement save_state_;
  Statement delete_state_;
};

}  // namespace sudare
