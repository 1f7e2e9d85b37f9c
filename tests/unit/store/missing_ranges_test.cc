#include "gateway/store/missing_ranges.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sudare {
namespace {

constexpr auto kEvicted = v1::MissingRange::EVICTED;
constexpr auto kExpired = v1::MissingRange::EXPIRED;

TEST(MissingRangesList, DecodeRefusesACutList) {
  const std::string encoded = encode_missing({{1, 2, kEvicted}, {9, 1, kExpired}});
  EXPECT_FALSE(decode_missing(std::string_view(encoded).substr(0, 20)));
}

TEST(MissingRangesList, DecodeRefusesAnUnknownReason) {
  std::string encoded = encode_missing({{1, 2, kEvicted}});
  encoded.back() = 77;
  EXPECT_FALSE(decode_missing(encoded));
}

TEST(MissingRangesList, EncodingRoundTrips) {
  const MissingRanges ranges = {{1, 2, kEvicted}, {std::uint64_t{1} << 40, 1, kExpired}};
  const auto decoded = decode_missing(encode_missing(ranges));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, ranges);
}

TEST(MissingRangesList, NeighboursBecomeOne) {
  MissingRanges ranges;
  add_missing(ranges, {0, 5, kEvicted});
  add_missing(ranges, {10, 5, kEvicted});
  add_missing(ranges, {5, 5, kEvicted});
  EXPECT_EQ(ranges, (MissingRanges{{0, 15, kEvicted}}));
}

TEST(MissingRangesList, NothingIsNoRange) {
  MissingRanges ranges;
  add_missing(ranges, {5, 0, v1::MissingRange::EVICTED});
  EXPECT_TRUE(ranges.empty());
}

TEST(MissingRangesList, DifferentReasonsStayApart) {
  MissingRanges ranges;
  add_missing(ranges, {0, 5, kEvicted});
  add_missing(ranges, {5, 5, kExpired});
  EXPECT_EQ(ranges, (MissingRanges{{0, 5, kEvicted}, {5, 5, kExpired}}));
}

TEST(MissingRangesList, RemovalSplitsARange) {
  MissingRanges ranges = {{0, 10, kEvicted}};
  remove_missing(ranges, {3, 4, kEvicted});
  EXPECT_EQ(ranges, (MissingRanges{{0, 3, kEvicted}, {7, 3, kEvicted}}));
}

TEST(MissingRangesList, IsBoundedAndJoinsTheClosest) {
  MissingRanges ranges;
  for (std::uint64_t i = 0; i < kMissingRangesMax; ++i) add_missing(ranges, {i * 100, 1, kEvicted});
  EXPECT_EQ(ranges.size(), kMissingRangesMax);
  add_missing(ranges, {305, 1, kEvicted});  // 4 numbers after 300
  EXPECT_EQ(ranges.size(), kMissingRangesMax);
  EXPECT_EQ(ranges[3], (MissingRange{300, 6, kEvicted}));
}

TEST(MissingRangesList, AgreesWithASetOfNumbers) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  MissingRanges ranges;
  std::set<std::uint64_t> numbers;
  for (int step = 0; step < 2000; ++step) {
    const std::uint64_t first = random() % 120;  // at most 60 ranges: nothing is joined coarsely
    const std::uint64_t count = 1 + random() % 4;
    const bool add = random() % 2 == 0;
    if (add) add_missing(ranges, {first, count, kEvicted});
    else remove_missing(ranges, {first, count, kEvicted});
    for (std::uint64_t n = first; n < first + count; ++n) {
      if (add) numbers.insert(n);
      else numbers.erase(n);
    }
  }
  std::set<std::uint64_t> covered;
  for (const MissingRange& range : ranges) {
    for (std::uint64_t n = range.first; n < range.end(); ++n) {
      EXPECT_TRUE(covered.insert(n).second);
    }
  }
  EXPECT_EQ(covered, numbers);
}

}  // namespace
}  // namespace sudare
