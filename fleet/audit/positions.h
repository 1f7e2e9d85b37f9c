// Finds given raw positions in bytes, in every form in which a message would carry them. A latitude
// counts only with the longitude of the same position near it, in the same form: single numbers
// meet by chance in any large file.
//
//   text      decimal degrees with four decimals or more; integers of 1e-7 degrees
//   binary    doubles and 32-bit integers of 1e-7 degrees, in either byte order; Protobuf varints
//             of 1e-7 degrees, plain and zigzag
//
// Not found: single-precision floats, degrees and minutes (NMEA is a class of its own), and
// binary numbers within 0.001 degrees of the equator or the prime meridian as doubles, 0.002 as
// varints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sudare {

// 1e-7 degrees, WGS84.
struct AuditPosition {
  std::int32_t latitude_e7 = 0;
  std::int32_t longitude_e7 = 0;
};

// Bytes between the two numbers of a position.
inline constexpr std::size_t kPositionGapBytesMax = 64;

// Values of one axis that may be there, as bits: by hundredths of a millidegree, and by hundredths
// of a degree, which fit the processor's nearest cache.
class AxisFilter {
 public:
  explicit AxisFilter(std::int32_t limit_e7);
  void add(std::int32_t value);
  // Whether a value that was added may lie near: almost all others stop here.
  [[nodiscard]] bool may_be_near(std::int64_t value) const {
    const std::uint64_t shifted =
        static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(limit_);
    if (shifted > 2 * static_cast<std::uint64_t>(limit_)) return false;
    const auto bit = static_cast<std::size_t>(shifted >> kCoarseShift);
    return (coarse_[bit / 64] >> bit % 64 & 1) != 0;
  }
  // Whether one may lie within `tolerance` (at most 1000). `value` is one that may be near.
  [[nodiscard]] bool may_hold(std::int64_t value, std::int32_t tolerance) const;

 private:
  static constexpr int kCoarseShift = 17;

  std::int64_t limit_;
  std::vector<std::uint64_t> coarse_;
  std::vector<std::uint64_t> fine_;
};

class PositionFinder {
 public:
  // Positions out of range and (0, 0), which devices without a fix report, are never found.
  explicit PositionFinder(const std::vector<AuditPosition>& positions);

  [[nodiscard]] bool empty() const { return by_cell_.empty(); }

  // `found(index of the position, offset, confidence)`, for each position that a pair of numbers
  // stands for. Thread-safe.
  using Found = std::function<void(std::size_t position, std::size_t offset, double confidence)>;
  void find_binary(std::string_view bytes, const Found& found) const;
  void find_text(std::string_view text, const Found& found) const;

 private:
  friend class PairMatcher;

  // The positions near a pair of values.
  template <class Each>
  void near(std::int64_t latitude, std::int64_t longitude, std::int32_t tolerance,
            const Each& each) const;

  // Whether a 32-bit integer may be half of a position, by its upper bits: one look without a
  // branch, as it is asked for every byte of a file.
  [[nodiscard]] bool may_be_half(std::uint32_t word) const {
    const std::uint32_t bit = word >> kWordShift;
    return (words_[bit / 64] >> bit % 64 & 1) != 0;
  }
  static constexpr int kWordShift = 17;

  std::vector<AuditPosition> positions_;
  std::array<std::uint64_t, (std::size_t{1} << (32 - kWordShift)) / 64> words_{};
  AxisFilter latitudes_;
  AxisFilter longitudes_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_cell_;
};

}  // namespace sudare
