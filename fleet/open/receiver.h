// What a recipient knows from batch to batch: drops duplicates, finds gaps and forks, counts. Order
// of arrival does not matter. Not here: transport (open_mqtt.h), files (commands/open.cc).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "fleet/open/open_batch.h"

namespace sudare {

// Batch ids that are remembered, per Receiver: about 100 MB. Past it the oldest is forgotten. A
// batch that comes again so late is told as a fork, or, without pseudonym, written again.
inline constexpr std::size_t kBatchIdsMax = 1'000'000;

// Pseudonyms whose records are followed, per Receiver. Batches of others are written, but their
// gaps and forks are not seen: `unfollowed` counts them.
inline constexpr std::size_t kPseudonymsMax = 1'000'000;

// Ranges of record numbers that are remembered per pseudonym. Batches that arrive in order make one
// range; a range past it is counted as unfollowed, and shows as a gap.
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
  // Records that the car said it gave up, by reason: each once, however often it was said, within
  // the limits above.
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t unfollowed = 0;                   // batches past a limit above
  std::uint64_t failed = 0;                       // files that did not open
  std::map<std::string, std::uint64_t> failures;  // by literal
};

// Record numbers that neither arrived nor were reported as lost.
struct Gap {
  std::string pseudonym;  // 16 bytes
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// Records that a batch brought though another batch already had brought records of those numbers.
struct Fork {
  std::string pseudonym;  // 16 bytes
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// Forks that are told one by one; `ReceiverCounts::forks` counts them all.
inline constexpr std::size_t kForksToldMax = 1000;

struct RecordSpan {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// What is remembered of a batch from one run to the next.
struct Received {
  std::string batch_id;   // 16 bytes; empty: a summary of several batches
  std::string pseudonym;  // 16 bytes; empty: none
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::vector<RecordSpan> lost;  // as the car told
};
[[nodiscard]] Received received_of(const VerifiedBatch& batch);

enum class Arrival : std::uint8_t { kNew, kDuplicate, kFork };

// One purpose. One thread.
class Receiver {
 public:
  // Counts the batch and says what it is; the caller writes the records of all but kDuplicate.
  Arrival take(const VerifiedBatch& batch);
  void take_failure(const Error& error);

  // Of an earlier run: counts nothing, and tells no fork.
  void remember(const Received& received);
  // Everything that remember() needs to come to this state.
  void for_each_remembered(const std::function<void(const Received&)>& each) const;

  [[nodiscard]] const ReceiverCounts& counts() const { return counts_; }
  // Gaps below the greatest number that arrived, by pseudonym. A batch that is still on its way is
  // a gap until it arrives.
  [[nodiscard]] std::vector<Gap> gaps() const;
  // Of the records that the car said it gave up, those that arrived all the same: it had not heard
  // of it when it needed their room, or told two ranges as one (gateway/store/missing_ranges.h).
  // Like gaps() of all that is remembered, where `counts()` is of this run.
  [[nodiscard]] std::uint64_t missing_arrived() const;
  // The first kForksToldMax, in the order in which they came.
  [[nodiscard]] const std::vector<Fork>& forks() const { return forks_; }
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
  static void insert(Ranges& ranges, const RecordSpan& span);
  // How many of [first, end) are in `ranges`.
  static std::uint64_t common(const Ranges& ranges, std::uint64_t first, std::uint64_t end);
  void take_missing(const v1::Batch& batch, Ranges* told);
  // Null past kPseudonymsMax.
  Sender* sender_of(const std::string& pseudonym);

  [[nodiscard]] bool is_duplicate(const std::string& batch_id);

  std::set<std::string, std::less<>> seen_;
  std::deque<std::string> seen_order_;  // oldest first
  std::map<std::string, Sender, std::less<>> pseudonyms_;
  std::vector<Fork> forks_;
  ReceiverCounts counts_;
};

}  // namespace sudare
