// The outbox and the unit's small persistent state, in one SQLite file.
//
// Invariants
//  1. A row holds an age file and the little that SealedMeta says; no plaintext from the car,
//  nothing that opens a row.
//  2. What one commit() contains is on disk as a whole, or not at all (WAL, synchronous=FULL).
//  3. The account adds up after every commit, also after a power cut.
//  4. File size stays within StoreOptions::quota_bytes; essential rows are never evicted.
// Recovery: SQLite replays or drops the WAL; fragments of an earlier session become ready to upload
// as they are.
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
#include "sudare/v1/batch.pb.h"

namespace sudare {

struct StoreOptions {
  std::string directory;  // created 0700 if missing; the file is outbox.db in it
  std::uint64_t quota_bytes = 0;
  std::uint64_t essential_reserve_bytes = 0;
};

// Rows of a purpose's records that will never arrive; reported to the recipient in a later batch of
// the same epoch.
struct MissingRecords {
  std::string purpose;
  std::uint16_t epoch_days = 0;
  std::uint32_t epoch = 0;
  RecordRange records;
  v1::MissingRange::Reason reason = v1::MissingRange::UNSPECIFIED;
};

// Small values that modules keep across restarts (chains, consent counters, floor day, record
// numbers). Key: literal name and a part such as the purpose's name or a rotation length. Never
// plaintext from the car.
struct StateEntry {
  Literal module;  // "epochs", "consent", "clock", "records"
  std::string key;
  std::string value;
};

struct CommitGroup {
  std::vector<Sealed> add;
  std::vector<RowId> replaced;   // fragments whose records are in a batch of `add`
  std::vector<RowId> delivered;  // acknowledged by the cloud broker
  std::vector<RowId> damaged;    // seen by the OutboxReader: quarantined
  std::vector<std::string>
      withdrawn;  // purposes whose consent ended: their rows go, counted as not consented
  std::vector<MissingRecords> reported;  // MissingRecords that a batch of `add` carries
  std::vector<StateEntry> state;
  Account account;  // deltas of this commit for all rows that are not already in the store
};

struct CommitSummary {
  std::uint64_t evicted_rows = 0;
  std::uint64_t expired_rows = 0;
};

struct StoreStatus {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of ciphertext
  std::uint64_t file_bytes = 0;
  std::uint64_t records = 0;
};

// The one writer. Only the collector's thread calls it.
class Store {
 public:
  // kIo, kFull, kRefused (another process holds it), kUnsupported (newer format). Starts a new
  // session: see OutboxReader.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, const Clock& clock);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // One transaction, on disk when it returns. On failure nothing changed and the same group may be
  // tried again (kFull, kIo). Expires and evicts as needed within the same transaction.
  [[nodiscard]] Result<CommitSummary> commit(const CommitGroup& group);

  [[nodiscard]] RowId next_row_id() const;  // greater than any that was ever used
  [[nodiscard]] Account account() const;    // as committed
  [[nodiscard]] StoreStatus status() const;
  [[nodiscard]] Result<std::vector<MissingRecords>> missing(std::string_view purpose,
                                                            std::uint16_t epoch_days,
                                                            std::uint32_t epoch) const;
  [[nodiscard]] Result<std::optional<std::string>> state(Literal module,
                                                         std::string_view key) const;
  [[nodiscard]] Result<std::vector<StateEntry>> states(Literal module) const;
  // The number of this process's session: fragments of it belong to batches that are still open.
  [[nodiscard]] std::int64_t session() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
