#include "gateway/store/journaled_rows.h"

#include <algorithm>
#include <utility>

namespace sudare {
namespace {

std::int64_t rank_of_row(const JournaledRow& row) {
  return rank_of(row.meta.essential, row.meta.priority);
}

}  // namespace

RemovedRow removed_row_of(const JournaledRow& row) {
  RemovedRow removed;
  removed.key = key_of(rank_of_row(row), row.meta.id);
  removed.purpose = row.meta.purpose;
  removed.epoch_days = row.meta.epoch_days;
  removed.epoch = row.meta.epoch;
  removed.records = row.meta.records;
  removed.size = row.bytes.size();
  return removed;
}

void JournaledRows::add(JournaledRow row) {
  const RowId id = row.meta.id;
  rows_.with([&](Rows& rows) { rows.insert_or_assign(id, std::move(row)); });
}

bool JournaledRows::contains(RowId id) const {
  return rows_.with([&](const Rows& rows) { return rows.count(id) > 0; });
}

std::optional<RemovedRow> JournaledRows::remove(RowId id) {
  return rows_.with([&](Rows& rows) -> std::optional<RemovedRow> {
    const auto found = rows.find(id);
    if (found == rows.end()) return std::nullopt;
    RemovedRow row = removed_row_of(found->second);
    rows.erase(found);
    return row;
  });
}

void JournaledRows::clear() {
  rows_.with([](Rows& rows) { rows.clear(); });
}

std::optional<JournaledRow> JournaledRows::next_after(RowId id) const {
  return rows_.with([&](const Rows& rows) -> std::optional<JournaledRow> {
    const auto found = rows.upper_bound(id);
    if (found == rows.end()) return std::nullopt;
    return found->second;
  });
}

std::vector<JournaledRow> JournaledRows::ready(
    std::int64_t now_ms, std::size_t rows_max, std::size_t bytes_max,
    const std::function<bool(const SealedMeta& meta)>& wanted) const {
  return rows_.with([&](const Rows& rows) {
    std::vector<const JournaledRow*> found;
    for (const auto& [id, row] : rows) {
      if (!row.meta.fragment && row.ready_ms <= now_ms && wanted(row.meta)) found.push_back(&row);
    }
    std::stable_sort(found.begin(), found.end(), [](const JournaledRow* a, const JournaledRow* b) {
      return rank_of_row(*a) > rank_of_row(*b);
    });
    std::vector<JournaledRow> copies;
    std::size_t bytes = 0;
    for (const JournaledRow* row : found) {
      if (copies.size() >= rows_max || bytes >= bytes_max) break;
      bytes += row->bytes.size();
      copies.push_back(*row);
    }
    return copies;
  });
}

std::optional<std::int64_t> JournaledRows::next_ready_ms(std::int64_t now_ms) const {
  return rows_.with([&](const Rows& rows) {
    std::optional<std::int64_t> soonest_ms;
    for (const auto& [id, row] : rows) {
      if (row.meta.fragment || row.ready_ms <= now_ms) continue;
      if (!soonest_ms || row.ready_ms < *soonest_ms) soonest_ms = row.ready_ms;
    }
    return soonest_ms;
  });
}

}  // namespace sudare
