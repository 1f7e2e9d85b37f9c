#include "sim/attack/world/recorded.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "sim/attack/world/trip_ends.h"
#include "sim/trip/read_trips.h"
#include "sim/trip/track_points.h"

namespace sudare::sim::attack {

namespace {

// A car stands where its trip ended if the next one starts within this.
constexpr double kSameStayMeters = 300;
constexpr double kOriginDegrees = 0.1;
constexpr std::size_t kUserMapRowsMax = 1'000'000;

struct RecordedCar {
  std::vector<Trip> trips;
  HomeAndWork places;
};

class RecordedDays final : public CarDays {
 public:
  explicit RecordedDays(const RecordedCar& car) : car_(car) {}

  bool next(Outing& outing) override {
    if (at_ == car_.trips.size()) return false;
    outing.trip = car_.trips[at_++];
    outing.parked.clear();
    const Fix& end = outing.trip.fixes.back();
    outing.driven = {outing.trip.fixes.front().time_ms, end.time_ms, outing.trip.distance_meters,
                     0};
    outing.stay = {end.place, end.time_ms, end.time_ms};
    if (at_ < car_.trips.size()) {
      const Fix& next = car_.trips[at_].fixes.front();
      if (distance_meters(end.place, next.place) <= kSameStayMeters) {
        outing.stay.until_ms = next.time_ms;
      }
    }
    return true;
  }

 private:
  const RecordedCar& car_;
  std::size_t at_ = 0;
};

class RecordedWorld final : public World {
 public:
  RecordedWorld(std::string name, std::vector<RecordedCar> cars)
      : name_(std::move(name)), cars_(std::move(cars)) {
    // Rounded: an origin must not be somebody's place.
    for (const RecordedCar& car : cars_) {
      origin_.latitude += car.places.home.latitude / static_cast<double>(cars_.size());
      origin_.longitude += car.places.home.longitude / static_cast<double>(cars_.size());
    }
    origin_.latitude = std::round(origin_.latitude / kOriginDegrees) * kOriginDegrees;
    origin_.longitude = std::round(origin_.longitude / kOriginDegrees) * kOriginDegrees;
  }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Place origin() const override { return origin_; }
  [[nodiscard]] const RoadNetwork* network() const override { return nullptr; }
  [[nodiscard]] std::size_t cars() const override { return cars_.size(); }
  [[nodiscard]] Place home(std::size_t car) const override { return cars_[car].places.home; }
  [[nodiscard]] Place work(std::size_t car) const override { return cars_[car].places.work; }
  [[nodiscard]] std::unique_ptr<CarDays> days(std::size_t car) const override {
    return std::make_unique<RecordedDays>(cars_[car]);
  }

 private:
  std::string name_;
  std::vector<RecordedCar> cars_;
  Place origin_;
};

// One car can't be on two trips at once.
void drop_overlapping(std::vector<Trip>& trips) {
  std::stable_sort(trips.begin(), trips.end(), [](const Trip& a, const Trip& b) {
    return a.fixes.front().time_ms < b.fixes.front().time_ms;
  });
  std::int64_t free_ms = trips.front().fixes.front().time_ms;
  std::erase_if(trips, [&free_ms](const Trip& trip) {
    if (trip.fixes.front().time_ms < free_ms) return true;
    free_ms = trip.fixes.back().time_ms;
    return false;
  });
}

Parsed<std::vector<Trip>> uci_trips(const std::string& folder) {
  auto trips = read_trips({folder + "/go_track_trackspoints.csv"});
  if (!trips) return trips;
  const std::string map_file = folder + "/track_user_map.csv";
  const auto map_text = read_whole_file(map_file, kTripFileBytesMax);
  if (!map_text) return tl::unexpected<InputError>(map_text.error());
  const auto users = parse_user_map(map_file, *map_text);
  if (!users) return tl::unexpected<InputError>(users.error());
  // A track's name is in `destination`: the CSV reader knows no vehicles.
  std::erase_if(*trips, [&](const Trip& trip) { return !users->contains(trip.destination); });
  for (Trip& trip : *trips) {
    trip.vehicle = users->at(trip.destination);
    trip.destination.clear();
  }
  return trips;
}

}  // namespace

std::string_view name_of(DataSet data_set) {
  switch (data_set) {
    case DataSet::kUci354: return "uci-354";
    case DataSet::kEnvirocarMunster: return "envirocar-munster";
    case DataSet::kEnvirocarAll: return "envirocar-all";
  }
  return "";
}

std::optional<std::string> fixtures_folder() {
  const char* const given = std::getenv("SUDARE_FIXTURES");
  const std::string folder = given != nullptr ? given : "../shared/fixtures";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return std::nullopt;
  return folder;
}

Parsed<std::map<std::string, std::string>> parse_user_map(const std::string& file,
                                                          std::string_view text) {
  std::map<std::string, std::string> users;
  int line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
    if (row.empty() || line == 1) continue;
    const std::size_t comma = row.find(',');
    if (comma == 0 || comma == std::string_view::npos) {
      return input_error(file, line, "a row without track and user");
    }
    const std::string_view rest = row.substr(comma + 1);
    const std::string_view user = rest.substr(0, rest.find(','));
    if (user.empty()) return input_error(file, line, "a row without track and user");
    if (users.size() >= kUserMapRowsMax) return input_error(file, line, "too many rows");
    users.insert_or_assign(std::string(row.substr(0, comma)), std::string(user));
  }
  return users;
}

std::unique_ptr<World> recorded_world(const std::string& name, std::vector<Trip> trips,
                                      std::size_t ends_least) {
  std::map<std::string, std::vector<Trip>> by_vehicle;
  for (Trip& trip : trips) by_vehicle[trip.vehicle].push_back(std::move(trip));
  std::vector<RecordedCar> cars;
  for (auto& [vehicle, own] : by_vehicle) {
    drop_overlapping(own);
    if (2 * own.size() < ends_least) continue;
    const HomeAndWork places = home_and_work(own);
    cars.push_back({std::move(own), places});
  }
  return std::make_unique<RecordedWorld>(name, std::move(cars));
}

Parsed<std::unique_ptr<World>> real_world(DataSet data_set, const std::string& fixtures) {
  const std::string folder = fixtures + "/trajectories/";
  const std::string uci = folder + "uci-354";
  const std::string track_file =
      folder + "envirocar/" +
      (data_set == DataSet::kEnvirocarMunster ? "munster_tracks.json" : "all100_tracks.json");
  std::error_code ignored;
  const bool is_uci = data_set == DataSet::kUci354;
  if (!std::filesystem::exists(is_uci ? uci : track_file, ignored)) {
    return std::unique_ptr<World>();
  }
  auto trips = is_uci ? uci_trips(uci) : read_trips({track_file});
  if (!trips) return tl::unexpected<InputError>(trips.error());
  return recorded_world(std::string(name_of(data_set)), *std::move(trips), kTripEndsLeast);
}

Parsed<std::unique_ptr<World>> sumo_world(const std::string& file, const FcdOptions& options) {
  const auto text = read_whole_file(file, kTripFileBytesMax);
  if (!text) return tl::unexpected<InputError>(text.error());
  auto trips = parse_fcd(file, *text, options);
  if (!trips) return tl::unexpected<InputError>(trips.error());
  if (trips->empty()) return input_error(file, 0, "holds no trip");
  return recorded_world("sumo", *std::move(trips), 0);
}

}  // namespace sudare::sim::attack
