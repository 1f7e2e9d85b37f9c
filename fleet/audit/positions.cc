#include "fleet/audit/positions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "gateway/detect/characters.h"

namespace sudare {
namespace {

constexpr std::int32_t kLatitudeMax = 900'000'000;
constexpr std::int32_t kLongitudeMax = 1'800'000'000;
constexpr std::int64_t kE7 = 10'000'000;

// A centimetre for what is exact, half a metre for doubles and decimals, five metres for decimals
// of which there are only four.
constexpr std::int32_t kExact = 1;
constexpr std::int32_t kRounded = 50;
constexpr std::int32_t kFourDecimals = 500;

constexpr std::int32_t kFineUnits = 100;
constexpr std::int32_t kToleranceMax = 1000;
constexpr std::int32_t kCellUnits = 1000;

bool bit(const std::vector<std::uint64_t>& bits, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  return (bits[at / 64] >> at % 64 & 1) != 0;
}
void set_bit(std::vector<std::uint64_t>& bits, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  bits[at / 64] |= std::uint64_t{1} << at % 64;
}
std::vector<std::uint64_t> bits_for(std::int64_t count) {
  return std::vector<std::uint64_t>(static_cast<std::size_t>(count / 64 + 1));
}

std::int64_t cell_of(std::int64_t value) {
  constexpr std::int64_t kPositive = 2'000'000'000;  // past any longitude and its tolerance
  return (value + kPositive) / kCellUnits;
}
std::uint64_t cell_key(std::int64_t latitude_cell, std::int64_t longitude_cell) {
  return static_cast<std::uint64_t>(latitude_cell) << 32 |
         static_cast<std::uint64_t>(longitude_cell);
}

}  // namespace

AxisFilter::AxisFilter(std::int32_t limit_e7)
    : limit_(limit_e7),
      coarse_(bits_for((2 * limit_ >> kCoarseShift) + 1)),
      fine_(bits_for(2 * (limit_ + kToleranceMax) / kFineUnits + 1)) {}

void AxisFilter::add(std::int32_t value) {
  const std::int64_t shifted = value + limit_;
  set_bit(fine_, (shifted + kToleranceMax) / kFineUnits);
  // Both neighbours too, so that one look is enough.
  set_bit(coarse_, std::max<std::int64_t>(shifted - kToleranceMax, 0) >> kCoarseShift);
  set_bit(coarse_, std::min(shifted + kToleranceMax, 2 * limit_) >> kCoarseShift);
}

bool AxisFilter::may_hold(std::int64_t value, std::int32_t tolerance) const {
  const std::int64_t shifted = value + limit_ + kToleranceMax;
  const std::int64_t last = (shifted + tolerance) / kFineUnits;
  for (std::int64_t fine = (shifted - tolerance) / kFineUnits; fine <= last; ++fine) {
    if (bit(fine_, fine)) return true;
  }
  return false;
}

PositionFinder::PositionFinder(const std::vector<AuditPosition>& positions)
    : positions_(positions), latitudes_(kLatitudeMax), longitudes_(kLongitudeMax) {
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const AuditPosition& at = positions_[i];
    const bool in_range = at.latitude_e7 >= -kLatitudeMax && at.latitude_e7 <= kLatitudeMax &&
                          at.longitude_e7 >= -kLongitudeMax && at.longitude_e7 <= kLongitudeMax;
    if (!in_range || (at.latitude_e7 == 0 && at.longitude_e7 == 0)) continue;
    for (const std::int32_t value : {at.latitude_e7, at.longitude_e7}) {
      for (const std::int32_t near : {value - kExact, value, value + kExact}) {
        const std::uint32_t bit = static_cast<std::uint32_t>(near) >> kWordShift;
        words_[bit / 64] |= std::uint64_t{1} << bit % 64;
      }
    }
    latitudes_.add(at.latitude_e7);
    longitudes_.add(at.longitude_e7);
    by_cell_[cell_key(cell_of(at.latitude_e7), cell_of(at.longitude_e7))].push_back(
        static_cast<std::uint32_t>(i));
  }
}

