// Random commits as a gateway makes them, so that every part of a store is in use: rows of all
// sizes and urgencies, fragments and what takes their place, deliveries, withdrawals, held pieces
// of clips, reports, states.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gateway/store/store.h"
#include "tests/faults/disk/contents.h"
#include "tests/faults/disk/dice.h"

namespace sudare::faults {

class Groups {
 public:
  explicit Groups(Dice& dice) : dice_(dice) {}

  // What may be committed to a store that holds `contents`.
  [[nodiscard]] CommitGroup next(const Contents& contents);
  // The bytes of every row that was ever made: what may be found under its id.
  [[nodiscard]] bool made(RowId id, const std::string& bytes) const;

 private:
  struct Kind {
    const char* purpose;
    std::uint8_t priority;
    bool essential;
    std::uint16_t epoch_days;
  };
  static const Kind kKinds[];

  [[nodiscard]] std::string content(RowId id);
  void add(const Kind& kind, RecordRange records, bool fragment, bool held, CommitGroup& group);
  void add_rows(const Contents& contents, CommitGroup& group);
  void close_batch(const Contents& contents, CommitGroup& group);
  void add_held(const Contents& contents, CommitGroup& group);
  void take_away(const Contents& contents, CommitGroup& group);
  [[nodiscard]] std::vector<RowId> some_of(const Contents& contents, std::uint64_t most);
  [[nodiscard]] static std::vector<RowId> fragments_of(const Contents& contents, const Kind& kind);
  [[nodiscard]] static bool open_batch(const Contents& contents, const CommitGroup& group,
                                       const Kind& kind);

  Dice& dice_;
  RowId next_id_ = 1;
  std::map<std::string, std::uint64_t> next_record_;
  std::multimap<RowId, std::size_t> made_;  // id → hash of the bytes
  std::uint64_t number_ = 0;
};

}  // namespace sudare::faults
