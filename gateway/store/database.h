// The little of SQLite's C interface that the store uses, with Results. SQL is a Literal: no value
// is ever part of a statement's text. Not here: the schema (schema.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sudare {

enum class DatabaseAccess : std::uint8_t {
  kReadWrite,
  kReadOnly,
  // Writes nothing, not even the index of the WAL. For programs that only look.
  kBeside,  // another process has the file open, and its index is there
  kUnused   // nobody has it open, and there is no WAL: what is in one is not seen
};

// What a checkpoint does with the WAL. Its blocks hold earlier contents of pages.
enum class Checkpoint : std::uint8_t {
  kReuse,  // keeps them, to be written over
  kWipe    // cuts it to 0 bytes; a WipingVfs makes secrets in it zeros before
};

// One connection; one thread. Outlives its Statements.
class Database {
 public:
  // The file must exist. kIo with errno, kMalformed where it is no SQLite file (found at first
  // use). `vfs`: Disk::sqlite_vfs().
  static Result<Database> open(const std::string& path, DatabaseAccess access,
                               const char* vfs = nullptr);

  Status run(Literal sql);
  // PRAGMA name = value; `name` is a literal of the source code.
  Status set_pragma(Literal name, std::int64_t value);
  // The first column of a pragma's or query's only row.
  Result<std::int64_t> read_number(Literal sql);

  void set_busy_wait_ms(int ms);
  [[nodiscard]] bool in_transaction() const;
  // Copies the WAL into the file. False: a reader was in the way; the part that could be copied is.
  Result<bool> checkpoint(Checkpoint what);
  // Pages in the WAL after the last commit of this connection.
  [[nodiscard]] int wal_pages() const { return *wal_pages_; }

  // What went wrong in the last call: kFull (disk or quota), kIo (errno), kMalformed (the file's
  // structure is damaged), kUnavailable (locked), kInternal (SQLite's result code).
  [[nodiscard]] tl::unexpected<Error> error(Literal what) const;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle);
  std::unique_ptr<int> wal_pages_;  // at a fixed address: SQLite's hook writes to it
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement, kept for the life of the connection.
class Statement {
 public:
  Statement() = default;  // to be assigned a prepared one before use
  static Result<Statement> prepare(const Database& database, Literal sql);

  // Parameters count from 1. Text and bytes are not copied: they must live until the statement is
  // reset.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_bytes(int index, std::string_view bytes);

  // True: a row is there to be read; false: no more.
  Result<bool> step();
  // Steps to the end and resets.
  Status run();
  // Ends the statement's use: lets go of the snapshot and of the bound values.
  void reset();

  // Columns count from 0. Text and bytes are valid until the next step or reset.
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  sqlite3* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets a statement at the end of a scope, also on the way out with an error.
class StatementScope {
 public:
  explicit StatementScope(Statement& statement) : statement_(statement) {}
  ~StatementScope() { statement_.reset(); }
  StatementScope(const StatementScope&) = delete;
  StatementScope& operator=(const StatementScope&) = delete;

 private:
  Statement& statement_;
};

}  // namespace sudare
