#include "gateway/minimize/cell.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace sudare {
namespace {

constexpr std::int64_t kDegree = 10'000'000;  // in 1e-7 degrees
constexpr std::int64_t kQuarter = 90 * kDegree;
constexpr std::int64_t kCircle = 360 * kDegree;

// JIS X 0410 has primary meshes for these.
constexpr std::int64_t kMeshSouth = 20 * kDegree;
constexpr std::int64_t kMeshNorth = 46 * kDegree;
constexpr std::int64_t kMeshWest = 122 * kDegree;
constexpr std::int64_t kMeshEast = 154 * kDegree;

constexpr std::int32_t kBandsPerQuarter = 135;  // of 40 arc minutes, from equator to pole
// The 80 km bands (from the south pole) that hold the mesh.
constexpr std::int32_t kMeshFirstBand = 165;
constexpr std::int32_t kMeshLastBand = 203;

// Whole columns of at least 40 arc minutes at the poleward edge of each 80 km band, from the
// equator: floor(540 * cos(edge)). Numbers instead of a call to cos, so that every unit has the
// same grid whatever its C library rounds to; a test computes them anew.
constexpr std::array<std::int16_t, kBandsPerQuarter> kColumnsOfBand = {
    539, 539, 539, 539, 539, 538, 538, 537, 537, 536, 535, 534, 533, 532, 531, 530, 529,
    528, 526, 525, 523, 522, 520, 519, 517, 515, 513, 511, 509, 507, 505, 502, 500, 498,
    495, 493, 490, 488, 485, 482, 479, 476, 473, 470, 467, 464, 461, 457, 454, 451, 447,
    444, 440, 436, 433, 429, 425, 421, 417, 413, 409, 405, 401, 397, 392, 388, 384, 379,
    375, 370, 365, 361, 356, 351, 347, 342, 337, 332, 327, 322, 317, 312, 307, 301, 296,
    291, 286, 280, 275, 270, 264, 259, 253, 247, 242, 236, 231, 225, 219, 213, 208, 202,
    196, 190, 184, 178, 172, 166, 160, 154, 148, 142, 136, 130, 124, 118, 112, 106, 99,
    93,  87,  81,  75,  68,  62,  56,  50,  43,  37,  31,  25,  18,  12,  6,   1};

// Into how many rows, and columns, a level divides an 80 km cell; 0 for what is no level.
constexpr std::int32_t divisions(v1::Cell level) {
  switch (level) {
    case v1::M80000: return 1;
    case v1::M10000: return 8;
    case v1::M5000: return 16;
    case v1::M2000: return 40;
    case v1::M1000: return 80;
    case v1::M500: return 160;
    case v1::M250: return 320;
    case v1::M125: return 640;
    default: return 0;
  }
}

// The nearest integer to numerator / denominator, both positive.
constexpr std::int64_t nearest(std::int64_t numerator, std::int64_t denominator) {
  return (2 * numerator + denominator) / (2 * denominator);
}

// Around the pole: the largest of `factors` times `columns` that leaves a row's columns at least as
// wide as high, for the row `from_pole` (0 touches the pole) of a level with `level_divisions`.
// Six times the distance to the pole is a lower bound of the circle's length.
template <std::size_t N>
std::int32_t refine(std::int32_t columns, const std::array<std::int32_t, N>& factors,
                    std::int32_t from_pole) {
  for (const std::int32_t factor : factors) {
    if (columns * factor <= 6 * from_pole) return columns * factor;
  }
  return columns;
}

// Columns of a row within 40 arc minutes of a pole. Goes down level by level, so that levels nest.
// A 1 km row fits ten columns wherever the 2 km or 5 km row around it is divided at all.
std::int32_t columns_near_pole(std::int32_t level_divisions, std::int32_t from_pole) {
  const auto row_of = [&](std::int32_t other) { return from_pole * other / level_divisions; };
  std::int32_t columns = 1;
  if (level_divisions == 1) return columns;
  columns = refine(columns, std::array{8, 4, 2}, row_of(8));
  if (level_divisions == 8) return columns;
  if (level_divisions == 16) return refine(columns, std::array{2}, from_pole);
  if (level_divisions == 40) return refine(columns, std::array{5}, from_pole);
  columns = refine(columns, std::array{10, 5, 2}, row_of(80));
  for (std::int32_t finer = 160; finer <= level_divisions; finer *= 2) {
    columns = refine(columns, std::array{2}, row_of(finer));
  }
  return columns;
}

// How one row of the world grid is divided.
struct WorldRow {
  std::int64_t begin_e7;
  std::int64_t length_e7;
  std::int32_t columns;
};

WorldRow world_row(std::int32_t level_divisions, std::int32_t row) {
  const std::int32_t band = row / level_divisions;
  const std::int32_t from_equator =
      band >= kBandsPerQuarter ? band - kBandsPerQuarter : kBandsPerQuarter - 1 - band;
  const std::int32_t columns = kColumnsOfBand[static_cast<std::size_t>(from_equator)];
  if (band >= kMeshFirstBand && band <= kMeshLastBand) {
    constexpr std::int64_t kLength = kCircle - (kMeshEast - kMeshWest);
    const auto share = static_cast<std::int32_t>(columns * kLength / kCircle);
    return {kMeshEast, kLength, share * level_divisions};
  }
  if (from_equator == kBandsPerQuarter - 1) {
    const std::int32_t last_row = 2 * kBandsPerQuarter * level_divisions - 1;
    return {-kCircle / 2, kCircle,
            columns_near_pole(level_divisions, std::min(row, last_row - row))};
  }
  return {-kCircle / 2, kCircle, columns * level_divisions};
}

bool in_mesh(const Position& at) {
  return at.latitude_e7 >= kMeshSouth && at.latitude_e7 < kMeshNorth &&
         at.longitude_e7 >= kMeshWest && at.longitude_e7 < kMeshEast;
}

// [-180°, 180°) from anything less than a turn outside it.
std::int64_t wrapped(std::int64_t longitude_e7) {
  if (longitude_e7 >= kCircle / 2) return longitude_e7 - kCircle;
  if (longitude_e7 < -kCircle / 2) return longitude_e7 + kCircle;
  return longitude_e7;
}

void append_digits(std::string& code, std::int32_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  code.append(width - std::min(width, digits.size()), '0').append(digits);
}

// 1 south-west, 2 south-east, 3 north-west, 4 north-east.
void append_quadrant(std::string& code, std::int32_t row, std::int32_t column) {
  append_digits(code, 1 + 2 * (row % 2) + column % 2, 1);
}

}  // namespace

