// Home inference: every attack guesses one place per track; the truth is used only to count hits
// and, for what is trained, on the half of the cars that the guess is not for (two folds).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"
#include "sim/attack/report.h"

namespace sudare::sim::attack {

enum class HomeAttack : std::uint8_t {
  kCellCentre,       // middle of the cell that most nights point to: no more than was released
  kLastDestination,  // of the day (Krumm 2007, section 4.1)
  kDwellMedian,      // weighted median of positions (Krumm 2007, section 4.2)
  kLargestCluster,   // of trip ends, agglomerative (Krumm 2007, section 4.3; Hoh et al. 2006)
  kNightMode,        // densest place from 22 to 07 h
  kMedianOfEnds,     // geometric median of the trip ends around home
  kCircleFit,        // first and last points lie on a circle (Hassan et al. 2018, section 5)
  kEndpointZone,     // back along roads by the trimmed distance (Dhondt et al. 2022, section 4)
  kOdometer,         // multilateration: road distances that the odometer gives for hidden parts
  kRigidShift,       // one shift per trip, undone by fitting roads, then the median of the ends
  kParkedAverage,    // averages fresh noise away
  kBoundaryTiming,   // seconds from the start to a cell's border, over the roads' speeds
  kRouteChoice,      // the start from which the exits used are the quickest ways
  kTogether,         // the likelihoods of the attacks over roads and of the circle, added up
  kRegression,       // ridge regression and nearest neighbours, trained on other cars
};

[[nodiscard]] const char* name_of(HomeAttack attack);
[[nodiscard]] const std::vector<HomeAttack>& all_home_attacks();

// Shares (0 … 1) of homes within these distances.
struct Shares {
  double within_50m = 0;
  double within_100m = 0;
  double within_250m = 0;
  double within_500m = 0;
};

struct HomeOptions {
  Fields fields;
  std::vector<HomeAttack> attacks = all_home_attacks();
  std::uint64_t seed = 1;
};

// One track's guesses, by attack in the order of HomeOptions::attacks. Nothing where an attack has
// nothing to work on (no road network, no odometer, no ring …).
struct HomeGuess {
  std::size_t track = 0;
  std::vector<std::optional<Point>> guesses;  // metres around Fleet::origin
};

struct HomeResult {
  std::vector<AttackCurve> curves;  // per attack; `subject` is the caller's to fill in
  // Greatest share at each distance over all attacks. A little too high, as the best of many is.
  AttackCurve best;
  std::string best_attack;  // at 100 m
  // The attack that was best on one half of the cars, counted on the other half: unbiased.
  Shares chosen;
  // Guesses by somebody who learns the cell that the mechanism gives away and nothing else: at
  // a uniformly random place in it; at the best place in it, given where roads are.
  Shares uniform;
  Shares best_point;
  // chosen less best_point; negative where luck was against the attacker.
  Shares excess;
  std::size_t tracks = 0;
};

// All attacks on all tracks that have at least one record. Deterministic for one seed. One thread;
// about 5 s for 400 cars x 30 days at 1 Hz on a 2020 core.
[[nodiscard]] HomeResult attack_homes(const Fleet& fleet, const Knowledge& knowledge,
                                      const HomeOptions& options);

// The guesses themselves, for maps and for tests.
[[nodiscard]] std::vector<HomeGuess> guess_homes(const Fleet& fleet, const Knowledge& knowledge,
                                                 const HomeOptions& options);

// What a field released beside the position adds, in points (0.01 = one point) of the best attack's
// share: all fields less all but this one.
struct FieldGain {
  std::string field;  // "odometer", "speed", "heading", "time"
  double gain_100m = 0;
  double gain_250m = 0;
};

[[nodiscard]] std::vector<FieldGain> gain_from_fields(const Fleet& fleet,
                                                      const Knowledge& knowledge,
                                                      const HomeOptions& options);

}  // namespace sudare::sim::attack
