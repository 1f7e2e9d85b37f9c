#include "tests/faults/disk/contents.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/store/books.h"
#include "gateway/store/database.h"
#include "gateway/store/journaled_rows.h"
#include "gateway/store/row.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare::faults {
namespace {

constexpr Literal kStateModules[] = {"records", "consent", kChainsModule};

std::string text_of(const RowChecksum& checksum) { return {checksum.data(), checksum.size()}; }

Contents::Row row_of(const SealedMeta& meta, std::string_view bytes) {
  Contents::Row row;
  row.purpose = meta.purpose;
  row.records = meta.records.count;
  row.first_record = meta.records.first;
  row.rank = rank_of(meta.essential, meta.priority);
  row.epoch_days = meta.epoch_days;
  row.size = bytes.size();
  row.fragment = meta.fragment;
  row.held = meta.held;
  row.checksum = text_of(checksum_of(meta.id, meta.shard, meta.purpose, bytes));
  return row;
}

Status read_rows(const StoreOptions& options, Contents& contents) {
  TRY(Database database, Database::open(StateDirectory::database_path(options.directory),
                                        DatabaseAccess::kReadOnly, options.disk->sqlite_vfs()));
  TRY(prepare_reader(database));
  TRY(Statement rows, Statement::prepare(database,
                                         "SELECT key, purpose, record_count, first_record,"
                                         " epoch_days, size, fragment, key IN held, checksum"
                                         " FROM outbox NOT INDEXED ORDER BY key"));
  while (true) {
    TRY(const bool more, rows.step());
    if (!more) return Done{};
    Contents::Row row;
    const RowKey key = rows.number(0);
    row.purpose = rows.text(1);
    row.records = static_cast<std::uint32_t>(rows.number(2));
    row.first_record = static_cast<std::uint64_t>(rows.number(3));
    row.rank = rank_of_key(key);
    row.epoch_days = static_cast<std::uint16_t>(rows.number(4));
    row.size = static_cast<std::uint64_t>(rows.number(5));
    row.fragment = rows.number(6) != 0;
    row.held = rows.number(7) != 0;
    row.checksum = rows.bytes(8);
    contents.rows[id_of(key)] = std::move(row);
  }
}

void move_rows(Contents& contents, const Contents::Row& row, Fate to) {
  contents.account.move(row.purpose, Fate::kQueued, to, row.records);
}

// What a row reported missing is missing again when it goes without having arrived.
void lose(Contents& contents, RowId id, Fate to, v1::MissingRange::Reason reason) {
  const Contents::Row& row = contents.rows.at(id);
  if (row.held) return;
  move_rows(contents, row, to);
  if (row.epoch_days != kEpochDays) return;
  MissingRanges& missing = contents.missing[row.purpose];
  add_missing(missing, {row.first_record, row.records, reason});
  for (const MissingRange& range : contents.reports[id]) add_missing(missing, range);
  contents.reports.erase(id);
}

void remove_rows(Contents& contents, const CommitGroup& group) {
  for (const RowId id : group.replaced) contents.rows.erase(id);
  for (const RowId id : group.released) {
    const auto found = contents.rows.find(id);
    if (found == contents.rows.end()) continue;
    found->second.fragment = false;
    if (found->second.size > 0) continue;
    lose(contents, id, Fate::kEvicted, v1::MissingRange::EVICTED);
    contents.rows.erase(found);
  }
  for (const RowId id : group.delivered) {
    const auto found = contents.rows.find(id);
    if (found == contents.rows.end()) continue;
    move_rows(contents, found->second, Fate::kDelivered);
    contents.rows.erase(found);
    contents.reports.erase(id);
  }
  for (const RowId id : group.damaged) {
    const auto found = contents.rows.find(id);
    if (found == contents.rows.end()) continue;
    lose(contents, id, Fate::kQuarantined, v1::MissingRange::QUARANTINED);
    contents.rows.erase(found);
  }
  for (const std::string& purpose : group.withdrawn) {
    for (auto row = contents.rows.begin(); row != contents.rows.end();) {
      const bool goes = row->second.purpose == purpose;
      if (goes) {
        lose(contents, row->first, Fate::kNotConsented, v1::MissingRange::WITHDRAWN);
      }
      row = goes ? contents.rows.erase(row) : std::next(row);
    }
  }
}

std::string name_of(RowId id) { return "row " + std::to_string(id); }

std::uint64_t count_of(const MissingRanges& ranges) {
  std::uint64_t count = 0;
  for (const MissingRange& range : ranges) count += range.count;
  return count;
}

// By purpose.
using Gone = std::map<std::string, std::int64_t>;

std::string rows_differ(const Contents& expected, const Contents& found, Gone& gone, Gone& told) {
  for (const auto& [id, row] : found.rows) {
    const auto other = expected.rows.find(id);
    if (other == expected.rows.end()) return name_of(id) + " should not be there";
    Contents::Row same = other->second;
    if (row.fragment && row.size == 0) {  // evicted: its records live on in the open batch
      same.size = 0;
      same.checksum = row.checksum;
    }
    if (!(same == row)) return name_of(id) + " is not what was committed";
  }
  for (const auto& [id, row] : expected.rows) {
    if (found.rows.count(id) > 0) continue;
    if (row.held) return name_of(id) + ", held, is gone";
    if (row.rank >= kRankEssential) return name_of(id) + ", essential, is gone";
    gone[row.purpose] += row.records;
    if (row.epoch_days != kEpochDays) continue;
    told[row.purpose] += row.records;
    const auto reports = expected.reports.find(id);
    if (reports == expected.reports.end()) continue;
    told[row.purpose] += static_cast<std::int64_t>(count_of(reports->second));
  }
  return {};
}

std::string account_differs(const std::string& purpose, FateCounts expected,
                            const FateCounts& found, std::int64_t gone) {
  const auto at = [](Fate fate) { return static_cast<std::size_t>(fate); };
  expected.by_fate[at(Fate::kQueued)] -= gone;
  FateCounts adjusted = found;
  const std::int64_t evicted =
      found.by_fate[at(Fate::kEvicted)] - expected.by_fate[at(Fate::kEvicted)] +
      found.by_fate[at(Fate::kExpired)] - expected.by_fate[at(Fate::kExpired)];
  for (const Fate fate : {Fate::kEvicted, Fate::kExpired}) {
    adjusted.by_fate[at(fate)] = expected.by_fate[at(fate)] = 0;
  }
  if (evicted != gone) {
    return purpose + ": " + std::to_string(gone) + " records are gone, " + std::to_string(evicted) +
           " are accounted for";
  }
  if (expected.taken != found.taken) {
    return purpose + ": taken " + std::to_string(found.taken) + ", not " +
           std::to_string(expected.taken);
  }
  if (adjusted.by_fate != expected.by_fate) return purpose + ": fates differ";
  if (found.by_reason != expected.by_reason) return purpose + ": reasons differ";
  return {};
}

}  // namespace

