#include "sim/trip/read_trips.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/trip/sumo_fcd.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

Parsed<std::vector<Trip>> parse_trips(const std::string& file, std::string_view text) {
  // A byte order mark is no part of any of the formats.
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return input_error(file, 0, "is empty");
  if (text[first] == '<') {
    return is_fcd(text) ? parse_fcd(file, text, FcdOptions()) : parse_gpx(file, text);
  }
  if (text[first] == '{') return parse_geojson(file, text);
  return parse_csv(file, text);
}

Parsed<std::vector<Trip>> read_trips(const std::vector<std::string>& files) {
  std::vector<Trip> trips;
  for (const std::string& file : files) {
    auto text = read_whole_file(file, kTripFileBytesMax);
    if (!text) return tl::unexpected<InputError>(text.error());
    auto found = parse_trips(file, *text);
    if (!found) return found;
    if (found->empty()) return input_error(file, 0, "holds no trip");
    std::move(found->begin(), found->end(), std::back_inserter(trips));
  }
  std::stable_sort(trips.begin(), trips.end(), [](const Trip& a, const Trip& b) {
    return a.fixes.front().time_ms < b.fixes.front().time_ms;
  });
  return trips;
}

}  // namespace sudare::sim
