#include <gtest/gtest.h>

#include <vector>

#include "clip/rebuild/soften.h"

namespace sudare::clip::rebuild {
namespace {

struct Picture {
  Picture(int w, int h, std::uint8_t value)
      : samples(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), value),
        plane{samples.data(), w, w, h} {}
  std::uint8_t& at(int x, int y) { return plane.data[y * plane.stride + x]; }
  std::vector<std::uint8_t> samples;
  Plane plane;
};

TEST(Soften, FlatStaysFlat) {
  Picture picture(7, 5, 200);
  average_squares(picture.plane, 2);
  smooth(picture.plane);
  EXPECT_EQ(picture.samples, std::vector<std::uint8_t>(35, 200));
}

// Two pictures that differ only inside the squares can't be told apart afterwards.
TEST(Soften, DetailInsideASquareIsGone) {
  Picture stripes(8, 8, 0);
  Picture shifted(8, 8, 0);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; x += 2) {
      stripes.at(x, y) = 255;
      shifted.at(x + 1, y) = 255;
    }
  }
  average_squares(stripes.plane, 2);
  average_squares(shifted.plane, 2);
  EXPECT_EQ(stripes.samples, shifted.samples);
}

TEST(Soften, OddEdgesAreAveragedToo) {
  Picture picture(3, 3, 0);
  picture.at(2, 2) = 90;
  picture.at(2, 0) = 100;
  average_squares(picture.plane, 2);
  EXPECT_EQ(picture.at(2, 2), 90);
  EXPECT_EQ(picture.at(2, 0), 50);
  EXPECT_EQ(picture.at(2, 1), 50);
}

TEST(Soften, SmoothingSpreadsAPoint) {
  Picture picture(5, 5, 0);
  picture.at(2, 2) = 160;
  smooth(picture.plane);
  EXPECT_EQ(picture.at(2, 2), 40);
  EXPECT_EQ(picture.at(1, 2), 20);
  EXPECT_EQ(picture.at(1, 1), 10);
  EXPECT_EQ(picture.at(0, 0), 0);
}

}  // namespace
}  // namespace sudare::clip::rebuild
