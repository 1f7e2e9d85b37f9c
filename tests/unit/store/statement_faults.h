// Makes SQLite fail in any statement of the store, by SQLite's own means: its progress handler
// interrupts the virtual machine, its authorizer refuses what a statement that is prepared asks
// for. Hooks itself into every connection of this process that is opened while it lives.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <list>

namespace sudare::testkit {

// One at a time, on one thread; outlives the connections.
class StatementFaults {
 public:
  StatementFaults() {
    current() = this;
    sqlite3_auto_extension(entry_point());
  }
  ~StatementFaults() {
    sqlite3_cancel_auto_extension(entry_point());
    current() = nullptr;
  }
  StatementFaults(const StatementFaults&) = delete;
  StatementFaults& operator=(const StatementFaults&) = delete;

  // The `steps`-th step of the virtual machine from now fails its statement, and no other. The
  // machine is asked where it jumps: at least once in each statement. 0: none.
  void interrupt_in(std::uint64_t steps) {
    steps_left_ = steps;
    happened_ = false;
  }
  // The same for what statements that are prepared ask for (to read a column, say).
  void deny_in(std::uint64_t questions) {
    questions_left_ = questions;
    happened_ = false;
  }
  void none() { steps_left_ = questions_left_ = 0; }
  // Since the last interrupt_in() or deny_in().
  [[nodiscard]] bool happened() const { return happened_; }

 private:
  static StatementFaults*& current() {
    static StatementFaults* faults = nullptr;
    return faults;
  }
  static void (*entry_point())() { return reinterpret_cast<void (*)()>(&hook); }
  struct Connection {
    StatementFaults& faults;
    sqlite3* database;
    bool in_transaction = false;
  };
  static int hook(sqlite3* database, const char** /*error*/, const void* /*routines*/) {
    Connection& connection = current()->connections_.emplace_back(Connection{*current(), database});
    sqlite3_progress_handler(database, 1, on_step, &connection);
    sqlite3_set_authorizer(database, on_question, current());
    return SQLITE_OK;
  }
  static int on_step(void* self) {
    auto& connection = *static_cast<Connection*>(self);
    const bool before = connection.in_transaction;
    connection.in_transaction = sqlite3_get_autocommit(connection.database) == 0;
    // A transaction that has just ended has ended: no COMMIT fails that is on the disk.
    if (before && !connection.in_transaction) return 0;
    return connection.faults.is_due(connection.faults.steps_left_) ? 1 : 0;
  }
  static int on_question(void* self, int /*action*/, const char*, const char*, const char*,
                         const char*) {
    auto& faults = *static_cast<StatementFaults*>(self);
    return faults.is_due(faults.questions_left_) ? SQLITE_DENY : SQLITE_OK;
  }
  bool is_due(std::uint64_t& left) {
    const bool due = left > 0 && --left == 0;
    happened_ |= due;
    return due;
  }

  std::list<Connection> connections_;
  std::uint64_t steps_left_ = 0;
  std::uint64_t questions_left_ = 0;
  bool happened_ = false;
};

}  // namespace sudare::testkit
