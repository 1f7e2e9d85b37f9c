// What somebody achieves who learns the cell of a home and nothing else: the measure for how much
// more than its cell a mechanism gives away.
#pragma once

#include "sim/attack/attackers/home.h"
#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

struct Prior {
  // Expected share of uniformly random guesses in the cell: of each true home, the share of its
  // cell that lies within the distance.
  Shares uniform;
  // Expected share of guesses at the best place in the cell: its middle, for homes anywhere; or the
  // place with most road around it, for homes along roads. Whichever is more over the fleet.
  Shares best_point;
};

// Over the homes of all tracks with records. All 0 where the mechanism reveals no cell. The cell is
// the one of the level that a position or a ring is released at.
[[nodiscard]] Prior prior_of(const Fleet& fleet, const Scene& scene);

}  // namespace sudare::sim::attack
