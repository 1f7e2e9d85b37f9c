// The outbox and the unit's small persistent state, in one SQLite file, with a journal before it
// for what comes and goes soon (journal.h).
//
// Invariants
//  1. A row holds an age file and the little that SealedMeta says; no plaintext from the car,
//  nothing that opens a row.
//  2. What one commit() contains is on disk as a whole, or not at all (WAL, synchronous=FULL).
//  3. The account adds up after every commit, also after a power cut.
//  4. outbox.db, its WAL and the journal stay within StoreOptions::quota_bytes (the WAL may exceed
//  its eighth of it by one commit, or while a reader is in the way of the checkpoint); essential
//  rows are never evicted.
//  5. No cost grows with the queue, except that of `withdrawn` and of a smaller quota.
//  6. Held rows are the first pieces of one clip that is not whole: not sent, not expired, not
//  evicted, not in the account. One transaction releases all of them, or they go without a trace:
//  the numbers of their records are given again. They last as long as the clip is being rebuilt,
//  seconds, and are only added where there is room without evicting anything.
//  7. The WAL keeps its blocks until it is wiped (wiping_vfs.h): when a chain was replaced or a
//  purpose withdrawn, at the end of a session, and after one that was cut short.
//  8. A transaction of outbox.db first takes in what is in the journal; but one that only deletes
//  what was delivered from outbox.db, which no entry of the journal concerns.
// Recovery: SQLite replays or drops the WAL; the journal's entries that outbox.db does not hold are
// played back; fragments of an earlier session become ready to upload
// as they are; what that session held back in memory becomes "dropped: restart"; held rows go.
// The file's format: schema.h. How age is counted across restarts: store_time.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/account.h"
#include "gateway/stages.h"
#include "gateway/store/disk.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {

// Below this, the tables' own pages and the WAL would leave little for rows.
inline constexpr std::uint64_t kQuotaBytesMin = 1024 * 1024;

// SealedMeta::epoch_days of a purpose without pseudonym: nobody could be told what is missing, so
// no MissingRecords are kept for it.
inline constexpr std::uint16_t kNoEpochDays = 0xffff;

// What a gateway gives its journal: at a commit a second, two minutes of commits between two
// transactions of outbox.db; less where the quota is small.
constexpr std::uint64_t journal_bytes_for(std::uint64_t quota_bytes) {
  constexpr std::uint64_t kMost = 512 * 1024;
  return quota_bytes / 16 < kMost ? quota_bytes / 16 : kMost;
}

struct StoreOptions {
  std::string directory;          // created 0700 if missing; the file is outbox.db in it
  std::uint64_t quota_bytes = 0;  // ≥ kQuotaBytesMin
  std::uint64_t essential_reserve_bytes = 0;  // of the quota; at most half of it
  // Of the quota, for the journal (journal.h); 0: none, each commit goes to outbox.db.
  std::uint64_t journal_bytes = 0;
  Disk* disk = &real_disk();  // outlives the store
  // Where there is no store, or an empty file is left of one: make it. A gateway does not; that is
  // provisioning.
  bool create = true;
};

// Rows of a purpose's records that were given up before the cloud acknowledged them; reported to
// the recipient in a later batch of the same epoch.
struct MissingRecords {
  std::string purpose;
  std::uint16_t epoch_days = 0;
  std::uint32_t epoch = 0;
  RecordRange records;
  v1::MissingRange::Reason reason = v1::MissingRange::UNSPECIFIED;
};

// The module of the pseudonyms' chains (gateway/seal/epochs.h): a former value of it is nowhere on
// the disk once the commit that replaced it has returned, or after a later one where the disk or a
// reader was in the way, or after the next start.
inline constexpr Literal kChainsModule = "epochs";

// Small values that modules keep across restarts (chains, consent counters, floor day, record
// numbers). Key: literal name and a part such as the purpose's name or a rotation length. Never
// plaintext from the car.
struct StateEntry {
  Literal module;  // "epochs", "epochs_since", "consent", "clock", "records"
  std::string key;
  std::string value;
};

