// What damage did to the books, at the start of a session: a page of the account, or an entry of
// the journal that can't be read. The rows say what is queued; what became of all others is as the
// account has it, and what it took is their sum, so that it adds up again. Where a purpose's counts
// add up, they are believed: rows that it has and the table lacks went with a page that rotted.
#include <map>
#include <numeric>
#include <string>

#include "base/log.h"
#include "gateway/store/commit.h"

namespace sudare {

Status Commit::recount_if_wrong() {
  constexpr auto kQueuedAt = static_cast<std::size_t>(Fate::kQueued);
  constexpr auto kQuarantinedAt = static_cast<std::size_t>(Fate::kQuarantined);
  const std::int64_t queued = books_.account.total().by_fate[kQueuedAt];
  if (books_.account.adds_up() && queued == static_cast<std::int64_t>(books_.records)) {
    return Done{};
  }
  TRY(const std::vector<Outbox::Totals> totals, outbox_.totals());
  log_event(LogLevel::kError, "store_account_recounted", {{"was", queued}});
  books_.rows = books_.bytes = books_.records = books_.essential_bytes = 0;
  std::map<std::string, std::int64_t> believed;
  for (auto& [purpose, counts] : books_.account.purposes) {
    if (counts.adds_up()) believed[purpose] = counts.by_fate[kQueuedAt];
    counts.by_fate[kQueuedAt] = 0;
  }
  for (const Outbox::Totals& one : totals) {
    books_.rows += one.rows;
    books_.bytes += one.bytes;
    books_.records += one.records;
    if (one.essential) {
      books_.essential_bytes += one.bytes + one.rows * essential_cost(kRankEssential, 0);
    }
    const auto records = static_cast<std::int64_t>(one.records);
    books_.account.purposes[one.purpose].by_fate[kQueuedAt] += records;
  }
  for (const auto& [purpose, before] : believed) {
    FateCounts& counts = books_.account.purposes[purpose];
    const std::int64_t gone = before - counts.by_fate[kQueuedAt];
    if (gone > 0) counts.by_fate[kQuarantinedAt] += gone;
  }
  for (auto& [purpose, counts] : books_.account.purposes) {
    counts.taken = static_cast<std::uint64_t>(
        std::accumulate(counts.by_fate.begin(), counts.by_fate.end(), std::int64_t{0}));
  }
  return Done{};
}

}  // namespace sudare
