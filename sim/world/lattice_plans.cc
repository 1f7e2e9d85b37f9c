// The two plans that are made of a lattice: the regular city and the bent town.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "sim/world/road_plans.h"

namespace sudare::sim {

namespace {

// Of the quarters outside the area of homes; the others are fields with arterials between them.
constexpr double kBuiltUpShareOutside = 0.2;

struct LatticeShape {
  double block_meters = 0;
  std::size_t blocks_per_arterial = 0;  // a quarter lies between arterials
  std::size_t blocks_per_trunk = 0;     // a multiple of blocks_per_arterial
  double jitter = 0;                    // of a junction, in blocks
  double bend_meters = 0;               // how far roads wind
};

constexpr LatticeShape kGridShape{160, 7, 28, 0.06, 0};
constexpr double kGridMissingShare = 0.05;
constexpr LatticeShape kTownShape{120, 9, 36, 0.3, 110};
// A quarter of the town: of its streets that would close a loop, and ways out to an arterial.
constexpr double kTownLoopShare = 0.04;
constexpr std::size_t kTownWaysOut = 4;

constexpr double kSignalShareCrossing = 0.8;  // of two arterials
constexpr double kSignalShareArterial = 0.15;

// Junctions in rows and columns, and which class the lines have.
class Lattice {
 public:
  Lattice(const PlanShape& shape, const LatticeShape& lattice, Random& random)
      : shape_(lattice),
        side_(lines_of(shape, lattice)),
        homes_meters_(shape.homes_side_meters / 2) {
    const double extent = static_cast<double>(side_ - 1) * lattice.block_meters / 2;
    plan_.extent_meters = extent;
    const double phase = random.between(0, 2 * std::numbers::pi);
    plan_.junctions.reserve(side_ * side_);
    for (std::size_t row = 0; row < side_; ++row) {
      for (std::size_t column = 0; column < side_; ++column) {
        const Point regular{(static_cast<double>(column) + lattice.jitter * random.between(-1, 1)) *
                                    lattice.block_meters -
                                extent,
                            (static_cast<double>(row) + lattice.jitter * random.between(-1, 1)) *
                                    lattice.block_meters -
                                extent};
        Junction junction;
        junction.at = bent(regular, phase);
        junction.signal = random.chance(signal_share(row, column));
        plan_.junctions.push_back(std::move(junction));
      }
    }
    choose_quarters(random);
  }

  [[nodiscard]] std::size_t side() const { return side_; }
  [[nodiscard]] std::size_t quarter_blocks() const { return shape_.blocks_per_arterial; }
  [[nodiscard]] std::size_t at(std::size_t row, std::size_t column) const {
    return row * side_ + column;
  }
  [[nodiscard]] RoadClass class_of(std::size_t line) const {
    if (line % shape_.blocks_per_trunk == 0) return RoadClass::kTrunk;
    if (line % shape_.blocks_per_arterial == 0) return RoadClass::kArterial;
    return RoadClass::kResidential;
  }
  // By the block's lower left corner.
  [[nodiscard]] bool built_up(std::size_t row, std::size_t column) const {
    const std::size_t quarters = quarters_per_side();
    return built_up_[row / quarter_blocks() * quarters + column / quarter_blocks()];
  }
  void connect(std::size_t from, std::size_t to, RoadClass road_class) {
    plan_.links.push_back({from, to, road_class});
  }
  void connect_arterials() {
    for (std::size_t line = 0; line < side_; line += quarter_blocks()) {
      for (std::size_t i = 0; i + 1 < side_; ++i) {
        connect(at(line, i), at(line, i + 1), class_of(line));
        connect(at(i, line), at(i + 1, line), class_of(line));
      }
    }
  }
  [[nodiscard]] RoadPlan take() { return std::move(plan_); }

 private:
  // Whole quarters, so that the network ends in an arterial.
  static std::size_t lines_of(const PlanShape& shape, const LatticeShape& lattice) {
    const double quarter = static_cast<double>(lattice.blocks_per_arterial) * lattice.block_meters;
    const auto quarters =
        static_cast<std::size_t>(std::max(1.0, std::ceil(shape.side_meters / quarter)));
    return quarters * lattice.blocks_per_arterial + 1;
  }
  [[nodiscard]] std::size_t quarters_per_side() const { return side_ / quarter_blocks() + 1; }
  [[nodiscard]] double signal_share(std::size_t row, std::size_t column) const {
    const int wide = static_cast<int>(class_of(row) != RoadClass::kResidential) +
                     static_cast<int>(class_of(column) != RoadClass::kResidential);
    return wide == 2 ? kSignalShareCrossing : wide == 1 ? kSignalShareArterial : 0;
  }
  // Two waves of unequal length: arterials wind, and no two quarters look alike.
  [[nodiscard]] Point bent(Point at, double phase) const {
    const double bend = shape_.bend_meters;
    return {at.east + bend * std::sin(at.north / 610 + phase) +
                bend * std::sin(at.north / 1530 + at.east / 2300),
            at.north + bend * std::sin(at.east / 720 + 2 * phase) +
                bend * std::cos(at.east / 1810 - at.north / 2700)};
  }
  void choose_quarters(Random& random) {
    const std::size_t quarters = quarters_per_side();
    const double quarter = static_cast<double>(quarter_blocks()) * shape_.block_meters;
    const auto middle = [&](std::size_t index) {
      return std::abs((static_cast<double>(index) + 0.5) * quarter - plan_.extent_meters);
    };
    built_up_.resize(quarters * quarters);
    for (std::size_t row = 0; row < quarters; ++row) {
      for (std::size_t column = 0; column < quarters; ++column) {
        const bool inside = std::max(middle(row), middle(column)) < homes_meters_ + quarter / 2;
        built_up_[row * quarters + column] = inside || random.chance(kBuiltUpShareOutside);
      }
    }
  }

