#include "sim/attack/world/car_plan.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"

namespace sudare::sim::attack {

namespace {

constexpr double kMsPerHour = 3'600'000;
constexpr std::int64_t kJapanMs = 9 * 3'600'000;

// traffic.md: 2.7 trips a day.
constexpr double kLeaveHour = 7.7;
constexpr double kLeaveHourBetweenPeople = 0.6;
constexpr double kLeaveHourBetweenDays = 0.15;
constexpr double kWorkHours = 9;
constexpr double kDayOffShare = 0.06;
constexpr double kErrandOnTheWayShare = 0.38;
constexpr double kEveningErrandShare = 0.14;
constexpr double kEveningHour = 19.5;
constexpr double kErrandHours = 0.8;
constexpr double kFreeDayErrands = 1.45;  // on weekends and days off
constexpr double kFreeDayErrandHours = 1.4;
constexpr double kFreeDayFirstHour = 9.5;
constexpr double kFreeDayLastHour = 18;
constexpr double kOnceOnlyShare = 0.12;
constexpr double kLeastStayHours = 0.15;
constexpr double kFavouriteShare = 0.45;  // of what is left, for each in turn

// 1970-01-01 was a Thursday.
bool is_weekend(std::int64_t day) { return (day + 3) % 7 >= 5; }

std::int64_t hours_ms(double hours) { return std::llround(hours * kMsPerHour); }

}  // namespace

CarCalendar::CarCalendar(bool works, std::int64_t first_day, std::size_t days, Random random)
    : works_(works),
      day_(first_day),
      end_day_(first_day + static_cast<std::int64_t>(days)),
      random_(random),
      leave_hour_(kLeaveHour + kLeaveHourBetweenPeople * random_.normal()) {}

std::int64_t CarCalendar::end_ms() const { return end_day_ * kMsPerDay - kJapanMs; }

const Leaving* CarCalendar::next() {
  while (plan_.empty()) {
    if (day_ == end_day_) return nullptr;
    plan_day();
  }
  return &plan_.front();
}

std::size_t CarCalendar::favourite() {
  std::size_t rank = 0;
  while (rank + 1 < CarPlaces::kFavourites && !random_.chance(kFavouriteShare)) ++rank;
  return CarPlaces::kFirstFavourite + rank;
}

std::size_t CarCalendar::any_place() {
  if (once_only_ == CarPlaces::kOnceOnly || !random_.chance(kOnceOnlyShare)) return favourite();
  return CarPlaces::kFirstFavourite + CarPlaces::kFavourites + once_only_++;
}

// From home to some place and back.
void CarCalendar::add_errand(std::int64_t not_before_ms, double stay_hours_mean) {
  plan_.push_back({any_place(), not_before_ms, hours_ms(kLeastStayHours)});
  const double stay_hours = stay_hours_mean * random_.between(0.4, 1.6);
  plan_.push_back({CarPlaces::kHome, 0, hours_ms(std::max(kLeastStayHours, stay_hours))});
}

void CarCalendar::plan_day() {
  const std::int64_t midnight_ms = day_ * kMsPerDay - kJapanMs;
  const bool working = works_ && !is_weekend(day_) && !random_.chance(kDayOffShare);
  ++day_;
  if (!working) {
    double hour = kFreeDayFirstHour;
    for (int n = random_.poisson(kFreeDayErrands); n > 0 && hour < kFreeDayLastHour; --n) {
      hour += random_.between(0, 4);
      add_errand(midnight_ms + hours_ms(hour), kFreeDayErrandHours);
    }
    return;
  }
  const double leave_hour = leave_hour_ + kLeaveHourBetweenDays * random_.normal();
  plan_.push_back({CarPlaces::kWork, midnight_ms + hours_ms(std::clamp(leave_hour, 4.0, 12.0)),
                   hours_ms(kLeastStayHours)});
  const std::int64_t work_ms = hours_ms(kWorkHours * random_.between(0.9, 1.1));
  if (random_.chance(kErrandOnTheWayShare)) {
    plan_.push_back({favourite(), 0, work_ms});
    plan_.push_back(
        {CarPlaces::kHome, 0,
         hours_ms(std::max(kLeastStayHours, kErrandHours * random_.between(0.4, 1.6)))});
    return;
  }
  plan_.push_back({CarPlaces::kHome, 0, work_ms});
  if (random_.chance(kEveningErrandShare)) {
    add_errand(midnight_ms + hours_ms(kEveningHour + random_.between(-0.5, 0.5)), kErrandHours);
  }
}

}  // namespace sudare::sim::attack