template <class Each>
void PositionFinder::near(std::int64_t latitude, std::int64_t longitude, std::int32_t tolerance,
                          const Each& each) const {
  for (std::int64_t row = cell_of(latitude - tolerance); row <= cell_of(latitude + tolerance);
       ++row) {
    for (std::int64_t column = cell_of(longitude - tolerance);
         column <= cell_of(longitude + tolerance); ++column) {
      const auto cell = by_cell_.find(cell_key(row, column));
      if (cell == by_cell_.end()) continue;
      for (const std::uint32_t index : cell->second) {
        const AuditPosition& at = positions_[index];
        if (std::abs(at.latitude_e7 - latitude) <= tolerance &&
            std::abs(at.longitude_e7 - longitude) <= tolerance) {
          each(index);
        }
      }
    }
  }
}

// Numbers of one form, in the order of the file: remembers those that may be half of a position
// for as long as the other half may come.
class PairMatcher {
 public:
  PairMatcher(const PositionFinder& finder, const PositionFinder::Found& found)
      : finder_(finder), found_(found) {}

  void number(std::int64_t value, std::size_t begin, std::size_t end, std::int32_t tolerance) {
    const bool near_latitude = finder_.latitudes_.may_be_near(value);
    const bool near_longitude = finder_.longitudes_.may_be_near(value);
    if (near_latitude || near_longitude) {
      near_number(value, begin, end, tolerance, near_latitude, near_longitude);
    }
  }

 private:
  void near_number(std::int64_t value, std::size_t begin, std::size_t end, std::int32_t tolerance,
                   bool near_latitude, bool near_longitude) {
    const bool latitude = near_latitude && finder_.latitudes_.may_hold(value, tolerance);
    const bool longitude = near_longitude && finder_.longitudes_.may_hold(value, tolerance);
    if (!latitude && !longitude) return;
    const Half half{value, begin, end, tolerance};
    if (latitude) match(half, longitudes_, true);
    if (longitude) match(half, latitudes_, false);
    if (latitude) latitudes_.add(half);
    if (longitude) longitudes_.add(half);
  }

  struct Half {
    std::int64_t value = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int32_t tolerance = 0;
  };
  // At most one number begins at a byte: so many reach back over the gap and the number before it.
  struct Recent {
    std::array<Half, kPositionGapBytesMax + 16> halves;
    std::size_t count = 0;
    void add(const Half& half) { halves[count++ % halves.size()] = half; }
  };

  void match(const Half& half, const Recent& others, bool half_is_latitude) {
    const std::size_t stored = std::min(others.count, others.halves.size());
    for (std::size_t back = 1; back <= stored; ++back) {
      const Half& other = others.halves[(others.count - back) % others.halves.size()];
      if (other.end + kPositionGapBytesMax < half.begin) return;
      if (other.end > half.begin) continue;
      const std::int32_t tolerance = std::max(half.tolerance, other.tolerance);
      finder_.near(half_is_latitude ? half.value : other.value,
                   half_is_latitude ? other.value : half.value, tolerance, [&](std::size_t index) {
                     constexpr double kCoarse = 0.5;
                     found_(index, other.begin, tolerance == kFourDecimals ? kCoarse : 1.0);
                   });
    }
  }

  const PositionFinder& finder_;
  const PositionFinder::Found& found_;
  Recent latitudes_;
  Recent longitudes_;
};

namespace {

template <class Integer>
Integer load(const char* bytes) {
  Integer value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Whether it is a double between 0.001 and 256, or minus that: told from the exponent alone, since
// random bits are mostly far from it.
bool may_be_degrees(std::uint64_t bits) {
  constexpr std::uint64_t kLeastExponent = 1023 - 10;
  constexpr std::uint64_t kExponents = 18;
  return (bits >> 52 & 0x7ff) - kLeastExponent < kExponents;
}

void take_double(std::uint64_t bits, std::size_t at, PairMatcher& matcher) {
  const double degrees = std::bit_cast<double>(bits);
  matcher.number(std::llround(degrees * kE7), at, at + sizeof bits, kRounded);
}

// A varint of at least three bytes that starts at `at`; 0 where none ends in time.
std::uint64_t read_varint(std::string_view bytes, std::size_t at, std::size_t& end) {
  constexpr std::size_t kVarintBytesMax = 10;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kVarintBytesMax && at + i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[at + i]);
    value |= std::uint64_t{byte & 0x7fU} << 7 * i;
    if (byte < 0x80) {
      end = at + i + 1;
      return value;
    }
  }
  return 0;
}

