// The writer's statements on the table of rows. Each touches a bounded number of pages, however
// long the queue is; `next_of` alone walks. Says nothing about why a row comes or goes (commit.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/stages.h"
#include "gateway/store/database.h"
#include "gateway/store/row.h"

namespace sudare {

class Outbox {
 public:
  static Result<Outbox> prepare(const Database& database);

  // `bytes` may be empty for a fragment: see schema.h.
  Status insert(const SealedMeta& meta, std::string_view bytes, std::int64_t ready_ms,
                std::int64_t expires_ms);
  // Nothing where there is no such row.
  Result<std::optional<RemovedRow>> remove_id(RowId id);
  Result<std::optional<RemovedRow>> remove(RowKey key);
  // Takes a fragment's bytes away; its row stays.
  Status empty_fragment(RowKey key);
  // Fragments that have bytes become rows like any other: their session is over.
  Status close_fragments();
  // The same for one of this session, with or without bytes. Nothing where there is no such row.
  Result<std::optional<RemovedRow>> close_fragment(RowId id);

  Result<std::optional<RowKey>> next_expired(std::int64_t store_ms);
  // The first row that has bytes, from `from` to before `end`.
  struct Victim {
    RowKey key = 0;
    bool fragment = false;
    std::uint64_t size = 0;
  };
  Result<std::optional<Victim>> next_victim(RowKey from, RowKey end);
  // The first row of a purpose after `after`.
  Result<std::optional<RowKey>> next_of(std::string_view purpose, RowKey after);
  Result<std::optional<RowKey>> next_open_fragment();

  // The row of this key is held.
  Status hold(RowKey key);
  // Nothing is held any more; the rows stay.
  Status release_held();
  // Takes the row out of those that are held. False: it was none.
  Result<bool> take_held(RowKey key);
  struct Held {
    RowKey first = 0;
    RowKey last = 0;
  };
  // Nothing where no row is held.
  Result<std::optional<Held>> held();
  struct HeldTotals {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
  };
  // Counts them: at the start of a session.
  Result<HeldTotals> held_totals();
  // As they lie in the table, whatever their order is.
  Result<std::vector<RowKey>> held_keys();

  // What is in the table, by purpose and urgency. Reads all of it: after damage only.
  struct Totals {
    std::string purpose;
    bool essential = false;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
  };
  Result<std::vector<Totals>> totals();

  // Pages of the file that hold something, this transaction included.
  Result<std::int64_t> used_pages();

 private:
  Outbox() = default;
  Status prepare_held(const Database& database);
  Statement insert_;
  Statement remove_id_;
  Statement remove_;
  Statement empty_;
  Statement close_;
  Statement close_one_;
  Statement expired_;
  Statement victim_;
  Statement of_purpose_;
  Statement open_fragment_;
  Statement hold_;
  Statement release_held_;
  Statement held_keys_;
  Statement take_held_;
  Statement held_;
  Statement held_totals_;
  Statement totals_;
  Statement pages_;
  Statement free_pages_;
};

}  // namespace sudare
