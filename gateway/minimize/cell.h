// The cells in which positions are released, in exact integer arithmetic.
//
// Japan's standard regional mesh (JIS X 0410) where it applies: latitude [20, 46), longitude
// [122, 154). Elsewhere a world grid of the same bands:
//
//   rows     Each level divides the 40-arc-minute bands (80 km) that begin at the south pole, as
//            the mesh does: by 8 (10 km), 16 (5 km), 40 (2 km), 80 (1 km: 30 arc seconds), 160,
//            320, 640 (125 m).
//   columns  An 80 km band has as many whole columns as fit at its poleward edge when a column
//            must be at least 40 arc minutes wide there; each level divides them by the same
//            number as the rows. Columns begin at 180° W, so that none is cut by the antimeridian.
//            In the mesh's latitudes they divide the 328° outside the mesh, beginning at 154° E,
//            so that none is cut by the mesh.
//   poles    In the last 40 arc minutes before a pole a row has fewer columns where they would
//            otherwise be narrower than high; the row that touches the pole is one cell.
//
// Every level nests in the next coarser one, except 2 km and 5 km, which do not nest in each other:
// both are unions of 1 km cells and both nest in 10 km. A cell is never narrower than it is high
// (but for the mesh, whose 1 km cell is 30" x 45" everywhere).
//
// What a cell hides is the place inside it. Many cells one after the other still form a line.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sudare/v1/policy.pb.h"

namespace sudare {

// WGS 84, 1e-7 degrees.
struct Position {
  std::int64_t latitude_e7 = 0;
  std::int64_t longitude_e7 = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// A cell by its place in its grid. Two positions are in the same cell if these are equal.
struct Cell {
  v1::Cell level = v1::CELL_UNSPECIFIED;
  bool mesh = false;        // JIS X 0410, else the world grid
  std::int32_t row = 0;     // from the south pole
  std::int32_t column = 0;  // mesh: from the Greenwich meridian; world: from the band's beginning
  friend bool operator==(const Cell&, const Cell&) = default;
};

// The sides of a cell, rounded to 1e-7 degrees.
struct CellSides {
  std::int64_t south_e7 = 0;
  std::int64_t north_e7 = 0;
  std::int64_t west_e7 = 0;   // [-180°, 180°)
  std::int64_t width_e7 = 0;  // eastward from west; 360°: the cell surrounds the pole
};

// Latitude within ±90°, longitude within [-180°, 360°] brought to [-180°, 180°). kMalformed
// outside, and for exactly (0, 0), which receivers report before they have a fix. Pure; any thread.
[[nodiscard]] Result<Position> normalize(Position at);

// The cell that holds `at`. Level M125 to M80000; others and what normalize refuses: kMalformed.
// Pure; any thread; no allocation.
[[nodiscard]] Result<Cell> cell_of(Position at, v1::Cell level);

// The middle of a cell that cell_of returned; the pole itself for the cell around it. The middle
// lies in its own cell. Pure; any thread.
[[nodiscard]] Position centre_of(const Cell& cell);
[[nodiscard]] CellSides sides_of(const Cell& cell);

// The middle of the cell that holds `at`: what is released in its place.
[[nodiscard]] Result<Position> cell_centre(Position at, v1::Cell level);

// The code of JIS X 0410 in digits, for tests and tools: 4 (80 km), 6 (10 km), 8 (1 km), 9, 10, 11
// (500, 250, 125 m), 7 (5 km), 9 (2 km, ends in 5). Empty for a cell of the world grid.
[[nodiscard]] std::string mesh_code(const Cell& cell);

}  // namespace sudare
