#include "gateway/store/outbox.h"

namespace sudare {
namespace {

// A row's size and count are numbers of 32 bits, here and in the sums below: one rotten row must
// not make them overflow.
Result<std::optional<RemovedRow>> removed_row(Statement& statement) {
  const StatementScope done(statement);
  TRY(const bool found, statement.step());
  if (!found) return std::nullopt;
  RemovedRow row;
  row.key = statement.number(0);
  row.purpose = statement.text(1);
  row.epoch_days = static_cast<std::uint16_t>(statement.number(2));
  row.epoch = static_cast<std::uint32_t>(statement.number(3));
  row.records.first = static_cast<std::uint64_t>(statement.number(4));
  row.records.count = static_cast<std::uint32_t>(statement.number(5));
  row.size = static_cast<std::uint32_t>(statement.number(6));
  TRY(const bool more, statement.step());  // the deletion is complete once the statement is
  if (more) return fail(ErrorCode::kInternal, "store: two rows with one id");
  return row;
}

Result<std::optional<RowKey>> one_key(Statement& statement) {
  const StatementScope done(statement);
  TRY(const bool found, statement.step());
  if (!found) return std::nullopt;
  return statement.number(0);
}

}  // namespace

Result<Outbox> Outbox::prepare(const Database& database) {
  Outbox outbox;
  TRY(outbox.insert_,
      Statement::prepare(database,
                         "INSERT INTO outbox(key, fragment, ready_ms, expires_ms, purpose, shard,"
                         " epoch_days, epoch, first_record, record_count, size, checksum, bytes)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(outbox.remove_id_,
      Statement::prepare(database,
                         "DELETE FROM outbox WHERE id = ? RETURNING key, purpose, epoch_days,"
                         " epoch, first_record, record_count, size"));
  TRY(outbox.remove_,
      Statement::prepare(database,
                         "DELETE FROM outbox WHERE key = ? RETURNING key, purpose, epoch_days,"
                         " epoch, first_record, record_count, size"));
  TRY(outbox.empty_,
      Statement::prepare(database, "UPDATE outbox SET size = 0, bytes = x'' WHERE key = ?"));
  TRY(outbox.close_, Statement::prepare(database,
                                        "UPDATE outbox INDEXED BY outbox_open SET fragment = 0"
                                        " WHERE fragment = 1 AND size > 0"));
  TRY(outbox.close_one_,
      Statement::prepare(database,
                         "UPDATE outbox SET fragment = 0 WHERE id = ? RETURNING key, purpose,"
                         " epoch_days, epoch, first_record, record_count, size"));
  TRY(outbox.expired_,
      Statement::prepare(database,
                         "SELECT key FROM outbox INDEXED BY outbox_expires WHERE fragment = 0"
                         " AND expires_ms <= ? AND key NOT IN held"
                         " ORDER BY expires_ms LIMIT 1"));
  TRY(outbox.victim_,
      Statement::prepare(database,
                         "SELECT key, fragment, size FROM outbox WHERE key >= ? AND key < ?"
                         " AND size > 0 ORDER BY key LIMIT 1"));
  TRY(outbox.of_purpose_,
      Statement::prepare(database,
                         "SELECT key FROM outbox NOT INDEXED WHERE purpose = ? AND key > ?"
                         " ORDER BY key LIMIT 1"));
  TRY(outbox.open_fragment_,
      Statement::prepare(database,
                         "SELECT key FROM outbox INDEXED BY outbox_open WHERE fragment = 1"
                         " LIMIT 1"));
  TRY(outbox.prepare_held(database));
  TRY(outbox.totals_, Statement::prepare(database,
                                         "SELECT purpose, key >> 48 >= 256 AS essential, count(*),"
                                         " sum(size & 0xffffffff), sum(record_count & 0xffffffff)"
                                         " FROM outbox NOT INDEXED GROUP BY purpose, essential"));
  TRY(outbox.pages_, Statement::prepare(database, "PRAGMA page_count"));
  TRY(outbox.free_pages_, Statement::prepare(database, "PRAGMA freelist_count"));
  return outbox;
}

Status Outbox::prepare_held(const Database& database) {
  TRY(hold_, Statement::prepare(database, "INSERT INTO held(key) VALUES (?)"));
  TRY(release_held_, Statement::prepare(database, "DELETE FROM held"));
  TRY(take_held_, Statement::prepare(database, "DELETE FROM held WHERE key = ? RETURNING key"));
  TRY(held_, Statement::prepare(database,
                                "SELECT (SELECT min(key) FROM held), (SELECT max(key) FROM held)"
                                " WHERE EXISTS (SELECT 1 FROM held)"));
  TRY(held_keys_, Statement::prepare(database, "SELECT key FROM held"));
  TRY(held_totals_, Statement::prepare(database,
                                       "SELECT count(*), coalesce(sum(size & 0xffffffff), 0),"
                                       " coalesce(sum(record_count & 0xffffffff), 0)"
                                       " FROM held CROSS JOIN outbox USING (key)"));
  return Done{};
}

Status Outbox::insert(const SealedMeta& meta, std::string_view bytes, std::int64_t ready_ms,
                      std::int64_t expires_ms) {
  const RowChecksum checksum = checksum_of(meta.id, meta.shard, meta.purpose, bytes);
  const RowKey key = key_of(rank_of(meta.essential, meta.priority), meta.id);
  insert_.bind(1, key).bind(2, std::int64_t{meta.fragment}).bind(3, ready_ms).bind(4, expires_ms);
  insert_.bind(5, meta.purpose).bind(6, std::int64_t{meta.shard});
  insert_.bind(7, std::int64_t{meta.epoch_days}).bind(8, std::int64_t{meta.epoch});
  insert_.bind(9, static_cast<std::int64_t>(meta.records.first));
  insert_.bind(10, std::int64_t{meta.records.count});
  insert_.bind(11, static_cast<std::int64_t>(bytes.size()));
  insert_.bind_bytes(12, std::string_view(checksum.data(), checksum.size()));
  insert_.bind_bytes(13, bytes);
  return insert_.run();
}

Result<std::optional<RemovedRow>> Outbox::remove_id(RowId id) {
  remove_id_.bind(1, static_cast<std::int64_t>(id));
  return removed_row(remove_id_);
}

Result<std::optional<RemovedRow>> Outbox::remove(RowKey key) {
  remove_.bind(1, key);
  return removed_row(remove_);
}

Status Outbox::empty_fragment(RowKey key) { return empty_.bind(1, key).run(); }

Status Outbox::close_fragments() { return close_.run(); }

Result<std::optional<RemovedRow>> Outbox::close_fragment(RowId id) {
  close_one_.bind(1, static_cast<std::int64_t>(id));
  return removed_row(close_one_);
}

Result<std::optional<RowKey>> Outbox::next_expired(std::int64_t store_ms) {
  return one_key(expired_.bind(1, store_ms));
}

Result<std::optional<Outbox::Victim>> Outbox::next_victim(RowKey from, RowKey end) {
  const StatementScope done(victim_);
  TRY(const bool found, victim_.bind(1, from).bind(2, end).step());
  if (!found) return std::nullopt;
  return Victim{victim_.number(0), victim_.number(1) != 0,
                static_cast<std::uint32_t>(victim_.number(2))};
}

Result<std::optional<RowKey>> Outbox::next_of(std::string_view purpose, RowKey after) {
  return one_key(of_purpose_.bind(1, purpose).bind(2, after));
}

Result<std::optional<RowKey>> Outbox::next_open_fragment() { return one_key(open_fragment_); }

Status Outbox::hold(RowKey key) { return hold_.bind(1, key).run(); }

Status Outbox::release_held() { return release_held_.run(); }

Result<bool> Outbox::take_held(RowKey key) {
  TRY(const auto taken, one_key(take_held_.bind(1, key)));
  return taken.has_value();
}

Result<std::optional<Outbox::Held>> Outbox::held() {
  const StatementScope done(held_);
  TRY(const bool found, held_.step());
  if (!found) return std::nullopt;
  return Held{held_.number(0), held_.number(1)};
}

Result<Outbox::HeldTotals> Outbox::held_totals() {
  const StatementScope done(held_totals_);
  TRY(const bool found, held_totals_.step());
  if (!found) return fail(ErrorCode::kInternal, "store: no count of held rows");
  return HeldTotals{static_cast<std::uint64_t>(held_totals_.number(0)),
                    static_cast<std::uint64_t>(held_totals_.number(1)),
                    static_cast<std::uint64_t>(held_totals_.number(2))};
}

Result<std::vector<RowKey>> Outbox::held_keys() {
  const StatementScope done(held_keys_);
  std::vector<RowKey> keys;
  while (true) {
    TRY(const bool found, held_keys_.step());
    if (!found) return keys;
    keys.push_back(held_keys_.number(0));
  }
}

Result<std::vector<Outbox::Totals>> Outbox::totals() {
  const StatementScope done(totals_);
  std::vector<Totals> all;
  while (true) {
    TRY(const bool found, totals_.step());
    if (!found) return all;
    const auto natural = [this](int column) {
      return static_cast<std::uint64_t>(totals_.number(column));
    };
    all.push_back(
        {std::string(totals_.text(0)), totals_.number(1) != 0, natural(2), natural(3), natural(4)});
  }
}

Result<std::int64_t> Outbox::used_pages() {
  const StatementScope first_done(pages_);
  const StatementScope second_done(free_pages_);
  TRY(const bool counted, pages_.step());
  TRY(const bool counted_free, free_pages_.step());
  if (!counted || !counted_free) return fail(ErrorCode::kInternal, "store: no page count");
  return pages_.number(0) - free_pages_.number(0);
}

}  // namespace sudare
