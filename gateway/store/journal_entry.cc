#include "gateway/store/journal_entry.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "gateway/store/row.h"

namespace sudare {
namespace {

// Longer rows (pieces of clips, batches of an hour) would be written twice for little: their own
// bytes are most of what SQLite writes for them.
constexpr std::size_t kJournaledBytesMax = 128 * 1024;

bool concerns_only(const std::vector<RowId>& ids, const JournaledRows& rows) {
  return std::all_of(ids.begin(), ids.end(), [&](RowId id) { return rows.contains(id); });
}

bool goes_to_the_journal(const CommitGroup& group, const Books& books, const JournaledRows& rows) {
  if (group.release_held || group.drop_held || !group.released.empty() || !group.damaged.empty() ||
      !group.withdrawn.empty() || !group.reported.empty() || !group.account.adds_up()) {
    return false;
  }
  const bool states =
      std::all_of(group.state.begin(), group.state.end(), [](const StateEntry& one) {
        return journaled_module(one.module.view()) && !one.value.empty();
      });
  RowId least = books.next_id;
  std::size_t bytes = 0;
  for (const Sealed& row : group.add) {
    const SealedMeta& meta = row.meta();
    if (meta.held || meta.essential || row.bytes().empty() || meta.id < least ||
        meta.id > kRowIdMax) {
      return false;
    }
    least = meta.id + 1;
    bytes += row.bytes().size();
  }
  return states && bytes <= kJournaledBytesMax && concerns_only(group.replaced, rows);
}

void add_row(const Sealed& row, const Books& books, const Clock& clock, v1::JournalEntry& entry) {
  const SealedMeta& meta = row.meta();
  const RowTimes times = row_times(meta, books.time, clock);
  v1::JournalEntry::Row& out = *entry.add_rows();
  out.set_id(meta.id);
  out.set_purpose(meta.purpose);
  out.set_shard(meta.shard);
  out.set_epoch_days(meta.epoch_days);
  out.set_epoch(meta.epoch);
  out.set_first_record(meta.records.first);
  out.set_record_count(meta.records.count);
  out.set_fragment(meta.fragment);
  out.set_priority(meta.priority);
  out.set_ready_ms(times.ready_ms);
  out.set_expires_ms(times.expires_ms);
  out.set_bytes(row.bytes());
}

template <class Number, class Value>
bool fits(Value value) {
  return value <= std::numeric_limits<Number>::max();
}

// Ids rise: no row is there twice.
bool valid(const v1::JournalEntry& entry, RowId next_id) {
  for (const v1::JournalEntry::Row& row : entry.rows()) {
    if (row.id() < next_id || row.id() > kRowIdMax || !fits<std::uint8_t>(row.shard()) ||
        !fits<std::uint16_t>(row.epoch_days()) || !fits<std::uint8_t>(row.priority())) {
      return false;
    }
    next_id = row.id() + 1;
  }
  return true;
}

JournaledRow row_of(const v1::JournalEntry::Row& from) {
  JournaledRow row;
  row.meta.id = from.id();
  row.meta.purpose = from.purpose();
  row.meta.shard = static_cast<std::uint8_t>(from.shard());
  row.meta.epoch_days = static_cast<std::uint16_t>(from.epoch_days());
  row.meta.epoch = from.epoch();
  row.meta.records = {from.first_record(), from.record_count()};
  row.meta.fragment = from.fragment();
  row.meta.priority = static_cast<std::uint8_t>(from.priority());
  row.ready_ms = from.ready_ms();
  row.expires_ms = from.expires_ms();
  row.bytes = from.bytes();
  return row;
}

// Fates and reasons that this release does not know make the entry invalid: they would be lost.
bool add_counts(const v1::JournalEntry::Counts& from, Account& account) {
  if (static_cast<std::size_t>(from.fates_size()) > kFateCount ||
      static_cast<std::size_t>(from.reasons_size()) > kReasonCount) {
    return false;
  }
  FateCounts& counts = account.purposes[from.purpose()];
  counts.taken += from.taken();
  for (int i = 0; i < from.fates_size(); ++i) {
    counts.by_fate[static_cast<std::size_t>(i)] += from.fates(i);
  }
  for (int i = 0; i < from.reasons_size(); ++i) {
    counts.by_reason[static_cast<std::size_t>(i)] += from.reasons(i);
  }
  return true;
}

}  // namespace

std::optional<Literal> journaled_module(std::string_view name) {
  if (name == kReceiptsModule.view()) return kReceiptsModule;
  // Entries of the version before do not say it.
  if (name.empty() || name == kRecordNumbersModule.view()) return kRecordNumbersModule;
  return std::nullopt;
}

std::optional<v1::JournalEntry> journal_entry_of(const CommitGroup& group, const Books& books,
                                                 const JournaledRows& rows, const Clock& clock,
                                                 std::vector<RowId>& of_database) {
  if (!goes_to_the_journal(group, books, rows)) return std::nullopt;
  v1::JournalEntry entry;
  entry.set_sequence(books.journal_sequence + 1);
  entry.set_store(books.store_id);
  entry.set_store_ms(books.time.at(clock.monotonic_ms()));
  for (const Sealed& row : group.add) add_row(row, books, clock, entry);
  entry.mutable_replaced()->Add(group.replaced.begin(), group.replaced.end());
  for (const RowId id : group.delivered) {
    if (rows.contains(id)) entry.add_delivered(id);
    else of_database.push_back(id);
  }
  for (const StateEntry& state : group.state) {
    v1::JournalEntry::State& out = *entry.add_states();
    out.set_module(std::string(state.module.view()));
    out.set_key(state.key);
    out.set_value(state.value);
  }
  for (const auto& [purpose, counts] : group.account.purposes) {
    v1::JournalEntry::Counts& out = *entry.add_account();
    out.set_purpose(purpose);
    out.set_taken(counts.taken);
    out.mutable_fates()->Add(counts.by_fate.begin(), counts.by_fate.end());
    out.mutable_reasons()->Add(counts.by_reason.begin(), counts.by_reason.end());
  }
  return entry;
}

Status play(const v1::JournalEntry& entry, Books& books, JournaledRows& rows,
            JournaledStates& states) {
  Account deltas;
  const bool counts = std::all_of(entry.account().begin(), entry.account().end(),
                                  [&](const auto& one) { return add_counts(one, deltas); });
  const bool known = std::all_of(entry.states().begin(), entry.states().end(), [](const auto& one) {
    return journaled_module(one.module()).has_value();
  });
  if (!counts || !known || !deltas.adds_up() || !valid(entry, books.next_id)) {
    return fail(ErrorCode::kMalformed, "store: an entry of the journal");
  }
  books.account += deltas;
  books.journal_sequence = entry.sequence();
  for (const RowId id : entry.replaced()) {
    if (const auto row = rows.remove(id)) books.count_out(*row);
  }
  for (const RowId id : entry.delivered()) {
    const auto row = rows.remove(id);
    if (!row) continue;
    books.count_out(*row);
    books.account.move(row->purpose, Fate::kQueued, Fate::kDelivered, row->records.count);
  }
  for (const v1::JournalEntry::Row& from : entry.rows()) {
    JournaledRow row = row_of(from);
    books.count_in(row.meta, row.bytes.size());
    books.next_id = std::max(books.next_id, row.meta.id + 1);
    rows.add(std::move(row));
  }
  for (const v1::JournalEntry::State& one : entry.states()) {
    states[{std::string(journaled_module(one.module())->view()), one.key()}] = one.value();
  }
  return Done{};
}

}  // namespace sudare
