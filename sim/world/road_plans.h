// Road networks for measuring privacy: where the roads are decides what an attacker can tell from
// where a trace ends. Made from a seed; no map of any real place. Around an area of homes lies
// country with fewer streets, so that trips may be longer than the area.
#pragma once

#include "sim/random.h"
#include "sim/world/road_network.h"

namespace sudare::sim {

struct PlanShape {
  double side_meters = 0;        // of the whole network
  double homes_side_meters = 0;  // of the area in its middle that is built up everywhere
};

// A city: blocks of 160 m, an arterial every 1.1 km, a trunk road every 4.5 km.
[[nodiscard]] RoadPlan plan_grid(const PlanShape& shape, Random random);

// A town that grew: bent arterials about 1.1 km apart; between them trees of streets that end in
// cul-de-sacs, with few ways out.
[[nodiscard]] RoadPlan plan_town(const PlanShape& shape, Random random);

// Villages about 2 km apart and winding roads between them; farms on tracks off the roads.
[[nodiscard]] RoadPlan plan_rural(const PlanShape& shape, Random random);

}  // namespace sudare::sim