Result<Position> normalize(Position at) {
  if (at.latitude_e7 < -kQuarter || at.latitude_e7 > kQuarter || at.longitude_e7 < -kCircle / 2 ||
      at.longitude_e7 > kCircle) {
    return fail(ErrorCode::kMalformed, "position: out of range");
  }
  at.longitude_e7 = wrapped(at.longitude_e7);
  if (at.latitude_e7 == 0 && at.longitude_e7 == 0) {
    return fail(ErrorCode::kMalformed, "position: exactly (0, 0)");
  }
  return at;
}

Result<Cell> cell_of(Position raw, v1::Cell level) {
  const std::int32_t division = divisions(level);
  if (division == 0) return fail(ErrorCode::kMalformed, "cell: no such level");
  TRY(const Position at, normalize(raw));
  // A row is 2/3 degree / division high; the north pole itself belongs to the last row.
  const std::int64_t row =
      std::min<std::int64_t>((at.latitude_e7 + kQuarter) * 3 * division / (2 * kDegree),
                             std::int64_t{2} * kBandsPerQuarter * division - 1);
  Cell cell{level, in_mesh(at), static_cast<std::int32_t>(row), 0};
  if (cell.mesh) {
    cell.column = static_cast<std::int32_t>(at.longitude_e7 * division / kDegree);
    return cell;
  }
  const WorldRow world = world_row(division, cell.row);
  std::int64_t east = at.longitude_e7 - world.begin_e7;
  if (east < 0) east += kCircle;
  cell.column = static_cast<std::int32_t>(east * world.columns / world.length_e7);
  return cell;
}

CellSides sides_of(const Cell& cell) {
  const std::int64_t division = divisions(cell.level);
  assert(division > 0);
  CellSides sides;
  sides.south_e7 = nearest(cell.row * 2 * kDegree, 3 * division) - kQuarter;
  sides.north_e7 = nearest((cell.row + std::int64_t{1}) * 2 * kDegree, 3 * division) - kQuarter;
  if (cell.mesh) {
    sides.west_e7 = nearest(cell.column * kDegree, division);
    sides.width_e7 = nearest(kDegree, division);
    return sides;
  }
  const WorldRow world = world_row(static_cast<std::int32_t>(division), cell.row);
  sides.west_e7 = wrapped(world.begin_e7 + nearest(cell.column * world.length_e7, world.columns));
  sides.width_e7 = nearest(world.length_e7, world.columns);
  return sides;
}

Position centre_of(const Cell& cell) {
  const std::int64_t division = divisions(cell.level);
  assert(division > 0);  // cell_of() makes no cell of an unknown level
  const std::int64_t middle_row = 2 * std::int64_t{cell.row} + 1;
  const std::int64_t middle_column = 2 * std::int64_t{cell.column} + 1;
  Position centre;
  centre.latitude_e7 = nearest(middle_row * kDegree, 3 * division) - kQuarter;
  if (cell.mesh) {
    centre.longitude_e7 = nearest(middle_column * kDegree, 2 * division);
    return centre;
  }
  const WorldRow world = world_row(static_cast<std::int32_t>(division), cell.row);
  if (world.columns == 1) return {cell.row == 0 ? -kQuarter : kQuarter, 0};
  centre.longitude_e7 = wrapped(
      world.begin_e7 + nearest(middle_column * world.length_e7, std::int64_t{2} * world.columns));
  return centre;
}

Result<Position> cell_centre(Position at, v1::Cell level) {
  TRY(const Cell cell, cell_of(at, level));
  return centre_of(cell);
}

std::string mesh_code(const Cell& cell) {
  if (!cell.mesh) return {};
  const std::int32_t division = divisions(cell.level);
  const std::int32_t row = cell.row - kBandsPerQuarter * division;  // from the equator
  const std::int32_t column = cell.column;
  // The digit of each division of a mesh that is divided `whole` times, at the level itself.
  const auto digit = [&](std::int32_t index, std::int32_t coarser) {
    return index * coarser / division;
  };
  std::string code;
  append_digits(code, digit(row, 1), 2);
  append_digits(code, digit(column, 1) - 100, 2);
  if (division == 1) return code;
  append_digits(code, digit(row, 8) % 8, 1);
  append_digits(code, digit(column, 8) % 8, 1);
  if (cell.level == v1::M5000) append_quadrant(code, row, column);
  if (cell.level == v1::M2000) {  // Counted in 1 km meshes, and a 5 that marks the kind of code.
    append_digits(code, row % 5 * 2, 1);
    append_digits(code, column % 5 * 2, 1);
    append_digits(code, 5, 1);
  }
  if (division < 80) return code;
  append_digits(code, digit(row, 80) % 10, 1);
  append_digits(code, digit(column, 80) % 10, 1);
  for (std::int32_t finer = 160; finer <= division; finer *= 2) {
    append_quadrant(code, digit(row, finer), digit(column, finer));
  }
  return code;
}

}  // namespace sudare