  LatticeShape shape_;
  std::size_t side_;
  double homes_meters_;
  RoadPlan plan_;
  std::vector<bool> built_up_;
};

// The streets of one quarter of a town.
class Quarter {
 public:
  // The junctions strictly between four arterials.
  Quarter(Lattice& lattice, std::size_t row, std::size_t column)
      : lattice_(lattice), row_(row), column_(column), inner_(lattice.quarter_blocks() - 1) {
    group_.resize(inner_ * inner_);
    std::iota(group_.begin(), group_.end(), std::size_t{0});
  }

  void connect(Random& random) {
    // Kruskal over a random order: a tree, whose leaves are the cul-de-sacs.
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (std::size_t i = 0; i < group_.size(); ++i) {
      if (i % inner_ + 1 < inner_) edges.emplace_back(i, i + 1);
      if (i + inner_ < group_.size()) edges.emplace_back(i, i + inner_);
    }
    for (std::size_t i = edges.size(); i > 1; --i) std::swap(edges[i - 1], edges[random.below(i)]);
    for (const auto& [a, b] : edges) {
      const std::size_t group_a = find(a);
      const std::size_t group_b = find(b);
      if (group_a == group_b && !random.chance(kTownLoopShare)) continue;
      group_[group_a] = group_b;
      lattice_.connect(junction(a), junction(b), RoadClass::kResidential);
    }
    for (std::size_t side = 0; side < kTownWaysOut; ++side) connect_out(side, random);
  }

 private:
  std::size_t find(std::size_t i) {
    while (group_[i] != i) i = group_[i] = group_[group_[i]];
    return i;
  }
  [[nodiscard]] std::size_t junction(std::size_t i) const {
    return lattice_.at(row_ + 1 + i / inner_, column_ + 1 + i % inner_);
  }
  void connect_out(std::size_t side, Random& random) {
    const std::size_t along = 1 + random.below(inner_);
    const std::size_t far = inner_ + 1;
    const std::size_t row[] = {0, far, along, along};
    const std::size_t column[] = {along, along, 0, far};
    const std::size_t inner_row = std::clamp<std::size_t>(row[side], 1, inner_);
    const std::size_t inner_column = std::clamp<std::size_t>(column[side], 1, inner_);
    lattice_.connect(lattice_.at(row_ + row[side], column_ + column[side]),
                     lattice_.at(row_ + inner_row, column_ + inner_column),
                     RoadClass::kResidential);
  }

  Lattice& lattice_;
  std::size_t row_;
  std::size_t column_;
  std::size_t inner_;
  std::vector<std::size_t> group_;  // union-find
};

}  // namespace

RoadPlan plan_grid(const PlanShape& shape, Random random) {
  Lattice lattice(shape, kGridShape, random);
  lattice.connect_arterials();
  for (std::size_t row = 0; row + 1 < lattice.side(); ++row) {
    for (std::size_t column = 0; column + 1 < lattice.side(); ++column) {
      if (!lattice.built_up(row, column)) continue;
      const std::size_t here = lattice.at(row, column);
      if (lattice.class_of(row) == RoadClass::kResidential && !random.chance(kGridMissingShare)) {
        lattice.connect(here, here + 1, RoadClass::kResidential);
      }
      if (lattice.class_of(column) == RoadClass::kResidential &&
          !random.chance(kGridMissingShare)) {
        lattice.connect(here, here + lattice.side(), RoadClass::kResidential);
      }
    }
  }
  return lattice.take();
}

RoadPlan plan_town(const PlanShape& shape, Random random) {
  Lattice lattice(shape, kTownShape, random);
  lattice.connect_arterials();
  const std::size_t step = lattice.quarter_blocks();
  for (std::size_t row = 0; row + 1 < lattice.side(); row += step) {
    for (std::size_t column = 0; column + 1 < lattice.side(); column += step) {
      if (lattice.built_up(row, column)) Quarter(lattice, row, column).connect(random);
    }
  }
  return lattice.take();
}

}  // namespace sudare::sim
