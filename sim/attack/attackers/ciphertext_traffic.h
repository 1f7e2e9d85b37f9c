// Traffic analysis: what size and timing of ciphertexts give away to whoever sees a car's
// connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"
#include "sim/attack/world/release.h"

namespace sudare::sim::attack {

struct TrafficResult {
  double trip_precision = 0;  // detected trips that overlap a true one by half of their union
  double trip_recall = 0;
  // "Home at 03 h": right answers over nights, half weight to each answer; 0.5 is guessing.
  double home_at_night = 0;
  double nights_at_home = 0;  // base rate
};

// `connections[car]`: by arrival. Thresholds (pause, bytes, delay) are learned on one half of the
// cars and counted on the other.
[[nodiscard]] TrafficResult analyse_traffic(
    const std::vector<std::vector<CipherEvent>>& connections, const std::vector<CarTruth>& truth,
    const Knowledge& knowledge);

}  // namespace sudare::sim::attack
