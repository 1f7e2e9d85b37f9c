#include "clip/rebuild/soften.h"

#include <algorithm>

namespace sudare::clip::rebuild {
namespace {

// One line of samples, whatever its direction.
void smooth_line(std::uint8_t* first, std::ptrdiff_t step, int count) {
  unsigned before = *first;
  for (int i = 0; i < count; ++i) {
    std::uint8_t* const at = first + i * step;
    const unsigned here = *at;
    const unsigned after = i + 1 < count ? at[step] : here;
    *at = static_cast<std::uint8_t>((before + 2 * here + after + 2) / 4);
    before = here;
  }
}

}  // namespace

void average_squares(const Plane& plane, int side) {
  for (int top = 0; top < plane.height; top += side) {
    const int bottom = std::min(top + side, plane.height);
    for (int left = 0; left < plane.width; left += side) {
      const int right = std::min(left + side, plane.width);
      unsigned sum = 0;
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) sum += plane.data[y * plane.stride + x];
      }
      const auto count = static_cast<unsigned>((bottom - top) * (right - left));
      const auto mean = static_cast<std::uint8_t>((sum + count / 2) / count);
      for (int y = top; y < bottom; ++y) {
        std::fill_n(plane.data + y * plane.stride + left, right - left, mean);
      }
    }
  }
}

void smooth(const Plane& plane) {
  for (int y = 0; y < plane.height; ++y) {
    smooth_line(plane.data + y * plane.stride, 1, plane.width);
  }
  for (int x = 0; x < plane.width; ++x) smooth_line(plane.data + x, plane.stride, plane.height);
}

}  // namespace sudare::clip::rebuild
