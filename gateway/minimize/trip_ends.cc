#include "gateway/minimize/trip_ends.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "gateway/minimize/hysteresis.h"

namespace sudare {
namespace {

constexpr std::int64_t kCircle = 3'600'000'000;
constexpr double kMetersPerE7 = 6'371'008.8 * std::numbers::pi / 180 * 1e-7;

// On a plane that touches between the two: right within 1 % up to some hundred kilometres, and what
// is further is a jump in any case.
double meters_between(Position a, Position b) {
  std::int64_t east_e7 = (b.longitude_e7 - a.longitude_e7) % kCircle;
  if (east_e7 > kCircle / 2) east_e7 -= kCircle;
  if (east_e7 < -kCircle / 2) east_e7 += kCircle;
  const double middle =
      static_cast<double>(a.latitude_e7 + b.latitude_e7) / 2 * 1e-7 * std::numbers::pi / 180;
  const double east = static_cast<double>(east_e7) * kMetersPerE7 * std::cos(middle);
  const double north = static_cast<double>(b.latitude_e7 - a.latitude_e7) * kMetersPerE7;
  return std::hypot(east, north);
}

}  // namespace

FixVerdict TripEnds::fix(Position at, std::int64_t time_ms) {
  const auto found = cell_of(at, rules_.ring);
  FixVerdict verdict;
  if (!found || neighbourhood_of(*found).count == 0) {  // no ring there: fail closed
    forget();
    verdict.lost = true;
    return verdict;
  }
  if (!cell_) {
    begin_anew(at, time_ms, *found);
    verdict.lost = true;
    return verdict;
  }
  if (time_ms < last_ms_ && last_ms_ - time_ms <= kLateMsMax) return late(at);
  if (time_ms < last_ms_ || time_ms - last_ms_ >= rules_.rest_ms || implausible(at, time_ms)) {
    begin_anew(at, time_ms,
               *found);  // where the trip ended is not known: nothing more of it leaves
    verdict.lost = true;
    return verdict;
  }
  last_ = at;
  last_ms_ = time_ms;
  const Cell settled = settle_near(*cell_, *found, at);
  if (at_rest(at, time_ms)) {
    if (moving_ && settled != *cell_) enter(settled, false);
    cell_ = settled;
    return end_trip();  // also in HOLD: a trip may begin and end in one ring
  }
  if (!moving_) {
    cell_ = settled;
    if (touches(*start_, settled)) return verdict;
    moving_ = true;
    enter(settled, true);
  } else if (settled != *cell_) {
    verdict.lost = !touches(*cell_, settled);
    enter(settled, false);
  }
  if (!verdict.lost) verdict.cleared = cleared();
  verdict.waits = !touches(*start_, settled);
  verdict.number = ++number_;
  return verdict;
}

FixVerdict TripEnds::end_trip() {
  const FixVerdict verdict = ended_here();
  if (cell_) hold(*cell_);
  return verdict;
}

void TripEnds::forget() {
  moving_ = false;
  cell_.reset();
  start_.reset();
  ends_count_ = 0;
}

bool TripEnds::implausible(Position at, std::int64_t time_ms) const {
  const double seconds = static_cast<double>(time_ms - last_ms_) / 1000;
  return meters_between(last_, at) > kJumpMetersMin + kMetersPerSecondMax * seconds;
}

bool TripEnds::at_rest(Position at, std::int64_t time_ms) {
  away_ = meters_between(anchor_, at) > kRestMeters ? away_ + 1 : 0;
  if (away_ >= kAwayFixes) {
    anchor_ = at;
    anchor_ms_ = time_ms;
    away_ = 0;
  }
  return away_ == 0 && time_ms - anchor_ms_ >= rules_.rest_ms;
}

// A fix of a little earlier than the last: says nothing about where the car is. It waits as the
// next fix will, unless it lies in the cells around the start, which were left since.
FixVerdict TripEnds::late(Position at) const {
  FixVerdict verdict;
  const auto found = cell_of(at, rules_.ring);
  verdict.waits = moving_ && found && !touches(*start_, *found);
  verdict.number = number_ + 1;
  return verdict;
}

void TripEnds::begin_anew(Position at, std::int64_t time_ms, const Cell& cell) {
  hold(cell);
  last_ = anchor_ = at;
  last_ms_ = anchor_ms_ = time_ms;
  away_ = 0;
}

void TripEnds::hold(const Cell& cell) {
  moving_ = false;
  start_ = cell_ = cell;
  ends_count_ = 0;
}

// The car, until now at fix number_ in another cell, is in `cell`. Ends that were in doubt before
// stay so; of the others the car has been outside until now.
void TripEnds::enter(const Cell& cell, bool first) {
  const Neighbourhood around = neighbourhood_of(cell);
  std::array<PossibleEnd, kNeighbourhoodMax> ends;
  std::size_t count = 0;
  for (const Cell& end : around) {
    const auto* const begin = ends_.data();
    const auto* const known =
        std::find_if(begin, begin + ends_count_,
                     [&](const PossibleEnd& possible) { return possible.cell == end; });
    const bool in_doubt = known != begin + ends_count_;
    ends[count++] = {end, in_doubt ? known->last_outside : number_};
  }
  if (first) {
    for (std::size_t i = 0; i < count; ++i) ends[i].last_outside = number_;
  }
  ends_ = ends;
  ends_count_ = count;
  cell_ = cell;
}

FixNumber TripEnds::cleared() const {
  FixNumber least = number_;
  for (std::size_t i = 0; i < ends_count_; ++i) least = std::min(least, ends_[i].last_outside);
  return least;
}

FixVerdict TripEnds::ended_here() const {
  FixVerdict verdict;
  verdict.lost = true;
  if (!moving_) return verdict;
  for (std::size_t i = 0; i < ends_count_; ++i) {
    if (ends_[i].cell == *cell_) verdict.cleared = ends_[i].last_outside;
  }
  return verdict;
}

}  // namespace sudare