// Ids that are not in the outbox (any more) are ignored wherever ids are named.
struct CommitGroup {
  // Held rows (SealedMeta::held) among them evict nothing: where there is no room for one, nothing
  // of the group happens (kFull; kTooLarge: the clip's rows alone are more than the quota holds).
  std::vector<Sealed> add;
  bool release_held = false;    // all held rows, with those of `add`, are a whole clip
  bool drop_held = false;       // some of the held rows go; again until StoreStatus::held_rows is 0
  std::vector<RowId> replaced;  // fragments whose records are in a batch of `add`
  std::vector<RowId> delivered;  // acknowledged by the cloud broker
  std::vector<RowId> released;   // fragments whose batch will not be closed: sent as they are
  std::vector<RowId> damaged;    // seen by the OutboxReader: removed, counted as quarantined
  std::vector<std::string>
      withdrawn;  // purposes whose consent ended: their rows go, counted as not consented
  // What the first whole batch of its purpose and epoch in `add` says is missing. Where that batch
  // is not delivered, but evicted, say, it is missing() again.
  std::vector<MissingRecords> reported;
  std::vector<StateEntry> state;  // an empty value deletes the entry
  // Deltas for what is not in the store already, taken rows that are queued by `add` and
  // `release_held` included (Fate::kQueued). What happens to rows of the outbox (delivered,
  // evicted, ...) is the store's.
  Account account;
};

struct CommitSummary {
  std::uint64_t evicted_rows = 0;  // an open batch's fragment among them has lost its bytes only
  std::uint64_t expired_rows = 0;
};

struct StoreStatus {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of ciphertext
  std::uint64_t file_bytes = 0;
  std::uint64_t records = 0;  // without those of held rows
  std::uint64_t held_rows = 0;
  std::uint64_t held_bytes = 0;
};

class JournaledRows;  // journaled_rows.h

// The one writer. Only the collector's thread calls it. An interface, so that ten thousand
// simulated cars in one process need no file each (sim/fleet/memory_store.h); on a car it is what
// open() makes.
class Store {
 public:
  // kIo (errno), kFull, kRefused (another process holds it, errno; or options that can't hold),
  // kUnsupported (newer format), kMalformed (not an outbox, or damaged beyond its rows), kNotFound
  // (none, and not to be made). Starts a new session: see OutboxReader.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, const Clock& clock);
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // One transaction, on disk when it returns. On failure nothing changed and the same group may be
  // tried again (kFull: disk, essential rows or a held row; kTooLarge: a held row; kIo: errno;
  // kUnavailable). kInternal: the group breaks its contract (deltas that do not add up, an id used
  // before). kMalformed: the file is damaged. Expires (some rows per commit) and evicts as needed
  // within the same transaction.
  [[nodiscard]] virtual Result<CommitSummary> commit(const CommitGroup& group) = 0;

  [[nodiscard]] virtual RowId next_row_id() const = 0;  // greater than any that was ever used
  [[nodiscard]] virtual Account account() const = 0;    // as committed
  [[nodiscard]] virtual StoreStatus status() const = 0;
  [[nodiscard]] virtual std::uint64_t held_rows() const = 0;
  // At most kMissingRangesMax, sorted; see missing_ranges.h for what is joined.
  [[nodiscard]] virtual Result<std::vector<MissingRecords>> missing(std::string_view purpose,
                                                                    std::uint16_t epoch_days,
                                                                    std::uint32_t epoch) const = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> state(Literal module,
                                                                 std::string_view key) const = 0;
  [[nodiscard]] virtual Result<std::vector<StateEntry>> states(Literal module) const = 0;
  // Rows that may be sent and are not in outbox.db; null where there is no journal. For
  // OutboxReader, on its thread.
  [[nodiscard]] virtual const JournaledRows* journaled() const { return nullptr; }
  // The number of this process's session: fragments of it belong to batches that are still open.
  [[nodiscard]] virtual std::int64_t session() const = 0;

 protected:
  Store() = default;
};

}  // namespace sudare
