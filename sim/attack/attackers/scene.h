// What every home attack is given beside the evidence, and how it turns scores into a guess.
#pragma once

#include <optional>
#include <vector>

#include "sim/attack/attackers/evidence.h"
#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/attackers/plane.h"
#include "sim/attack/attackers/roads.h"

namespace sudare::sim::attack {

// Reused from track to track; not thread-safe (Reach).
struct Scene {
  Plane plane;
  Knowledge knowledge;
  const Roads* roads = nullptr;  // null: no road network is known
  Reach* reach = nullptr;        // null with it
};

// The cells that may hold home, likeliest first, as the mechanism gives them away: for cells the
// one of the nights; for a ring those whose 3 x 3 cells explain most first and last points. Empty
// for mechanisms without cells. Equally likely ones follow each other.
[[nodiscard]] std::vector<Area> revealed_cells(const Evidence& evidence, const Scene& scene);

// Where home may be: the revealed cell, else a square around the anchor.
[[nodiscard]] Area home_box(const Evidence& evidence, const Scene& scene);

struct Candidate {
  Point at;
  double score = 0;  // logarithm of the likelihood
};

// The place with the most probability within 75 m.
[[nodiscard]] std::optional<Point> likeliest(const std::vector<Candidate>& candidates);

}  // namespace sudare::sim::attack
