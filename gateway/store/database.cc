#include "gateway/store/database.h"

#include <sqlite3.h>

#include <cerrno>

namespace sudare {
namespace {

bool disk_is_full(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

tl::unexpected<Error> error_of(sqlite3* database, Literal what) {
  const int last_error = errno;
  const int code = sqlite3_extended_errcode(database);
  // SQLite does not note the errno of a write that fails within COMMIT.
  const int noted_error = sqlite3_system_errno(database);
  const int system_error = noted_error != 0 ? noted_error : last_error;
  switch (code & 0xff) {
    // SQLite keeps no errno for a short write and for its own page limit.
    case SQLITE_FULL: return fail(ErrorCode::kFull, what, ENOSPC);
    case SQLITE_IOERR:
      return fail(disk_is_full(system_error) ? ErrorCode::kFull : ErrorCode::kIo, what,
                  system_error);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY: return fail(ErrorCode::kIo, what, system_error);
    // Ids are checked before they are inserted: a row that is there all the same was not committed.
    case SQLITE_CONSTRAINT:
    // What is inserted is bounded far below SQLite's limit: a length beyond it has rotted.
    case SQLITE_TOOBIG:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(ErrorCode::kMalformed, what, code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return fail(ErrorCode::kUnavailable, what, code);
    default: return fail(ErrorCode::kInternal, what, code);
  }
}

// SQLite's URI of a file (RFC 3986): what it would take for something else is escaped.
std::string uri_of(const std::string& path, std::string_view query) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string uri("file:");
  for (const char c : path) {
    if (c != '%' && c != '?' && c != '#') {
      uri += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri += '%';
    uri += kDigits[byte >> 4];
    uri += kDigits[byte & 0xf];
  }
  return uri.append(query);
}

int open_to_look(const std::string& path, DatabaseAccess access, sqlite3** handle) {
  const std::string uri = uri_of(
      path, access == DatabaseAccess::kBeside ? "?mode=ro&readonly_shm=1" : "?mode=ro&immutable=1");
  return sqlite3_open_v2(
      uri.c_str(), handle,
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
}

int remember_wal_pages(void* pages, sqlite3* /*database*/, const char* /*name*/, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(sqlite3* handle) : wal_pages_(std::make_unique<int>(0)), handle_(handle) {
  // Takes the place of SQLite's automatic checkpoint: the store decides when, and what is wiped.
  sqlite3_wal_hook(handle, remember_wal_pages, wal_pages_.get());
}

Result<Database> Database::open(const std::string& path, DatabaseAccess access, const char* vfs) {
  sqlite3* handle = nullptr;
  // A read-only connection, too, must write the index of the WAL: it is kept from writing by
  // PRAGMA query_only.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const bool looks = access == DatabaseAccess::kBeside || access == DatabaseAccess::kUnused;
  const int code = looks ? open_to_look(path, access, &handle)
                         : sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
  if (handle == nullptr) return fail(ErrorCode::kInternal, "store: no memory for a connection");
  Database database(handle);
  if (code != SQLITE_OK) return database.error("store: the file can't be opened");
  if (access == DatabaseAccess::kReadOnly) {
    TRY(database.set_pragma("query_only", 1));
  }
  return database;
}

Status Database::run(Literal sql) {
  if (sqlite3_exec(handle_.get(), sql.view().data(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error("store: a statement failed");
  }
  return Done{};
}

Status Database::set_pragma(Literal name, std::int64_t value) {
  const std::string sql = "PRAGMA " + std::string(name.view()) + " = " + std::to_string(value);
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error("store: a setting was refused");
  }
  return Done{};
}

Result<std::int64_t> Database::read_number(Literal sql) {
  TRY(Statement statement, Statement::prepare(*this, sql));
  TRY(const bool found, statement.step());
  if (!found) return fail(ErrorCode::kInternal, "store: a query gave no number");
  return statement.number(0);
}

void Database::set_busy_wait_ms(int ms) { sqlite3_busy_timeout(handle_.get(), ms); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

Result<bool> Database::checkpoint(Checkpoint what) {
  const int mode =
      what == Checkpoint::kWipe ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, mode, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return error("store: checkpoint");
  *wal_pages_ = 0;
  return true;
}

tl::unexpected<Error> Database::error(Literal what) const { return error_of(handle_.get(), what); }

Result<Statement> Statement::prepare(const Database& database, Literal sql) {
  sqlite3_stmt* statement = nullptr;
  const auto bytes = static_cast<int>(sql.view().size());
  if (sqlite3_prepare_v3(database.handle(), sql.view().data(), bytes, SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    auto error = database.error("store: a statement could not be prepared");
    // The tables are not those that the version promises.
    if (error.value().code == ErrorCode::kInternal) error.value().code = ErrorCode::kMalformed;
    return error;
  }
  return Statement(database.handle(), statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_bytes(int index, std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return error_of(database_, "store: a statement failed");
  }
}

Status Statement::run() {
  const StatementScope done(*this);
  while (true) {
    TRY(const bool more, step());
    if (!more) return Done{};
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace sudare
