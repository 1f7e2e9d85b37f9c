// Takes detail out of one plane of 8-bit samples, in place. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sudare::clip::rebuild {

struct Plane {
  std::uint8_t* data;
  std::ptrdiff_t stride;  // bytes from row to row
  int width;
  int height;
};

// Every square of `side` samples becomes its mean: that detail is gone for good.
void average_squares(const Plane& plane, int side);
// [1 2 1]/4 along rows and columns: the squares' edges go.
void smooth(const Plane& plane);

}  // namespace sudare::clip::rebuild