Result<Contents> contents_of(const Store& store, const StoreOptions& options) {
  Contents contents;
  TRY(read_rows(options, contents));
  if (const JournaledRows* journaled = store.journaled()) {
    for (auto row = journaled->next_after(0); row; row = journaled->next_after(row->meta.id)) {
      contents.rows[row->meta.id] = row_of(row->meta, row->bytes);
    }
  }
  contents.account = store.account();
  contents.next_id = store.next_row_id();
  for (const Literal module : kStateModules) {
    TRY(const std::vector<StateEntry> entries, store.states(module));
    for (const StateEntry& entry : entries) {
      contents.states[std::string(module.view()) + "/" + entry.key] = entry.value;
    }
  }
  TRY(const std::vector<StateEntry> reports, store.states(kReportsModule));
  for (const StateEntry& entry : reports) {
    TRY(contents.reports[std::stoull(entry.key)], decode_missing(entry.value));
  }
  for (const auto& [purpose, counts] : contents.account.purposes) {
    TRY(const auto records, store.missing(purpose, kEpochDays, kEpoch));
    for (const MissingRecords& one : records) {
      add_missing(contents.missing[purpose], {one.records.first, one.records.count, one.reason});
    }
  }
  return contents;
}

Contents applied(Contents contents, const CommitGroup& group) {
  contents.account += group.account;
  remove_rows(contents, group);
  for (const MissingRecords& one : group.reported) {
    const MissingRange range{one.records.first, one.records.count, one.reason};
    remove_missing(contents.missing[one.purpose], range);
    for (const Sealed& row : group.add) {
      if (row.meta().fragment || row.meta().purpose != one.purpose) continue;
      add_missing(contents.reports[row.meta().id], range);
      break;
    }
  }
  if (group.drop_held) {
    for (auto row = contents.rows.begin(); row != contents.rows.end();) {
      row = row->second.held ? contents.rows.erase(row) : std::next(row);
    }
  }
  for (const Sealed& sealed : group.add) {
    contents.rows[sealed.meta().id] = row_of(sealed.meta(), sealed.bytes());
    contents.next_id = std::max(contents.next_id, sealed.meta().id + 1);
  }
  if (group.release_held) {
    for (auto& [id, row] : contents.rows) row.held = false;
  }
  for (const StateEntry& entry : group.state) {
    const std::string key = std::string(entry.module.view()) + "/" + entry.key;
    if (entry.value.empty()) contents.states.erase(key);
    else contents.states[key] = entry.value;
  }
  return contents;
}