struct DecimalText {
  std::int64_t e7 = 0;
  std::size_t end = 0;
  std::int32_t tolerance = 0;  // 0: no number that could be a position's
};

// The digits that start at `at`: degrees with decimals, or an integer of 1e-7 degrees.
DecimalText read_decimal(std::string_view text, std::size_t at) {
  constexpr std::size_t kIntegerDigitsMax = 10;
  constexpr std::size_t kDegreesDigitsMax = 3;
  constexpr std::size_t kE7DigitsMin = 6;  // 0.1 degrees
  constexpr std::size_t kE7Decimals = 7;
  constexpr std::size_t kDecimalsMin = 4;
  DecimalText number;
  std::int64_t whole = 0;
  std::size_t end = at;
  for (; end < text.size() && is_digit(text[end]); ++end) {
    if (end - at < kIntegerDigitsMax) whole = whole * 10 + (text[end] - '0');
  }
  const std::size_t digits = end - at;
  number.end = end;
  if (end + 1 >= text.size() || text[end] != '.' || !is_digit(text[end + 1])) {
    number.e7 = whole;
    if (digits >= kE7DigitsMin && digits <= kIntegerDigitsMax) number.tolerance = kExact;
    return number;
  }
  const std::size_t first = end + 1;
  std::int64_t fraction = 0;
  for (end = first; end < text.size() && is_digit(text[end]); ++end) {
    if (end - first < kE7Decimals) fraction = fraction * 10 + (text[end] - '0');
  }
  const std::size_t decimals = end - first;
  for (std::size_t i = decimals; i < kE7Decimals; ++i) fraction *= 10;
  number.end = end;
  number.e7 = whole * kE7 + fraction;
  if (digits <= kDegreesDigitsMax && decimals >= kDecimalsMin) {
    number.tolerance = decimals == kDecimalsMin ? kFourDecimals : kRounded;
  }
  return number;
}

}  // namespace

void PositionFinder::find_binary(std::string_view bytes, const Found& found) const {
  if (empty()) return;
  PairMatcher integers(*this, found);
  PairMatcher integers_big_endian(*this, found);
  PairMatcher doubles(*this, found);
  PairMatcher doubles_big_endian(*this, found);
  PairMatcher varints(*this, found);
  PairMatcher zigzags(*this, found);
  std::uint8_t before = 0;
  for (std::size_t at = 0; at + sizeof(std::uint32_t) <= bytes.size(); ++at) {
    const auto word = load<std::uint32_t>(bytes.data() + at);
    const std::uint32_t swapped = __builtin_bswap32(word);
    if (may_be_half(word)) {
      integers.number(static_cast<std::int32_t>(word), at, at + sizeof word, kExact);
    }
    if (may_be_half(swapped)) {
      integers_big_endian.number(static_cast<std::int32_t>(swapped), at, at + sizeof word, kExact);
    }
    if (at + sizeof(std::uint64_t) <= bytes.size()) {
      const auto wide = load<std::uint64_t>(bytes.data() + at);
      const std::uint64_t wide_swapped = __builtin_bswap64(wide);
      if (may_be_degrees(wide)) take_double(wide, at, doubles);
      if (may_be_degrees(wide_swapped)) take_double(wide_swapped, at, doubles_big_endian);
    }
    // The byte before a varint's first one ends another.
    if (before < 0x80 && (word & 0x8080U) == 0x8080U) {
      std::size_t end = 0;
      const std::uint64_t value = read_varint(bytes, at, end);
      if (value != 0) {
        varints.number(static_cast<std::int64_t>(value), at, end, kExact);
        zigzags.number(static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1)), at, end, kExact);
      }
    }
    before = static_cast<std::uint8_t>(word & 0xff);
  }
}

void PositionFinder::find_text(std::string_view text, const Found& found) const {
  if (empty()) return;
  PairMatcher numbers(*this, found);
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const DecimalText number = read_decimal(text, at);
    if (number.tolerance != 0) {
      const bool negative = at > 0 && text[at - 1] == '-';
      numbers.number(negative ? -number.e7 : number.e7, at, number.end, number.tolerance);
    }
    at = number.end;
  }
}

}  // namespace sudare
