#include "sim/attack/world/settle.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sim/attack/world/places.h"

namespace sudare::sim::attack {

namespace {

// Shops, works and offices in a square kilometre.
constexpr double kPublicPerKm2 = 2;
constexpr std::size_t kPublicLeast = 200;
constexpr std::size_t kPublicMost = 3000;
// Friends live among the homes; of favourites so many are theirs.
constexpr std::size_t kFriends = 2;
constexpr double kNoWorkShare = 0.15;

// Lengths are spread as travel surveys find them: about log-normally, most trips short, a few
// several times the mean; commutes are longer than errands.
constexpr double kCommuteShare = 1.06;
constexpr double kCommuteSigma = 0.6;
constexpr double kErrandShare = 0.86;
constexpr double kErrandSigma = 0.75;
constexpr double kSpreadLeast = 0.2;
constexpr double kSpreadMost = 2.4;  // the network ends
// How often lengths are corrected by the mean that came of them.
constexpr int kCorrections = 3;

// Around 1.
double spread(double sigma, Random& random) {
  return std::clamp(std::exp(sigma * random.normal() - sigma * sigma / 2), kSpreadLeast,
                    kSpreadMost);
}

class Settler {
 public:
  Settler(const RoadNetwork& network, const Settlement& settlement, Random random)
      : settlement_(settlement),
        homes_(network, choice(settlement.homes_side_meters / 2, true)),
        anywhere_(network, choice(network.extent_meters(), false)),
        random_(random) {
    assert(!homes_.empty() && !anywhere_.empty());
    const double km = 2 * network.extent_meters() / 1000;
    publics_.resize(
        std::clamp(static_cast<std::size_t>(km * km * kPublicPerKm2), kPublicLeast, kPublicMost));
    for (RoadPlace& place : publics_) place = anywhere_.draw(random_);
    friends_.resize(kPublicLeast);
    for (RoadPlace& place : friends_) place = homes_.draw(random_);
  }

  std::vector<Car> settle() const {
    double crow_meters = settlement_.mean_trip_meters * settlement_.crow_share;
    std::vector<Car> cars = settle(crow_meters);
    const double wanted_meters = crow_meters;
    for (int i = 0; i < kCorrections; ++i) {
      const double mean = mean_crow_meters(cars);
      if (mean > 0) crow_meters *= wanted_meters / mean;
      cars = settle(crow_meters);
    }
    return cars;
  }

 private:
  [[nodiscard]] RoadSide::Choice choice(double extent_meters, bool residential) const {
    RoadSide::Choice choice;
    choice.extent_meters = extent_meters;
    choice.residential = residential;
    choice.drive_most_meters = settlement_.drive_most_meters;
    return choice;
  }

  // Cars keep their homes and seeds whatever the length.
  [[nodiscard]] std::vector<Car> settle(double crow_meters) const {
    Random random = random_;
    std::vector<Car> cars;
    for (std::size_t i = 0; i < settlement_.cars; ++i) {
      Random own = random.fork();
      Car car;
      car.seed = own.bits();
      car.places.works = !own.chance(kNoWorkShare);
      choose_places(crow_meters, own, car.places.at);
      cars.push_back(std::move(car));
    }
    return cars;
  }

  void choose_places(double crow_meters, Random& random, std::vector<RoadPlace>& at) const {
    const RoadPlace home = homes_.draw(random);
    at.push_back(home);
    at.push_back(place_at_distance(
        publics_, home, crow_meters * kCommuteShare * spread(kCommuteSigma, random), random));
    while (at.size() < CarPlaces::kCount) {
      const std::size_t favourite = at.size() - CarPlaces::kFirstFavourite;
      const bool at_friends =
          favourite >= CarPlaces::kFavourites - kFriends && favourite < CarPlaces::kFavourites;
      const double meters = crow_meters * kErrandShare * spread(kErrandSigma, random);
      const RoadPlace place =
          place_at_distance(at_friends ? friends_ : publics_, home, meters, random);
      if (!same_road(place, at[CarPlaces::kWork])) at.push_back(place);
    }
  }

  // Of all trips that the cars plan.
  [[nodiscard]] double mean_crow_meters(const std::vector<Car>& cars) const {
    double meters = 0;
    double trips = 0;
    for (const Car& car : cars) {
      Random ignored(0);
      CarCalendar calendar = calendar_of(car, settlement_.days, ignored);
      std::size_t at = CarPlaces::kHome;
      for (const Leaving* leaving = calendar.next(); leaving != nullptr;
           leaving = calendar.next()) {
        meters += distance_meters(car.places.at[at].at, car.places.at[leaving->to].at);
        at = leaving->to;
        ++trips;
        calendar.pop();
      }
    }
    return trips > 0 ? meters / trips : 0;
  }

  Settlement settlement_;
  RoadSide homes_;
  RoadSide anywhere_;
  Random random_;
  std::vector<RoadPlace> publics_;
  std::vector<RoadPlace> friends_;
};

}  // namespace

CarCalendar calendar_of(const Car& car, std::size_t days, Random& random) {
  random = Random(car.seed);
  return {car.places.works, kFirstDay, days, random.fork()};
}

std::vector<Car> settle(const RoadNetwork& network, const Settlement& settlement, Random random) {
  return Settler(network, settlement, random).settle();
}

}  // namespace sudare::sim::attack
