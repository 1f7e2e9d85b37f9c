#include "gateway/store/books.h"

#include <sodium.h>

#include <algorithm>
#include <limits>

#include "gateway/store/little_endian.h"

namespace sudare {
namespace {

template <class Counts>
std::string encode_counts(const Counts& counts) {
  std::string out;
  out.reserve(counts.size() * 8);
  for (const auto count : counts) append_u64(out, static_cast<std::uint64_t>(count));
  return out;
}

// More than a car counts in a thousand years, be it milliseconds: damage.
constexpr std::int64_t kCountMost = std::int64_t{1} << 50;

// A shorter blob is of an earlier release, which knew fewer; a longer one of a later. A count that
// can't be is none: the account does not add up then, and is counted anew.
template <class Counts>
Status decode_counts(std::string_view bytes, Counts& counts) {
  if (bytes.size() % 8 != 0 || bytes.size() > counts.size() * 8) {
    return fail(ErrorCode::kMalformed, "store: account of a wrong size");
  }
  for (std::size_t i = 0; i < bytes.size() / 8; ++i) {
    const auto count = static_cast<std::int64_t>(read_u64(bytes, i * 8));
    if (count > kCountMost || count < -kCountMost) continue;
    counts[i] = static_cast<typename Counts::value_type>(count);
  }
  return Done{};
}

// Rows tell none of these anew. Sums of such times don't overflow.
bool possible(const Books& books, const StoreTime::Saved& saved) {
  const auto counted = [](std::int64_t value) {
    return value <= kCountMost && value >= -kCountMost;
  };
  return counted(books.session) && books.next_id <= kRowIdMax + 1 && counted(saved.store_ms) &&
         counted(saved.reference_store_ms) && counted(saved.reference_wall_ms);
}

bool same(const FateCounts& a, const FateCounts& b) {
  return a.taken == b.taken && a.by_fate == b.by_fate && a.by_reason == b.by_reason;
}

constexpr std::int64_t kMsPerHour = 3'600'000;

// What a row costs beside its age file: the other columns and its entries in the indices.
constexpr std::uint64_t kRowOverheadBytes = 256;

}  // namespace

std::uint64_t essential_cost(std::int64_t rank, std::uint64_t size) {
  return rank >= kRankEssential ? size + kRowOverheadBytes : 0;
}

void Books::count_in(const SealedMeta& meta, std::uint64_t size) {
  ++rows;
  bytes += size;
  records += meta.records.count;
  essential_bytes += essential_cost(rank_of(meta.essential, meta.priority), size);
}

void Books::count_out(const RemovedRow& row) {
  --rows;
  bytes -= row.size;
  records -= row.records.count;
  essential_bytes -= essential_cost(rank_of_key(row.key), row.size);
}

void Books::follow(const Books& before, const Books& after) {
  for (const auto& [purpose, counts] : after.account.purposes) {
    FateCounts& ours = account.purposes[purpose];
    const auto found = before.account.purposes.find(purpose);
    const FateCounts old = found == before.account.purposes.end() ? FateCounts() : found->second;
    ours.taken += counts.taken - old.taken;
    for (std::size_t i = 0; i < kFateCount; ++i) {
      ours.by_fate[i] += counts.by_fate[i] - old.by_fate[i];
    }
    for (std::size_t i = 0; i < kReasonCount; ++i) {
      ours.by_reason[i] += counts.by_reason[i] - old.by_reason[i];
    }
  }
  rows += after.rows - before.rows;
  bytes += after.bytes - before.bytes;
  records += after.records - before.records;
  essential_bytes += after.essential_bytes - before.essential_bytes;
  carriers += after.carriers - before.carriers;
  time = after.time;
}

RowTimes row_times(const SealedMeta& meta, const StoreTime& time, const Clock& clock) {
  const std::int64_t monotonic_ms = clock.monotonic_ms();
  const std::int64_t now_ms = time.at(monotonic_ms);
  RowTimes times;
  times.ready_ms = now_ms;
  if (meta.not_before_ms > monotonic_ms) times.ready_ms += meta.not_before_ms - monotonic_ms;
  times.expires_ms = meta.keep_hours == 0 ? std::numeric_limits<std::int64_t>::max()
                                          : now_ms + meta.keep_hours * kMsPerHour;
  return times;
}

std::vector<MissingRecords> missing_records(const MissingKey& key, const MissingRanges& ranges) {
  std::vector<MissingRecords> records;
  for (MissingRange range : ranges) {
    while (range.count > 0) {  // a RecordRange counts to 2^32
      const std::uint64_t count = std::min<std::uint64_t>(
          range.count, std::numeric_limits<decltype(RecordRange::count)>::max());
      records.push_back({key.purpose, key.epoch_days, key.epoch,
                         RecordRange{range.first, static_cast<std::uint32_t>(count)},
                         range.reason});
      range.first += count;
      range.count -= count;
    }
  }
  return records;
}

Result<BookKeeper> BookKeeper::prepare(const Database& database) {
  BookKeeper keeper;
  TRY(keeper.load_meta_,
      Statement::prepare(database,
                         "SELECT session, session_first_id, session_store_ms, next_id, rows, bytes,"
                         " records, essential_bytes, store_ms, reference_store_ms,"
                         " reference_wall_ms, journal_sequence, store_id FROM meta WHERE one = 1"));
  TRY(keeper.save_meta_,
      Statement::prepare(database,
                         "INSERT OR REPLACE INTO meta(one, session, session_first_id,"
                         " session_store_ms, next_id, rows, bytes, records, essential_bytes,"
                         " store_ms, offset_ms, reference_store_ms, reference_wall_ms,"
                         " journal_sequence, store_id)"
                         " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(keeper.load_account_,
      Statement::prepare(database, "SELECT purpose, taken, fates, reasons FROM account"));
  TRY(keeper.save_account_,
      Statement::prepare(database,
                         "INSERT OR REPLACE INTO account(purpose, taken, fates, reasons)"
                         " VALUES (?, ?, ?, ?)"));
  TRY(keeper.load_missing_,
      Statement::prepare(database,
                         "SELECT ranges FROM missing WHERE purpose = ? AND epoch_days = ?"
                         " AND epoch = ?"));
  TRY(keeper.save_missing_,
      Statement::prepare(database,
                         "INSERT OR REPLACE INTO missing(purpose, epoch_days, epoch, ranges)"
                         " VALUES (?, ?, ?, ?)"));
  TRY(keeper.delete_missing_,
      Statement::prepare(database,
                         "DELETE FROM missing WHERE purpose = ? AND epoch_days = ?"
                         " AND epoch = ?"));
  TRY(keeper.trim_missing_,
      Statement::prepare(database,
                         "DELETE FROM missing WHERE purpose = ?1 AND epoch_days = ?2 AND epoch <="
                         " (SELECT epoch FROM missing WHERE purpose = ?1 AND epoch_days = ?2"
                         " ORDER BY epoch DESC LIMIT 1 OFFSET ?3)"));
  TRY(keeper.load_state_,
      Statement::prepare(database, "SELECT value FROM state WHERE module = ? AND key = ?"));
  TRY(keeper.load_states_,
      Statement::prepare(database, "SELECT key, value FROM state WHERE module = ? ORDER BY key"));
  TRY(keeper.save_state_,
      Statement::prepare(database,
                         "INSERT OR REPLACE INTO state(module, key, value) VALUES (?, ?, ?)"));
  TRY(keeper.delete_state_,
      Statement::prepare(database, "DELETE FROM state WHERE module = ? AND key = ?"));
  return keeper;
}

Result<Books> BookKeeper::load(const Clock& clock) {
  Books books;
  randombytes_buf(&books.store_id, sizeof books.store_id);  // of one that has none yet
  TRY(load_account(books.account));
  const StatementScope done(load_meta_);
  TRY(const bool found, load_meta_.step());
  if (!found) {
    books.time = StoreTime::start(clock.wall_ms(), clock.monotonic_ms());
    return books;
  }
  const auto natural = [this](int column) {
    return static_cast<std::uint64_t>(load_meta_.number(column));
  };
  books.session = load_meta_.number(0);
  books.session_first_id = natural(1);
  books.session_store_ms = load_meta_.number(2);
  books.next_id = natural(3);
  books.rows = natural(4);
  books.bytes = natural(5);
  books.records = natural(6);
  books.essential_bytes = natural(7);
  const StoreTime::Saved saved{load_meta_.number(8), load_meta_.number(9), load_meta_.number(10)};
  books.journal_sequence = natural(11);
  if (natural(12) != 0) books.store_id = natural(12);
  if (!possible(books, saved)) return fail(ErrorCode::kMalformed, "store: damaged totals");
  books.time = StoreTime::resume(saved, clock.wall_ms(), clock.monotonic_ms());
  return books;
}

Status BookKeeper::load_account(Account& account) {
  const StatementScope done(load_account_);
  while (true) {
    TRY(const bool found, load_account_.step());
    if (!found) return Done{};
    FateCounts& counts = account.purposes[std::string(load_account_.text(0))];
    counts.taken = static_cast<std::uint64_t>(load_account_.number(1));
    TRY(decode_counts(load_account_.bytes(2), counts.by_fate));
    TRY(decode_counts(load_account_.bytes(3), counts.by_reason));
  }
}

Status BookKeeper::put_account(const std::string& purpose, const FateCounts& counts) {
  const std::string fates = encode_counts(counts.by_fate);
  const std::string reasons = encode_counts(counts.by_reason);
  save_account_.bind(1, purpose).bind(2, static_cast<std::int64_t>(counts.taken));
  return save_account_.bind_bytes(3, fates).bind_bytes(4, reasons).run();
}

Status BookKeeper::save(const Books& books, const Account& before, const Clock& clock) {
  for (const auto& [purpose, counts] : books.account.purposes) {
    const auto old = before.purposes.find(purpose);
    if (old != before.purposes.end() && same(old->second, counts)) continue;
    TRY(put_account(purpose, counts));
  }
  const StoreTime::Saved time = books.time.saved(clock.monotonic_ms());
  const std::uint64_t naturals[] = {books.next_id, books.rows, books.bytes, books.records,
                                    books.essential_bytes};
  save_meta_.bind(1, books.session).bind(2, static_cast<std::int64_t>(books.session_first_id));
  save_meta_.bind(3, books.session_store_ms);
  int index = 4;
  for (const std::uint64_t natural : naturals) {
    save_meta_.bind(index++, static_cast<std::int64_t>(natural));
  }
  save_meta_.bind(9, time.store_ms).bind(10, books.time.offset_ms());
  save_meta_.bind(11, time.reference_store_ms).bind(12, time.reference_wall_ms);
  save_meta_.bind(13, static_cast<std::int64_t>(books.journal_sequence));
  return save_meta_.bind(14, static_cast<std::int64_t>(books.store_id)).run();
}

Result<MissingRanges> BookKeeper::missing(const MissingKey& key) {
  const StatementScope done(load_missing_);
  load_missing_.bind(1, key.purpose).bind(2, std::int64_t{key.epoch_days});
  TRY(const bool found, load_missing_.bind(3, std::int64_t{key.epoch}).step());
  if (!found) return MissingRanges{};
  return kept_missing(load_missing_.bytes(0));
}

Status BookKeeper::put_missing(const MissingKey& key, const MissingRanges& ranges) {
  if (ranges.empty()) {
    delete_missing_.bind(1, key.purpose).bind(2, std::int64_t{key.epoch_days});
    return delete_missing_.bind(3, std::int64_t{key.epoch}).run();
  }
  const std::string encoded = encode_missing(ranges);
  save_missing_.bind(1, key.purpose).bind(2, std::int64_t{key.epoch_days});
  TRY(save_missing_.bind(3, std::int64_t{key.epoch}).bind_bytes(4, encoded).run());
  trim_missing_.bind(1, key.purpose).bind(2, std::int64_t{key.epoch_days});
  return trim_missing_.bind(3, std::int64_t{kMissingEpochsMax}).run();
}

Result<std::optional<std::string>> BookKeeper::state(Literal module, std::string_view key) {
  const StatementScope done(load_state_);
  TRY(const bool found, load_state_.bind(1, module.view()).bind(2, key).step());
  if (!found) return std::nullopt;
  return std::string(load_state_.bytes(0));
}

Result<std::vector<StateEntry>> BookKeeper::states(Literal module) {
  const StatementScope done(load_states_);
  load_states_.bind(1, module.view());
  std::vector<StateEntry> entries;
  while (true) {
    TRY(const bool found, load_states_.step());
    if (!found) return entries;
    entries.push_back(
        {module, std::string(load_states_.text(0)), std::string(load_states_.bytes(1))});
  }
}

Status BookKeeper::put_state(const StateEntry& entry) {
  if (entry.value.empty()) {
    return delete_state_.bind(1, entry.module.view()).bind(2, entry.key).run();
  }
  save_state_.bind(1, entry.module.view()).bind(2, entry.key);
  return save_state_.bind_bytes(3, entry.value).run();
}

}  // namespace sudare
