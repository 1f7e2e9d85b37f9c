// Rows that are in the journal and not yet in outbox.db. They may be sent from here: a row that the
// cloud acknowledges soon never reaches SQLite.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "gateway/stages.h"
#include "gateway/store/row.h"

namespace sudare {

struct JournaledRow {
  SealedMeta meta;
  std::string bytes;
  std::int64_t ready_ms = 0;  // store time, as in outbox.db
  std::int64_t expires_ms = 0;
};

[[nodiscard]] RemovedRow removed_row_of(const JournaledRow& row);

// The committing thread changes it, the uploader's reads.
class JournaledRows {
 public:
  // --- from the committing thread
  void add(JournaledRow row);
  [[nodiscard]] bool contains(RowId id) const;
  // Without its bytes. Nothing: there is no such row.
  std::optional<RemovedRow> remove(RowId id);
  void clear();
  // A copy of the first row after `id`, for a walk through all of them.
  [[nodiscard]] std::optional<JournaledRow> next_after(RowId id) const;

  // --- from any thread
  // Copies of whole batches whose time has come and that `wanted` says yes to: the most urgent
  // first, then the oldest; at most `rows_max`, and no more once they have `bytes_max`.
  [[nodiscard]] std::vector<JournaledRow> ready(
      std::int64_t now_ms, std::size_t rows_max, std::size_t bytes_max,
      const std::function<bool(const SealedMeta& meta)>& wanted) const;
  // The soonest time after `now_ms` of a whole batch. Nothing: none waits.
  [[nodiscard]] std::optional<std::int64_t> next_ready_ms(std::int64_t now_ms) const;

 private:
  using Rows = std::map<RowId, JournaledRow>;
  Guarded<Rows> rows_;
};

}  // namespace sudare
