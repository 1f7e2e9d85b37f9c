// What a recipient knows from batch to batch: drops duplicates, finds gaps and forks, counts. Order
// of arrival does not matter. Not here: transport (open_mqtt.h), files (commands/open.cc).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "fleet/open/open_batch.h"

namespace sudare {

// Batch ids that are remembered, per Receiver: a day of 10,000 cars that send a batch every 100 s.
// 16 bytes each; past it, the least id is forgotten and its duplicate would be told as a fork.
inline constexpr std::size_t kBatchIdsMax = 8'640'000;

// Ranges of record numbers that are remembered per pseudonym. Batches that arrive in order make one
// range.
inline constexpr std::size_t kRangesMax = 4096;

struct ReceiverCounts {
  std::uint64_t files = 0;
  std::uint64_t batches = 0;  // opened, not duplicates
  std::uint64_t records = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t forks =
      0;  // batches whose records another batch already had: a copied unit or a restored backup
  std::uint64_t verified_self = 0;  // records
  std::uint64_t verified_none = 0;
  std::uint64_t verified_member = 0;
  std::uint64_t evicted = 0;  // records that the car said it lost, by reason
  std::uint64_t expired = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t failed = 0;                       // files that did not open
  std::map<std::string, std::uint64_t> failures;  // by literal
};

// Record numbers that neither arrived nor were reported as lost.
struct Gap {
  std::string pseudonym;  // 16 bytes
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

enum class Arrival : std::uint8_t { kNew, kDuplicate, kFork };

// One purpose. One thread.
class Receiver {
 public:
  // Counts the batch and says what it is; the caller writes the records of all but kDuplicate.
  Arrival take(const VerifiedBatch& batch);
  void take_failure(const Error& error);

  [[nodiscard]] const ReceiverCounts& counts() const { return counts_; }
  // Gaps below the greatest number that arrived, by pseudonym. A batch that is still on its way is
  // a gap until it arrives.
  [[nodiscard]] std::vector<Gap> gaps() const;
  // Nothing failed to open, no fork, no gap.
  [[nodiscard]] bool clean() const;

 private:
  using Ranges = std::map<std::uint64_t, std::uint64_t>;  // first number → one past the last;
                                                          // disjoint, not adjacent

  struct Sender {
    Ranges arrived;
    Ranges lost;  // as the car told. What was given up on may still arrive: no fork
  };

  // Adds [first, end); returns whether any of it was there.
  static bool insert(Ranges& ranges, std::uint64_t first, std::uint64_t end);
  void note_missing(const v1::Batch& batch, Ranges& lost);

  std::set<std::string, std::less<>> seen_;
  std::map<std::string, Sender, std::less<>> pseudonyms_;
  ReceiverCounts counts_;
};

}  // namespace sudare
