// Which record numbers of one purpose and epoch were given up: a short sorted list. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {

// What a batch reports of its epoch, at most: some 20 bytes each, so under 2 KiB of a batch.
inline constexpr std::size_t kMissingRangesMax = 64;
// Earlier epochs can't be reported any more (no later batch carries their pseudonym); the list of
// the epoch that ends while its last rows wait may still be wanted, the others bound the table.
inline constexpr std::size_t kMissingEpochsMax = 8;

struct MissingRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  v1::MissingRange::Reason reason = v1::MissingRange::UNSPECIFIED;

  [[nodiscard]] std::uint64_t end() const { return first + count; }
  friend bool operator==(const MissingRange&, const MissingRange&) = default;
};

// Sorted by `first`; no two overlap.
using MissingRanges = std::vector<MissingRange>;

// Adds a range; neighbours of the same reason become one. Over kMissingRangesMax the two ranges
// with the smallest gap become one that covers the gap as well: then the list names some records
// that did arrive, and the reason is the larger part's.
void add_missing(MissingRanges& ranges, const MissingRange& range);

// Takes the numbers of `range` out.
void remove_missing(MissingRanges& ranges, const MissingRange& range);

// As kept on disk: 17 bytes each (first, count: little-endian; reason). kMalformed.
[[nodiscard]] std::string encode_missing(const MissingRanges& ranges);
[[nodiscard]] Result<MissingRanges> decode_missing(std::string_view bytes);
// What was kept. Damage is logged, and reads as nothing: the recipient then counts a gap without a
// reason, and no commit fails for a note.
[[nodiscard]] MissingRanges kept_missing(std::string_view bytes);

}  // namespace sudare
