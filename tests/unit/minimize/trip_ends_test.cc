// Ring hold-back: the definition, against a judge that looks at the whole trip afterwards; then
// each edge.
#include "gateway/minimize/trip_ends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <set>
#include <vector>

#include "gateway/minimize/hysteresis.h"

namespace sudare {
namespace {

constexpr std::int64_t kRestMs = 300'000;
constexpr double kE7PerMeter = 1e7 / 111'195;

struct Place {
  double latitude = 35;
  double longitude = 136.5;
};

Position at(Place origin, double east_meters, double north_meters) {
  const double cosine = std::cos(origin.latitude * std::numbers::pi / 180);
  auto longitude =
      static_cast<std::int64_t>(origin.longitude * 1e7 + east_meters * kE7PerMeter / cosine);
  if (longitude >= 1'800'000'000) longitude -= 3'600'000'000;
  return {static_cast<std::int64_t>(origin.latitude * 1e7 + north_meters * kE7PerMeter), longitude};
}

// A whole cell of 1 km lies between a trip's start and what is released: 30" of latitude, less the
// hysteresis.
constexpr double kLeastMeters = 924 - 32;

double meters_apart(Position a, Position b) {
  const double cosine =
      std::cos(static_cast<double>(a.latitude_e7) * 1e-7 * std::numbers::pi / 180);
  return std::hypot(static_cast<double>(a.latitude_e7 - b.latitude_e7),
                    static_cast<double>(a.longitude_e7 - b.longitude_e7) * cosine) /
         kE7PerMeter;
}

// Drives a car past a TripEnds and keeps what may leave.
class Driver {
 public:
  explicit Driver(Place origin = {}) : origin_(origin) {}

  FixVerdict go(double east, double north, std::int64_t after_ms = 1000) {
    now_ms_ += after_ms;
    return fix(at(origin_, east, north), now_ms_);
  }
  FixVerdict fix(Position position, std::int64_t time_ms) {
    const FixVerdict verdict = ends.fix(position, time_ms);
    take(verdict);
    fixes.push_back(position);
    if (verdict.waits) waiting_.push_back({verdict.number, fixes.size() - 1});
    return verdict;
  }
  // East at 20 m/s.
  void drive(double from, double to, double north = 0) {
    for (double east = from; std::abs(east - from) <= std::abs(to - from);
         east += to > from ? 20 : -20) {
      go(east, north);
    }
  }
  void ignition_off() { take(ends.end_trip()); }
  void stand(std::int64_t milliseconds, double east) {
    for (std::int64_t passed = 0; passed < milliseconds; passed += 1000) go(east, 0);
  }
  [[nodiscard]] std::size_t released() const { return released_.size(); }
  [[nodiscard]] double least_east() const {
    double least = 1e9;
    for (const std::size_t fix : released_) least = std::min(least, east_of(fix));
    return least;
  }
  [[nodiscard]] double most_east() const {
    double most = -1e9;
    for (const std::size_t fix : released_) most = std::max(most, east_of(fix));
    return most;
  }
  [[nodiscard]] const std::set<std::size_t>& released_fixes() const { return released_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  TripEnds ends{{v1::M1000, kRestMs}};
  std::vector<Position> fixes;

 private:
  struct Waiting {
    FixNumber number;
    std::size_t fix;
  };
  void take(const FixVerdict& verdict) {
    std::size_t cleared = 0;
    while (cleared < waiting_.size() && waiting_[cleared].number <= verdict.cleared) {
      released_.insert(waiting_[cleared++].fix);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(cleared));
    if (verdict.lost) waiting_.clear();
  }
  [[nodiscard]] double east_of(std::size_t index) const {
    const double cosine = std::cos(origin_.latitude * std::numbers::pi / 180);
    double degrees = static_cast<double>(fixes[index].longitude_e7) * 1e-7 - origin_.longitude;
    if (degrees < -180) degrees += 360;
    return degrees * 111'195 * cosine;
  }

  Place origin_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::vector<Waiting> waiting_;
  std::set<std::size_t> released_;
};

// The definition of privacy.md, with the whole trip known: between the first exit from the cells
// around the start and the last entry into the cells around the end. Cells as the car counts them.
std::set<std::size_t> allowed(const std::vector<Position>& fixes) {
  std::vector<Cell> cells;
  for (const Position& fix : fixes) {
    const Cell found = *cell_of(fix, v1::M1000);
    cells.push_back(cells.empty() ? found : settle_near(cells.back(), found, fix));
  }
  std::size_t exit = 0;
  while (exit < cells.size() && touches(cells[exit], cells.front())) ++exit;
  std::size_t entry = cells.size();
  while (entry > 0 && touches(cells[entry - 1], cells.back())) --entry;
  std::set<std::size_t> indices;
  for (std::size_t i = exit; i < entry; ++i) {
    if (!touches(cells[i], cells.front())) indices.insert(i);
  }
  return indices;
}

TEST(TripEnds, ReleasesExactlyWhatTheDefinitionAllowsOfRandomTrips) {
  const unsigned seed = 20261125;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> turn(-0.5, 0.5);
  std::size_t released = 0;
  for (int trip = 0; trip < 300; ++trip) {
    Driver driver;
    double east = turn(random) * 4000;
    double north = turn(random) * 4000;
    double heading = turn(random) * 12;
    const int steps = 100 + static_cast<int>(random() % 900);
    for (int i = 0; i < steps; ++i) {
      driver.go(east, north);
      heading += turn(random);
      east += 25 * std::cos(heading);
      north += 25 * std::sin(heading);
    }
    driver.ignition_off();
    EXPECT_EQ(driver.released_fixes(), allowed(driver.fixes)) << "trip " << trip << " of " << seed;
    for (const std::size_t fix : driver.released_fixes()) {
      EXPECT_GT(meters_apart(driver.fixes[fix], driver.fixes.front()), kLeastMeters);
    }
    released += driver.released();
  }
  EXPECT_GT(released, 10'000U);
}

TEST(TripEnds, NothingLeavesBeforeTheCarIsAwayFromIt) {
  Driver driver;
  driver.drive(0, 3000);
  EXPECT_EQ(driver.released(), 0U);
  driver.drive(3020, 12'000);
  const double so_far = driver.most_east();
  EXPECT_GT(driver.released(), 100U);
  EXPECT_LT(so_far, 12'000 - 1100);
  driver.ignition_off();
  EXPECT_LT(driver.most_east(), 12'000 - 1100);
  EXPECT_GT(driver.least_east(), 1100);
}

TEST(TripEnds, ATripThatNeverLeavesTheRingReleasesNothing) {
  Driver driver;
  for (int round = 0; round < 5; ++round) {
    driver.drive(0, 900);
    driver.drive(900, 0);
  }
  driver.ignition_off();
  EXPECT_EQ(driver.released(), 0U);
}

TEST(TripEnds, AReturnHomeHidesTheArrivalAsWell) {
  Driver driver;
  driver.drive(0, 10'000);
  driver.drive(10'000, 0);
  driver.ignition_off();
  EXPECT_GT(driver.least_east(), 1100);
  driver.drive(0, 10'000);
  EXPECT_GT(driver.least_east(), 1100);
}

// From a shop to the home round the corner, and away the next morning: the ring is the home's.
TEST(TripEnds, ATripWithinOneRingMovesTheRingToItsEnd) {
  for (const bool by_rest : {true, false}) {
    Driver driver;
    driver.drive(100, 1900);
    if (by_rest) driver.stand(400'000, 1900);
    else driver.ignition_off();
    driver.drive(1920, 20'000);
    driver.ignition_off();
    EXPECT_GT(driver.released(), 500U);
    EXPECT_GT(driver.least_east(), 1900 + 1000) << by_rest;
  }
}

// A parked car that the receiver moves 220 m aside now and then does not drive.
TEST(TripEnds, AnExcursionOfTheReceiverDoesNotWakeAParkedCar) {
  Driver driver;
  driver.drive(0, 10'000);
  for (int minute = 0; minute < 60; ++minute) driver.go(10'000, minute % 4 == 3 ? 220 : 0, 60'000);
  EXPECT_TRUE(driver.ends.holding());
  EXPECT_EQ(driver.waiting(), 0U);
}

// Within a gap that is no end of a trip a car may come far: so may a forger say.
TEST(TripEnds, AFixThatSkipsCellsFlushesNothing) {
  Driver driver;
  driver.drive(0, 12'000);
  const std::size_t before = driver.released();
  const FixVerdict forged = driver.go(30'000, 0, 290'000);
  EXPECT_TRUE(forged.lost);
  EXPECT_EQ(driver.released(), before);
  EXPECT_EQ(driver.waiting(), forged.waits ? 1U : 0U);
}

// At rest begins with the third fix at the place, and ends with the first elsewhere.
TEST(TripEnds, AStopOf301SecondsEndsATripOneOf299DoesNot) {
  for (const std::int64_t seconds : {299, 301}) {
    Driver driver;
    driver.drive(0, 10'000);
    driver.go(10'220, 0, 11'000);
    for (std::int64_t passed = -2; passed < seconds; ++passed) driver.go(10'220, 0);
    driver.go(10'421, 0, 4000);
    driver.drive(10'440, 20'000);
    driver.ignition_off();
    std::size_t near_stop = 0;
    for (const std::size_t fix : driver.released_fixes()) {
      if (std::abs(static_cast<double>(driver.fixes[fix].longitude_e7) -
                   static_cast<double>(at({}, 10'220, 0).longitude_e7)) < 600 * kE7PerMeter) {
        ++near_stop;
      }
    }
    EXPECT_EQ(near_stop > 0, seconds == 299) << seconds;
  }
}

TEST(TripEnds, WhatWaitsWhenTheCarStopsIsLostBackToTheRingsEntry) {
  Driver driver;
  driver.drive(0, 10'000);
  EXPECT_GT(driver.waiting(), 50U);
  driver.stand(301'000, 10'000);
  EXPECT_EQ(driver.waiting(), 0U);
  EXPECT_TRUE(driver.ends.holding());
}

TEST(TripEnds, AWanderingReceiverIsStillAtRest) {
  Driver driver;
  driver.drive(0, 10'000);
  for (int i = 0; i < 301; ++i) driver.go(10'000 + 90 * std::sin(i * 0.7), 80 * std::cos(i * 1.3));
  EXPECT_TRUE(driver.ends.holding());
}

TEST(TripEnds, AForgedFarFixDoesNotFlush) {
  Driver driver;
  driver.drive(0, 5000);
  const std::size_t before = driver.released();
  const FixVerdict forged = driver.go(80'000, 0);
  EXPECT_TRUE(forged.lost);
  EXPECT_FALSE(forged.waits);
  EXPECT_EQ(driver.released(), before);
  driver.go(5020, 0);
  EXPECT_TRUE(driver.ends.holding());
  driver.drive(5040, 6000);
  EXPECT_EQ(driver.released(), before) << "the trip begins anew in HOLD";
}

TEST(TripEnds, AFerryWithoutAFixBeginsATripOnTheOtherShore) {
  Driver driver;
  driver.drive(0, 10'000);
  const std::size_t before = driver.released();
  driver.go(40'000, 0, 5'400'000);
  EXPECT_EQ(driver.released(), before) << "where the trip ended is not known";
  EXPECT_TRUE(driver.ends.holding());
  driver.drive(40'020, 41'000);
  EXPECT_EQ(driver.released(), before);
}

TEST(TripEnds, ATunnelIsPartOfTheTrip) {
  Driver driver;
  driver.drive(0, 8000);
  driver.go(12'000, 0, 200'000);
  EXPECT_FALSE(driver.ends.holding());
  driver.drive(12'020, 20'000);
  driver.ignition_off();
  EXPECT_GT(driver.most_east(), 15'000);
}

TEST(TripEnds, AnOutlierOfTheReceiverBeginsATripAnew) {
  Driver driver;
  driver.drive(0, 8000);
  driver.go(8020, 900);
  EXPECT_TRUE(driver.ends.holding());
  const std::size_t before = driver.released();
  driver.drive(8040, 9000);
  EXPECT_EQ(driver.released(), before);
}

TEST(TripEnds, AClockThatStepsBeginsATripAnew) {
  for (const std::int64_t step_ms : {-61'000L, -1'700'000'000'000L, 300'000L, 1'000'000'000'000L}) {
    Driver driver;
    driver.drive(0, 8000);
    const std::size_t before = driver.released();
    driver.go(8020, 0, step_ms);
    EXPECT_TRUE(driver.ends.holding()) << step_ms;
    driver.drive(8040, 9000);
    EXPECT_EQ(driver.released(), before);
    driver.drive(9020, 20'000);
    EXPECT_GT(driver.released(), before) << "and goes on from there";
  }
}

TEST(TripEnds, ALateEventWaitsWithTheFixThatOvertookIt) {
  Driver driver;
  driver.drive(0, 8000);
  const FixVerdict late = driver.fix(at({}, 7980, 0), 1'700'000'000'000 + 380'000);
  EXPECT_TRUE(late.waits);
  EXPECT_FALSE(late.lost);
  driver.drive(8020, 20'000);
  EXPECT_TRUE(driver.released_fixes().count(401) == 1) << "released after clearance";
}

TEST(TripEnds, ALateEventFromTheStartsRingNeverLeaves) {
  Driver driver;
  driver.drive(0, 2600);
  ASSERT_FALSE(driver.ends.holding());
  EXPECT_FALSE(driver.fix(at({}, 300, 0), 1'700'000'000'000 + 100'000).waits);
}

TEST(TripEnds, ALateEventBeforeTheTripBeganNeverLeaves) {
  Driver driver;
  driver.go(0, 0);
  EXPECT_FALSE(driver.fix(at({}, 5000, 0), 1'700'000'000'000 + 500).waits);
}

TEST(TripEnds, AnIgnitionThatGoesOffBeforeAnyFixEndsNothing) {
  Driver driver;
  EXPECT_TRUE(driver.ends.end_trip().lost);
  EXPECT_TRUE(driver.ends.holding());
  driver.drive(0, 20'000);
  driver.ignition_off();
  EXPECT_GT(driver.least_east(), kLeastMeters);
  EXPECT_GT(driver.released(), 700U);
}

TEST(TripEnds, ARestartInMidTripBeginsInHold) {
  Driver driver;
  EXPECT_TRUE(driver.ends.holding());
  driver.drive(50'000, 51'000);
  EXPECT_TRUE(driver.ends.holding());
  EXPECT_EQ(driver.waiting(), 0U);
}

TEST(TripEnds, WorksAcrossTheAntimeridian) {
  Driver driver({-17, 179.95});  // Fiji
  driver.drive(0, 20'000);
  driver.ignition_off();
  EXPECT_GT(driver.least_east(), 900);
  EXPECT_LT(driver.most_east(), 19'100);
  EXPECT_GT(driver.released(), 700U);
}

TEST(TripEnds, WorksFromTheMeshToTheWorldGrid) {
  Driver driver({45.3, 153.9});  // east of the mesh's last column
  driver.drive(0, 20'000);
  driver.ignition_off();
  EXPECT_GT(driver.least_east(), 900);
  EXPECT_LT(driver.most_east(), 19'100);
  EXPECT_GT(driver.released(), 700U);
}

TEST(TripEnds, WhereNoRingIsNothingLeaves) {
  Driver driver({86, 10});
  driver.drive(0, 20'000);
  EXPECT_EQ(driver.released(), 0U);
}

TEST(Neighbourhood, IsSymmetricAtEverySeam) {
  std::mt19937_64 random(7);
  const auto any = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int i = 0; i < 4000; ++i) {
    // The mesh's sides, the antimeridian, bands of the world grid, anywhere.
    const double latitude = i % 4 == 0 ? 46 + any(-0.05, 0.05) : any(-84, 84);
    const double longitude = i % 3 == 0   ? 154 + any(-0.05, 0.05)
                             : i % 3 == 1 ? 180 + any(-0.05, 0.05)
                                          : any(-180, 180);
    const auto position = normalize(
        {static_cast<std::int64_t>(latitude * 1e7), static_cast<std::int64_t>(longitude * 1e7)});
    const Cell cell = *cell_of(*position, i % 2 == 0 ? v1::M1000 : v1::M2000);
    const Neighbourhood around = neighbourhood_of(cell);
    EXPECT_GE(around.count, 8U);
    for (const Cell& other : around) {
      const Neighbourhood back = neighbourhood_of(other);
      EXPECT_TRUE(std::find(back.begin(), back.end(), cell) != back.end())
          << latitude << " " << longitude;
    }
  }
}

}  // namespace
}  // namespace sudare
