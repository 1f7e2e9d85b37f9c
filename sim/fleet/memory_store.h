// A car's store without a file: ten thousand of them in one process. To the pipeline it is the
// gateway's own (gateway/store/store.h): states, rows with fragments that are replaced, missing
// ranges, the account. What differs:
//   - nothing outlives the process, so a session never follows another;
//   - rows don't expire, and none is evicted: over its bound a commit fails with kFull, as the real
//     one does where essential rows fill the quota, and its records wait in the pipeline;
//   - clips are not taken (kUnsupported).
// It is also the outbox from which the car publishes.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "gateway/store/books.h"
#include "gateway/store/store.h"

namespace sudare::sim::fleet {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Not thread-safe.
class MemoryStore final : public Store {
 public:
  // `bytes_max`: of ciphertext.
  explicit MemoryStore(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // --- the pipeline's side
  Result<CommitSummary> commit(const CommitGroup& group) override;
  [[nodiscard]] RowId next_row_id() const override { return next_id_; }
  [[nodiscard]] Account account() const override { return account_; }
  [[nodiscard]] StoreStatus status() const override;
  [[nodiscard]] std::uint64_t held_rows() const override { return 0; }
  [[nodiscard]] Result<std::vector<MissingRecords>> missing(std::string_view purpose,
                                                            std::uint16_t epoch_days,
                                                            std::uint32_t epoch) const override;
  [[nodiscard]] Result<std::optional<std::string>> state(Literal module,
                                                         std::string_view key) const override;
  [[nodiscard]] Result<std::vector<StateEntry>> states(Literal module) const override;
  [[nodiscard]] std::int64_t session() const override { return 1; }

  // --- the publisher's side
  enum class Progress : std::uint8_t { kWaiting, kSent, kAcknowledged };
  struct Row {
    SealedMeta meta;
    std::string bytes;  // empty once acknowledged
    Progress progress = Progress::kWaiting;
  };
  // The most urgent of the oldest rows that wait and whose time has come; null: none. Valid until
  // the next call that is not const.
  [[nodiscard]] const Row* next_to_send(std::int64_t monotonic_ms) const;
  // When the time of a waiting row comes, kNever where none waits.
  [[nodiscard]] std::int64_t next_send_ms() const;
  void sent(RowId id);
  // Its row goes with the commit that names it as delivered.
  void acknowledged(RowId id);
  // What was sent and not acknowledged waits again.
  void connection_lost();
  // Rows that the broker has not acknowledged, those of open batches included.
  [[nodiscard]] std::size_t undelivered() const { return undelivered_; }

 private:
  using StateKey = std::pair<std::string_view, std::string>;

  [[nodiscard]] Status check(const CommitGroup& group) const;
  void add(const Sealed& sealed);
  // Takes a row out; `fate` kQueued: its records stay queued, in another row.
  void remove(RowId id, Fate fate, sudare::v1::MissingRange::Reason reason);
  void withdraw(const std::string& purpose);

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::size_t undelivered_ = 0;
  RowId next_id_ = 1;
  std::map<RowId, Row> rows_;
  std::map<StateKey, std::string> states_;
  std::map<MissingKey, MissingRanges> missing_;
  Account account_;
};

}  // namespace sudare::sim::fleet
