// Where one car goes and when: home, work, favourite places, weekdays and weekends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/random.h"
#include "sim/world/routes.h"

namespace sudare::sim::attack {

// Places of one car: index 0 is home, 1 work, then favourites (the first most often), then places
// it goes to once.
struct CarPlaces {
  static constexpr std::size_t kHome = 0;
  static constexpr std::size_t kWork = 1;
  static constexpr std::size_t kFavourites = 5;
  static constexpr std::size_t kFirstFavourite = 2;
  static constexpr std::size_t kOnceOnly = 8;
  static constexpr std::size_t kCount = kFirstFavourite + kFavourites + kOnceOnly;

  std::vector<RoadPlace> at;  // kCount
  bool works = true;          // else it has no working days
};

// Where to go next, and when to leave for it: at `not_before_ms`, and not before having stayed.
struct Leaving {
  std::size_t to = 0;  // index into CarPlaces
  std::int64_t not_before_ms = 0;
  std::int64_t stay_ms = 0;
};

// The errands of days in Japan time, one after the other. From anywhere but work the car goes home;
// from work home or by a favourite. Every day ends at home. Not thread-safe.
class CarCalendar {
 public:
  CarCalendar(bool works, std::int64_t first_day, std::size_t days, Random random);

  // Null: the days are over. Stays the same until pop().
  [[nodiscard]] const Leaving* next();
  void pop() { plan_.pop_front(); }
  [[nodiscard]] std::int64_t end_ms() const;

 private:
  void plan_day();
  void add_errand(std::int64_t not_before_ms, double stay_hours_mean);
  [[nodiscard]] std::size_t favourite();
  [[nodiscard]] std::size_t any_place();

  bool works_;
  std::int64_t day_;
  std::int64_t end_day_;
  Random random_;
  double leave_hour_;  // of this person, on working days
  std::size_t once_only_ = 0;
  std::deque<Leaving> plan_;
};

}  // namespace sudare::sim::attack
