#include "gateway/minimize/hysteresis.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sudare {
namespace {

constexpr double kE7PerMeter = 1e7 / 111'000;  // of latitude, about

// Points around the border between two 1 km cells near Nagoya, `meters` north of it.
Position north_of_border(double meters) {
  return {351'666'667 + std::llround(meters * kE7PerMeter), 1'370'060'000};
}
Cell cell_at(Position at) { return *cell_of(at, v1::M1000); }
Cell settled(const std::optional<Cell>& previous, Position at) {
  return settle(previous, cell_at(at), at);
}

TEST(Hysteresis, TheFirstCellCountsAtOnce) {
  const Position at = north_of_border(1);
  EXPECT_EQ(settled(std::nullopt, at), cell_at(at));
}

TEST(Hysteresis, JitterAtABorderChangesNothing) {
  const Cell south = cell_at(north_of_border(-10));
  for (double meters = -100; meters < 29; ++meters) {
    EXPECT_EQ(settled(south, north_of_border(meters)), south) << meters;
  }
}

TEST(Hysteresis, WellInsideTheNewCellChanges) {
  const Cell south = cell_at(north_of_border(-10));
  const Cell north = cell_at(north_of_border(31));
  ASSERT_NE(south, north);
  EXPECT_EQ(settled(south, north_of_border(31)), north);
  EXPECT_EQ(settled(north, north_of_border(-29)), north);
  EXPECT_EQ(settled(north, north_of_border(-31)), south);
}

TEST(Hysteresis, EverySideOfTheNewCellCounts) {
  const Cell south = cell_at(north_of_border(-10));
  // North of the border, but 10 m from the western side of the new cell.
  const CellSides sides = sides_of(cell_at(north_of_border(100)));
  const Position corner{north_of_border(100).latitude_e7, sides.west_e7 + 1100};
  EXPECT_EQ(settled(south, corner), south);
  const Position inside{north_of_border(100).latitude_e7, sides.west_e7 + 3400};
  EXPECT_NE(settled(south, inside), south);
  const Position east{corner.latitude_e7, sides.west_e7 + sides.width_e7 - 1100};
  EXPECT_EQ(settled(south, east), south);
}

TEST(Hysteresis, AJumpFurtherThanACellChangesAtOnce) {
  const Cell south = cell_at(north_of_border(-10));
  const Position far = north_of_border(926.5 * 1 + 10);  // 10 m inside the cell after the next
  EXPECT_NE(settled(south, far), south);
  EXPECT_EQ(settled(south, far), cell_at(far));
}

TEST(Hysteresis, AnotherLevelStartsAnew) {
  const Position at = north_of_border(1);
  EXPECT_EQ(settle(*cell_of(north_of_border(-10), v1::M500), cell_at(at), at), cell_at(at));
}

TEST(Hysteresis, HoldsAcrossTheAntimeridian) {
  const Position west{-170'000'000 - 3000, -1'800'000'000 + 100};
  const Position east{-170'000'000 - 3000, 1'799'999'900};
  EXPECT_EQ(settled(cell_at(east), west), cell_at(east));
  EXPECT_NE(cell_at(east), cell_at(west));
}

TEST(Hysteresis, TheCellAroundThePoleHasNoSides) {
  const Position pole{900'000'000, 0};
  const Position beside{899'600'000, 500'000'000};  // 4.4 km off
  EXPECT_EQ(settled(cell_at(beside), pole), cell_at(pole));
}

}  // namespace
}  // namespace sudare