Contents restarted(Contents contents) {
  for (auto row = contents.rows.begin(); row != contents.rows.end();) {
    const bool lost = row->second.fragment && row->second.size == 0;
    if (lost) lose(contents, row->first, Fate::kEvicted, v1::MissingRange::EVICTED);
    row->second.fragment = false;
    row = lost || row->second.held ? contents.rows.erase(row) : std::next(row);
  }
  for (auto& [purpose, counts] : contents.account.purposes) {
    const std::int64_t held = counts.by_fate[static_cast<std::size_t>(Fate::kHeldBack)];
    if (held <= 0) continue;
    contents.account.move(purpose, Fate::kHeldBack, Fate::kDropped,
                          static_cast<std::uint64_t>(held));
    counts.by_reason[static_cast<std::size_t>(Reason::kRestart)] +=
        static_cast<std::uint64_t>(held);
  }
  return contents;
}

std::string difference(const Contents& expected, const Contents& found) {
  Gone gone;
  Gone told;
  if (std::string why = rows_differ(expected, found, gone, told); !why.empty()) return why;
  if (!found.account.adds_up()) return "the account does not add up";
  std::set<std::string> purposes;
  for (const auto& [purpose, counts] : expected.account.purposes) purposes.insert(purpose);
  for (const auto& [purpose, counts] : found.account.purposes) purposes.insert(purpose);
  const auto counts_in = [](const Contents& contents, const std::string& purpose) {
    const auto one = contents.account.purposes.find(purpose);
    return one == contents.account.purposes.end() ? FateCounts() : one->second;
  };
  const auto missing_in = [](const Contents& contents, const std::string& purpose) {
    const auto one = contents.missing.find(purpose);
    return one == contents.missing.end() ? std::uint64_t{0} : count_of(one->second);
  };
  for (const std::string& purpose : purposes) {
    std::string why = account_differs(purpose, counts_in(expected, purpose),
                                      counts_in(found, purpose), gone[purpose]);
    if (!why.empty()) return why;
    const std::uint64_t missing =
        missing_in(expected, purpose) + static_cast<std::uint64_t>(told[purpose]);
    if (missing_in(found, purpose) != missing) {
      return purpose + ": " + std::to_string(missing_in(found, purpose)) +
             " records are told missing, not " + std::to_string(missing);
    }
  }
  if (expected.states != found.states) return "state entries differ";
  if (expected.next_id != found.next_id) return "the next row's id differs";
  return {};
}

}  // namespace sudare::faults
