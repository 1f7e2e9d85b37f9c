#include "gateway/minimize/cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <numbers>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

constexpr std::array kLevels{v1::M125,  v1::M250,  v1::M500,   v1::M1000,
                             v1::M2000, v1::M5000, v1::M10000, v1::M80000};
constexpr double kPi = std::numbers::pi;

Position at_degrees(double latitude, double longitude) {
  return {std::llround(latitude * 1e7), std::llround(longitude * 1e7)};
}

std::string code_of(double latitude, double longitude, v1::Cell level) {
  const auto cell = cell_of(at_degrees(latitude, longitude), level);
  return cell ? mesh_code(*cell) : "error";
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
  return fields;
}

// Uniform on the sphere, with every fifth close to a pole.
class RandomPositions {
 public:
  explicit RandomPositions(unsigned seed) : random_(seed) { std::cout << "seed " << seed << "\n"; }
  Position next() {
    std::uniform_real_distribution<double> unit(0, 1);
    double latitude = std::asin(2 * unit(random_) - 1) * 180 / kPi;
    if (++count_ % 5 == 0) latitude = (count_ % 2 == 0 ? 1 : -1) * (90 - unit(random_));
    return at_degrees(latitude, unit(random_) * 360 - 180);
  }
  // In Japan's mesh, or up to 2° around it.
  Position next_near_mesh() {
    std::uniform_real_distribution<double> latitude(18, 48);
    std::uniform_real_distribution<double> longitude(120, 156);
    return at_degrees(latitude(random_), longitude(random_));
  }

 private:
  std::mt19937_64 random_;
  unsigned count_ = 0;
};

