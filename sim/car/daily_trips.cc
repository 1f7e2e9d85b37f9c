#include "sim/car/daily_trips.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kMsPerHour = 3'600'000;
constexpr std::int64_t kJapanMs = 9 * kMsPerHour;
constexpr std::size_t kErrandPlaces = 6;
// Red lights, turns and acceleration make a trip this much longer than free driving. Measured with
// the default profile; a test holds the day's hours to the profile's.
constexpr double kTownFactor = 1.27;
constexpr double kDrivewayMeters = 35;

constexpr const char* kErrandNames[kErrandPlaces] = {
    "スーパー 元町店", "市民病院", "中央図書館", "おばあちゃんの家", "ホームセンター", "保育園"};

// 1970-01-01 was a Thursday.
bool is_weekend(std::int64_t day) { return (day + 3) % 7 >= 5; }

// The junctions whose time from `seconds`' start is nearest to `wanted`, best first.
std::vector<std::size_t> nearest_to(const std::vector<double>& seconds, double wanted,
                                    std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (std::isfinite(seconds[i])) order.push_back(i);
  }
  count = std::min(order.size(), count);
  const auto nearer = [&](std::size_t a, std::size_t b) {
    const double off_a = std::abs(seconds[a] - wanted);
    const double off_b = std::abs(seconds[b] - wanted);
    return off_a != off_b ? off_a < off_b : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    nearer);
  order.resize(count);
  return order;
}

std::unique_ptr<const RoadNetwork> own_roads(const v1::Profile& profile, const RoadNetwork* shared,
                                             Random random) {
  if (shared != nullptr) return nullptr;
  return std::make_unique<const RoadNetwork>(network_shape(profile), random);
}

}  // namespace

NetworkShape network_shape(const v1::Profile& profile) {
  const v1::Network& network = profile.network();
  return {network.blocks(), network.block_meters(), network.missing_share()};
}

DailyTrips::DailyTrips(v1::Profile profile, Random random, std::int64_t first_day,
                       const RoadNetwork* roads)
    : profile_(std::move(profile)),
      random_(random),
      own_network_(own_roads(profile_, roads, random_.fork())),
      network_(roads != nullptr ? *roads : *own_network_),
      gnss_(profile_.gnss().error_meters(), profile_.gnss().altitude_meters(), random_.fork()),
      day_(first_day) {
  choose_places(random_.fork());
  at_ = &home_;
}

Stop DailyTrips::stop_near(std::size_t junction, std::string name, Random& random) const {
  const Point at = network_.junctions()[junction].at;
  return {std::move(name),
          {at.east + random.between(-kDrivewayMeters, kDrivewayMeters),
           at.north + random.between(-kDrivewayMeters, kDrivewayMeters)},
          junction};
}

// Home lies in the middle third; work and errands where trips to them take the profile's time.
void DailyTrips::choose_places(Random random) {
  const auto& junctions = network_.junctions();
  const double middle = network_.extent_meters() / 3;
  std::size_t home = 0;
  do {
    home = random.below(junctions.size());
  } while (junctions[home].roads.empty() || std::abs(junctions[home].at.east) > middle ||
           std::abs(junctions[home].at.north) > middle);
  home_ = stop_near(home, "自宅", random);
  const double trip_seconds =
      profile_.day().driving_hours() * 3600 / profile_.day().trips() / kTownFactor;
  const auto from_home = travel_seconds(network_, home);
  constexpr std::size_t kCandidates = 40;
  const auto work_candidates = nearest_to(from_home, trip_seconds, kCandidates);
  const std::size_t work = work_candidates[random.below(work_candidates.size())];
  work_ = stop_near(work, "会社", random);
  // An errand lies between: its way from work and its way home take as long as the others.
  const auto from_work = travel_seconds(network_, work);
  std::vector<double> mean(from_home.size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    mean[i] = (from_home[i] + from_work[i]) / 2 +
              std::abs(from_home[i] - from_work[i]) / 4;  // prefers equal ways
  }
  const auto errand_candidates = nearest_to(mean, trip_seconds, kCandidates);
  for (const char* name : kErrandNames) {
    errands_.push_back(
        stop_near(errand_candidates[random.below(errand_candidates.size())], name, random));
  }
}

Place DailyTrips::place_of(const Stop& stop) const {
  return to_place({profile_.network().latitude(), profile_.network().longitude()}, stop.at);
}

// Fills plan_ with the stops of one day; the last is home. Every day has at least two trips unless
// the profile asks for fewer.
void DailyTrips::plan_day() {
  const v1::Day& day = profile_.day();
  const double whole = std::floor(day.trips());
  auto trips = static_cast<std::size_t>(whole) + (random_.chance(day.trips() - whole) ? 1 : 0);
  if (trips == 1) trips = random_.chance(0.5) ? 2 : 0;
  const bool working = !is_weekend(day_);
  const double leave_hour =
      (working ? day.leave_home_hour() : day.leave_home_hour() + 2) + 0.2 * random_.normal();
  leave_ms_ = day_ * kMsPerDay - kJapanMs +
              std::llround(std::clamp(leave_hour, 0.0, 22.0) * static_cast<double>(kMsPerHour));
  for (std::size_t i = 0; i + 1 < trips; ++i) {
    const bool to_work = working && i == 0;
    const double hours = to_work ? day.work_hours() : day.errand_hours();
    const Stop* to = to_work ? &work_ : &errands_[random_.below(errands_.size())];
    // Not where the car already is.
    if (!plan_.empty() && plan_.back().to == to) to = &errands_[to == &errands_[0] ? 1 : 0];
    plan_.push_back({to, hours * random_.between(0.8, 1.2)});
  }
  if (trips > 0) plan_.push_back({&home_, 0});
  ++day_;
}

std::optional<Trip> DailyTrips::next() {
  while (plan_.empty()) {
    // A day that ran past midnight pushes the next one's start.
    const std::int64_t earliest_ms = leave_ms_ + kMsPerHour / 4;
    plan_day();
    leave_ms_ = std::max(leave_ms_, earliest_ms);
  }
  const Errand errand = plan_.front();
  plan_.pop_front();
  Trip trip = drive(network_, profile_, *at_, *errand.to, leave_ms_, gnss_, random_);
  at_ = errand.to;
  leave_ms_ =
      trip.fixes.back().time_ms + std::llround(errand.stay_hours * static_cast<double>(kMsPerHour));
  return trip;
}

}  // namespace sudare::sim
