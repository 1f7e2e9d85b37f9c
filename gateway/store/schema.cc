#include "gateway/store/schema.h"

namespace sudare {
namespace {

constexpr std::int64_t kApplicationId = 0x53756461;

// Pages kept in memory: the upper levels of the trees and the ends that are written. More buys
// little, as rows are written once and read once.
constexpr std::int64_t kWriterCacheKib = 512;
constexpr std::int64_t kReaderCacheKib = 256;

constexpr Literal kHeldTable = "CREATE TABLE held(key INTEGER PRIMARY KEY) STRICT;";

constexpr Literal kJournalColumns =
    "ALTER TABLE meta ADD COLUMN journal_sequence INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE meta ADD COLUMN store_id INTEGER NOT NULL DEFAULT 0;";

constexpr Literal kTables =
    "CREATE TABLE meta("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  session INTEGER NOT NULL, session_first_id INTEGER NOT NULL,"
    "  session_store_ms INTEGER NOT NULL, next_id INTEGER NOT NULL,"
    "  rows INTEGER NOT NULL, bytes INTEGER NOT NULL, records INTEGER NOT NULL,"
    "  essential_bytes INTEGER NOT NULL,"
    "  store_ms INTEGER NOT NULL, offset_ms INTEGER NOT NULL,"
    "  reference_store_ms INTEGER NOT NULL, reference_wall_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE outbox("
    "  key INTEGER PRIMARY KEY,"
    "  rank INTEGER NOT NULL GENERATED ALWAYS AS (key >> 48) VIRTUAL,"
    "  id INTEGER NOT NULL GENERATED ALWAYS AS (key & 0xffffffffffff) VIRTUAL,"
    "  fragment INTEGER NOT NULL, ready_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    "  purpose TEXT NOT NULL, shard INTEGER NOT NULL,"
    "  epoch_days INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    "  first_record INTEGER NOT NULL, record_count INTEGER NOT NULL,"
    "  size INTEGER NOT NULL, checksum BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX outbox_id ON outbox(id);"
    "CREATE INDEX outbox_ready ON outbox(rank, ready_ms) WHERE fragment = 0;"
    "CREATE INDEX outbox_expires ON outbox(expires_ms) WHERE fragment = 0;"
    "CREATE INDEX outbox_open ON outbox(fragment) WHERE fragment = 1;"
    "CREATE TABLE account("
    "  purpose TEXT PRIMARY KEY, taken INTEGER NOT NULL, fates BLOB NOT NULL,"
    "  reasons BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE missing("
    "  purpose TEXT NOT NULL, epoch_days INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    "  ranges BLOB NOT NULL, PRIMARY KEY (purpose, epoch_days, epoch)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state("
    "  module TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    "  PRIMARY KEY (module, key)) STRICT, WITHOUT ROWID;";

Status set_version(Database& database) {
  return database.set_pragma("user_version", file_version(kSchemaVersion, kSchemaReadableFrom));
}

Status create(Database& database) {
  TRY(database.run("BEGIN IMMEDIATE"));
  TRY(database.run(kTables));
  TRY(database.run(kHeldTable));
  TRY(database.run(kJournalColumns));
  TRY(database.set_pragma("application_id", kApplicationId));
  TRY(set_version(database));
  return database.run("COMMIT");
}

// SQLite takes the statement, but not of this file: its header rotted, or its version's number, and
// what an older version lacked is there.
Status run_if_sound(Database& database, Literal sql) {
  Status done = database.run(sql);
  if (!done && done.error().code == ErrorCode::kInternal) {
    done.error().code = ErrorCode::kMalformed;
  }
  return done;
}

// One transaction that ends with the new user_version: a power cut leaves the old format or the new
// one.
Status migrate(Database& database, std::int64_t from) {
  if (from < 1) {
    return fail(ErrorCode::kMalformed, "store: outbox.db has a version that never was");
  }
  TRY(database.run("BEGIN IMMEDIATE"));
  if (from < 2) {
    TRY(run_if_sound(database, kHeldTable));
  }
  if (from < 3) {
    TRY(run_if_sound(database, kJournalColumns));
  }
  TRY(set_version(database));
  return database.run("COMMIT");
}

Status prepare_tables(Database& database) {
  TRY(const auto written, database.read_number("PRAGMA user_version"));
  TRY(const auto application, database.read_number("PRAGMA application_id"));
  TRY(const auto objects, database.read_number("SELECT count(*) FROM sqlite_schema"));
  if (objects == 0) return create(database);
  if (application != kApplicationId) {
    return fail(ErrorCode::kMalformed, "store: outbox.db is another program's file", application);
  }
  TRY(const std::int64_t version, readable_version(written));
  if (version < kSchemaVersion) return migrate(database, version);
  return Done{};
}

}  // namespace

Result<std::int64_t> readable_version(std::int64_t user_version) {
  const std::int64_t version = user_version & 0xffff;
  const std::int64_t readable_from = user_version >> 16;
  if (version > kSchemaVersion && (readable_from == 0 || readable_from > kSchemaVersion)) {
    return fail(ErrorCode::kUnsupported, "store: outbox.db is of a newer version", version);
  }
  return version;
}

Status prepare_writer(Database& database) {
  database.set_busy_wait_ms(kBusyWaitMs);
  TRY(database.set_pragma("page_size", kPageBytes));  // of a new file; no effect on an old one
  TRY(run_if_sound(database, "PRAGMA journal_mode = WAL"));
  TRY(database.run("PRAGMA synchronous = FULL"));
  TRY(database.run("PRAGMA secure_delete = ON"));
  TRY(database.run("PRAGMA temp_store = MEMORY"));
  TRY(database.set_pragma("mmap_size", 0));
  TRY(database.set_pragma("cache_size", -kWriterCacheKib));
  return prepare_tables(database);
}

Status prepare_reader(Database& database) {
  database.set_busy_wait_ms(kBusyWaitMs);
  TRY(database.run("PRAGMA temp_store = MEMORY"));
  TRY(database.set_pragma("mmap_size", 0));
  return database.set_pragma("cache_size", -kReaderCacheKib);
}

}  // namespace sudare
