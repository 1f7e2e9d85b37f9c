// What a store holds, read past the store from its tables and its journal; what a commit makes of
// it by its contract; and whether that is what is found.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "gateway/store/missing_ranges.h"
#include "gateway/store/store.h"

namespace sudare::faults {

inline constexpr std::uint32_t kEpoch = 700;
inline constexpr std::uint16_t kEpochDays = 28;

struct Contents {
  struct Row {
    std::string purpose;
    std::uint32_t records = 0;
    std::uint64_t first_record = 0;
    std::int64_t rank = 0;
    std::uint16_t epoch_days = 0;
    std::uint64_t size = 0;
    bool fragment = false;
    bool held = false;
    std::string checksum;
    friend bool operator==(const Row&, const Row&) = default;
  };
  std::map<RowId, Row> rows;
  Account account;
  std::map<std::string, std::string> states;
  std::map<std::string, MissingRanges> missing;  // by purpose, of kEpochDays and kEpoch
  std::map<RowId, MissingRanges> reports;        // what a row says is missing, until it has arrived
  RowId next_id = 1;

  [[nodiscard]] std::uint64_t taken() const { return account.total().taken; }
};

// kMalformed …: the tables can't be read.
Result<Contents> contents_of(const Store& store, const StoreOptions& options);

// What `group` makes of it, were there room for everything and nothing too old.
[[nodiscard]] Contents applied(Contents contents, const CommitGroup& group);
// What a new session makes of it.
[[nodiscard]] Contents restarted(Contents contents);

// Empty where `found` is `expected`, except for rows that were evicted or expired and that the
// account and the missing ranges say so of; else what differs first.
[[nodiscard]] std::string difference(const Contents& expected, const Contents& found);

}  // namespace sudare::faults
