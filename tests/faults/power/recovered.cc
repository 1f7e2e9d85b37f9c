#include "tests/faults/power/recovered.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "gateway/store/store.h"
#include "tests/faults/power/messages.h"

namespace sudare::faults {
namespace {

// As gateway.textproto has it: the defaults.
constexpr std::uint64_t kQuotaBytes = 64U << 20;
constexpr std::uint64_t kEssentialBytes = 4U << 20;

void open_rows(const std::filesystem::path& database, const Keys& keys, Numbers& numbers,
               Recovered& recovered) {
  sqlite3* connection = nullptr;
  sqlite3_stmt* rows = nullptr;
  if (sqlite3_open(database.c_str(), &connection) != SQLITE_OK ||
      sqlite3_prepare_v2(connection, "SELECT purpose, bytes FROM outbox", -1, &rows, nullptr) !=
          SQLITE_OK) {
    recovered.problem = "outbox.db can't be read";
  }
  int step = SQLITE_DONE;
  while (recovered.problem.empty() && (step = sqlite3_step(rows)) == SQLITE_ROW) {
    ++recovered.rows;
    const bool opened =
        numbers.add(keys, reinterpret_cast<const char*>(sqlite3_column_text(rows, 0)),
                    {static_cast<const std::uint8_t*>(sqlite3_column_blob(rows, 1)),
                     static_cast<std::size_t>(sqlite3_column_bytes(rows, 1))});
    if (!opened) ++recovered.unopened;
  }
  if (step != SQLITE_DONE) recovered.problem = "outbox.db ends early";
  sqlite3_finalize(rows);
  sqlite3_close(connection);
}

}  // namespace

bool Numbers::add(const Keys& keys, const std::string& purpose, ByteSpan file) {
  const auto key = keys.find(purpose);
  if (key == keys.end()) return false;
  std::string plaintext;
  if (!age::open_side::open({&key->second, 1}, file, plaintext)) return false;
  const auto opened = open_signed_batch(
      purpose, {reinterpret_cast<const std::uint8_t*>(plaintext.data()), plaintext.size()});
  v1::Batch batch;
  if (!opened || !opened->public_key || !batch.ParseFromString(opened->batch)) return false;
  if (!batches_.insert(batch.batch_id()).second) return true;
  for (const v1::Record& record : batch.records()) {
    if (const auto number = number_of(record)) ++counts_[*number];
  }
  return true;
}

Recovered recover(const std::filesystem::path& state, const Keys& keys, Numbers& numbers) {
  Recovered recovered;
  std::uint64_t rows = 0;
  {
    // Opening plays the journal back into outbox.db; no session of it lasts.
    const SystemClock clock;
    const auto store = Store::open(
        {state.string(), kQuotaBytes, kEssentialBytes, journal_bytes_for(kQuotaBytes)}, clock);
    if (!store) {
      recovered.problem = "the store does not open: " + std::string(store.error().what.view());
      return recovered;
    }
    recovered.account = (*store)->account();
    rows = (*store)->status().rows;
  }
  open_rows(state / "outbox.db", keys, numbers, recovered);
  if (recovered.problem.empty() && recovered.rows != rows) {
    recovered.problem = "rows that the store counts: " + std::to_string(rows) +
                        ", rows that it has: " + std::to_string(recovered.rows);
  }
  return recovered;
}

}  // namespace sudare::faults
