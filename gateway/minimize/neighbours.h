// The cells around a cell: what "3 x 3 cells" means at the seams of the grid, where rows have
// different columns, the mesh meets the world grid, and longitudes wrap. Decided by geometry, not
// by row and column: two cells are neighbours where their sides meet.
#pragma once

#include <array>
#include <cstddef>

#include "gateway/minimize/cell.h"

namespace sudare {

// A cell, the 8 around it, and what a seam adds: up to 5 in the row above and below.
inline constexpr std::size_t kNeighbourhoodMax = 15;

// Beyond it rows lose columns so fast that cells have no 3 x 3 neighbourhood; no road leads there.
inline constexpr std::int64_t kNeighbourhoodLatitudeE7Max = 850'000'000;

struct Neighbourhood {
  std::array<Cell, kNeighbourhoodMax> cells;
  std::size_t count = 0;

  [[nodiscard]] const Cell* begin() const { return cells.data(); }
  [[nodiscard]] const Cell* end() const { return cells.data() + count; }
};

// `cell` itself first, then every cell of its level that touches it. Empty beyond
// kNeighbourhoodLatitudeE7Max. Symmetric: a is in the neighbourhood of b exactly if b is in that of
// a. Pure; any thread; no allocation.
[[nodiscard]] Neighbourhood neighbourhood_of(const Cell& cell);

// Whether two cells of one level share a side, a corner or all.
[[nodiscard]] bool touches(const Cell& a, const Cell& b);

}  // namespace sudare
