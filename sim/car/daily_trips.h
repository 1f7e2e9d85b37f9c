// The days of a car: home, work and errands, every night at home. Weekdays go to work and back,
// with an errand on the way where the day has another trip; weekends run errands.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/car/drive.h"
#include "sim/car/gnss.h"
#include "sim/random.h"
#include "sim/trip/trip.h"
#include "sim/world/road_network.h"
#include "sudare/sim/v1/profile.pb.h"

namespace sudare::sim {

[[nodiscard]] NetworkShape network_shape(const v1::Profile& profile);

// Endless. Not thread-safe. The same profile, seed and first day give the same trips.
class DailyTrips final : public TripSource {
 public:
  // `first_day`: unix day in Japan time with which the plan begins. `roads`: a network that cars
  // share (it must outlive this); null: one of the car's own, made from `random`, 1 MB.
  DailyTrips(v1::Profile profile, Random random, std::int64_t first_day,
             const RoadNetwork* roads = nullptr);

  [[nodiscard]] std::optional<Trip> next() override;

  [[nodiscard]] Place home() const { return place_of(home_); }
  [[nodiscard]] Place work() const { return place_of(work_); }

 private:
  struct Errand {
    const Stop* to;
    double stay_hours;  // afterwards, before the next leaves
  };

  void choose_places(Random random);
  void plan_day();
  [[nodiscard]] Stop stop_near(std::size_t junction, std::string name, Random& random) const;
  [[nodiscard]] Place place_of(const Stop& stop) const;

  v1::Profile profile_;
  Random random_;
  std::unique_ptr<const RoadNetwork> own_network_;
  const RoadNetwork& network_;
  Gnss gnss_;
  Stop home_;
  Stop work_;
  std::vector<Stop> errands_;
  std::int64_t day_;
  std::int64_t leave_ms_ = 0;
  std::deque<Errand> plan_;
  const Stop* at_ = nullptr;
};

}  // namespace sudare::sim