TEST(Cell, RefusesWhatIsNoPosition) {
  EXPECT_FALSE(cell_of({0, 0}, v1::M1000));
  EXPECT_FALSE(cell_of({0, 3'600'000'000}, v1::M1000));
  EXPECT_FALSE(cell_of({900'000'001, 0}, v1::M1000));
  EXPECT_FALSE(cell_of({-900'000'001, 0}, v1::M1000));
  EXPECT_FALSE(cell_of({0, 3'600'000'001}, v1::M1000));
  EXPECT_FALSE(cell_of({0, -1'800'000'001}, v1::M1000));
  EXPECT_FALSE(cell_of({INT64_MIN, INT64_MAX}, v1::M1000));
}

TEST(Cell, RefusesWhatIsNoLevel) {
  EXPECT_FALSE(cell_of(at_degrees(35, 139), v1::EXACT));
  EXPECT_FALSE(cell_of(at_degrees(35, 139), v1::CELL_UNSPECIFIED));
}

TEST(Cell, WhatIsNoPositionHasNoCentre) {
  EXPECT_EQ(cell_centre({0, 0}, v1::M1000).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(cell_centre({350'000'000, 1'360'000'000}, v1::EXACT).error().code,
            ErrorCode::kMalformed);
}

TEST(Cell, OutsideTheMeshThereIsNoCode) {
  EXPECT_EQ(mesh_code(*cell_of({481'370'000, 115'750'000}, v1::M1000)), "");
}

TEST(Cell, AcceptsTheEquatorAndGreenwich) {
  EXPECT_TRUE(cell_of({0, 1}, v1::M1000));
  EXPECT_TRUE(cell_of({1, 0}, v1::M1000));
}

TEST(Cell, CodesMatchThePublishedVectors) {
  SUDARE_FIXTURE_OR_SKIP(path, "grid/jis_mesh_jismesh.tsv");
  const std::map<std::string, v1::Cell> levels{
      {"1", v1::M80000}, {"2", v1::M10000}, {"5000", v1::M5000}, {"2000", v1::M2000},
      {"3", v1::M1000},  {"4", v1::M500},   {"5", v1::M250},     {"6", v1::M125}};
  int checked = 0;
  int other_levels = 0;
  std::istringstream lines(testkit::read_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto fields = fields_of(line);
    const auto level = levels.find(fields.at(2));
    if (level == levels.end()) {
      ++other_levels;
      continue;
    }
    EXPECT_EQ(code_of(std::stod(fields[0]), std::stod(fields[1]), level->second), fields.at(3))
        << line;
    ++checked;
  }
  std::cout << checked << " vectors checked, " << other_levels
            << " of levels that we don't have (40, 20, 16, 8, 4 and 2.5 km)\n";
  EXPECT_EQ(checked + other_levels, 46);
  EXPECT_EQ(checked, 34);
}

// Some of this fixture's points lie 1e-10 degrees north of a cell's side, and the side between two
// multiples of 1e-7: the next multiple north of the point is in the point's cell, the nearest one
// may not be.
Position next_north(double latitude, double longitude) {
  return {static_cast<std::int64_t>(std::ceil(latitude * 1e7)), std::llround(longitude * 1e7)};
}

TEST(Cell, CodesMatchTheIndependentImplementation) {
  SUDARE_FIXTURE_OR_SKIP(path, "grid/jis_mesh_oracle_japanmesh.tsv");
  constexpr std::array kColumns{v1::M80000, v1::M10000, v1::M1000, v1::M500, v1::M250, v1::M125};
  int points = 0;
  std::istringstream lines(testkit::read_file(path));
  std::string line;
  std::getline(lines, line);  // names of the columns
  while (std::getline(lines, line)) {
    const auto fields = fields_of(line);
    const Position at = next_north(std::stod(fields.at(0)), std::stod(fields.at(1)));
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      EXPECT_EQ(mesh_code(*cell_of(at, kColumns[i])), fields.at(i + 2)) << line;
    }
    ++points;
  }
  std::cout << points << " points at 6 levels checked\n";
  EXPECT_EQ(points, 351);
}

TEST(Cell, CentreLiesInItsOwnCell) {
  RandomPositions positions(1);
  for (int i = 0; i < 100'000; ++i) {
    const Position at = i % 2 == 0 ? positions.next() : positions.next_near_mesh();
    for (const v1::Cell level : kLevels) {
      const Cell cell = *cell_of(at, level);
      const Position centre = centre_of(cell);
      ASSERT_EQ(*cell_of(centre, level), cell) << at.latitude_e7 << " " << at.longitude_e7;
      ASSERT_EQ(*cell_centre(centre, level), centre);
    }
  }
}

TEST(Cell, LiesBetweenItsSides) {
  RandomPositions positions(2);
  for (int i = 0; i < 100'000; ++i) {
    const Position at = i % 2 == 0 ? positions.next() : positions.next_near_mesh();
    for (const v1::Cell level : kLevels) {
      const CellSides sides = sides_of(*cell_of(at, level));
      ASSERT_GE(at.latitude_e7, sides.south_e7 - 1);
      ASSERT_LE(at.latitude_e7, sides.north_e7 + 1);
      const std::int64_t east = (at.longitude_e7 - sides.west_e7 + 7'200'000'001) % 3'600'000'000;
      ASSERT_LE(east, sides.width_e7 + 2) << at.latitude_e7 << " " << at.longitude_e7;
    }
  }
}

// Whether every finer cell lies in one coarser cell, for pairs of random positions that are close.
void expect_nested(v1::Cell finer, v1::Cell coarser, unsigned seed) {
  RandomPositions positions(seed);
  std::mt19937_64 random(seed + 1);
  for (int i = 0; i < 20'000; ++i) {
    const Position at = i % 2 == 0 ? positions.next() : positions.next_near_mesh();
    const Cell cell = *cell_of(at, finer);
    const CellSides sides = sides_of(cell);
    std::uniform_int_distribution<std::int64_t> row(sides.south_e7, sides.north_e7);
    std::uniform_int_distribution<std::int64_t> column(0, sides.width_e7);
    const auto other = normalize({row(random), sides.west_e7 + column(random)});
    if (!other || *cell_of(*other, finer) != cell) continue;  // rounded over the side
    ASSERT_EQ(*cell_of(at, coarser), *cell_of(*other, coarser))
        << at.latitude_e7 << " " << at.longitude_e7 << " " << cell.row << " " << cell.column;
  }
}

TEST(Cell, LevelsNest) {
  constexpr std::array<std::pair<v1::Cell, v1::Cell>, 9> kPairs{{{v1::M125, v1::M250},
                                                                 {v1::M250, v1::M500},
                                                                 {v1::M500, v1::M1000},
                                                                 {v1::M1000, v1::M2000},
                                                                 {v1::M1000, v1::M5000},
                                                                 {v1::M2000, v1::M10000},
                                                                 {v1::M5000, v1::M10000},
                                                                 {v1::M10000, v1::M80000},
                                                                 {v1::M125, v1::M80000}}};
  unsigned seed = 10;
  for (const auto& pair : kPairs) expect_nested(pair.first, pair.second, seed += 2);
}

TEST(Cell, IsNeverNarrowerThanHighOutsideTheMesh) {
  RandomPositions positions(3);
  for (int i = 0; i < 100'000; ++i) {
    const Position at = positions.next();
    for (const v1::Cell level : kLevels) {
      const Cell cell = *cell_of(at, level);
      if (cell.mesh) continue;
      const CellSides sides = sides_of(cell);
      if (sides.width_e7 == 3'600'000'000) continue;  // around the pole
      const auto height = static_cast<double>(sides.north_e7 - sides.south_e7);
      const double poleward =
          static_cast<double>(std::max(std::abs(sides.north_e7), std::abs(sides.south_e7)));
      const double narrowest =
          static_cast<double>(sides.width_e7) * std::cos(poleward * 1e-7 * kPi / 180);
      ASSERT_GE(narrowest, height - 3) << at.latitude_e7 << " level " << level;
    }
  }
}

TEST(Cell, ColumnsFollowTheLatitude) {
  for (int edge = 1; edge < 135; ++edge) {
    if (edge >= 31 && edge <= 69) continue;  // beside the mesh
    const double fit = 540 * std::cos(edge * kPi / 270);
    const CellSides sides =
        sides_of(*cell_of(at_degrees(-edge * 2.0 / 3 + 0.1, -179.99), v1::M80000));
    const auto columns = std::floor(fit + 1e-9);
    EXPECT_NEAR(static_cast<double>(sides.width_e7), 3.6e9 / columns, 1) << edge;
  }
}

TEST(Cell, ThePoleIsOneCell) {
  for (const v1::Cell level : kLevels) {
    for (const int pole : {-90, 90}) {
      const Cell cell = *cell_of(at_degrees(pole, 0), level);
      for (int longitude = -180; longitude < 180; longitude += 7) {
        EXPECT_EQ(*cell_of(at_degrees(pole, longitude), level), cell);
      }
      EXPECT_EQ(centre_of(cell), at_degrees(pole, 0));
    }
  }
}

TEST(Cell, TheAntimeridianCutsNoCell) {
  for (const double latitude : {-45.0, 0.1, 15.0, 30.0, 60.0}) {
    const Cell west = *cell_of(at_degrees(latitude, 180), v1::M1000);
    EXPECT_EQ(*cell_of(at_degrees(latitude, -180), v1::M1000), west);
    const CellSides sides = sides_of(west);
    const CellSides beside = sides_of(*cell_of(at_degrees(latitude, 179.9999999), v1::M1000));
    EXPECT_NEAR(static_cast<double>(sides.width_e7), static_cast<double>(beside.width_e7), 1);
  }
}

TEST(Cell, TheMeshCutsNoCellOfTheWorldGrid) {
  for (double latitude = 20.01; latitude < 46; latitude += 0.37) {
    for (const v1::Cell level : kLevels) {
      const CellSides west = sides_of(*cell_of(at_degrees(latitude, 121.9999999), level));
      EXPECT_NEAR(static_cast<double>(west.west_e7 + west.width_e7), 122e7, 2);
      const CellSides east = sides_of(*cell_of(at_degrees(latitude, 154), level));
      EXPECT_EQ(east.west_e7, 1'540'000'000);
    }
  }
}

TEST(Cell, LongitudeCountsModuloATurn) {
  EXPECT_EQ(*cell_of(at_degrees(35.1, 360 - 71.5), v1::M500),
            *cell_of(at_degrees(35.1, -71.5), v1::M500));
}

}  // namespace
}  // namespace sudare
