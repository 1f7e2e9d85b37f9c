#include "sim/trip/sumo_fcd.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <pugixml.hpp>
#include <utility>

#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

constexpr std::string_view kRoot = "<fcd-export";
constexpr std::string_view kRootEnd = "</fcd-export>";
constexpr std::string_view kStep = "<timestep";
constexpr std::string_view kStepEnd = "</timestep>";
// Ten years of seconds: what lies beyond isn't a simulation's time.
constexpr double kSecondsMax = 10 * 366 * 86'400.0;
// Ids become names of trips and keys in memory.
constexpr std::size_t kIdBytesMax = 256;

// Where the first element begins; npos: there is none.
std::size_t first_element(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find('<', at)) != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    std::string_view end;
    if (rest.substr(0, 4) == "<!--") {
      end = "-->";
    } else if (rest.substr(0, 2) == "<?" || rest.substr(0, 2) == "<!") {
      end = ">";
    } else {
      return at;
    }
    at = text.find(end, at);
    if (at == std::string_view::npos) break;
    at += end.size();
  }
  return std::string_view::npos;
}

class FcdReader {
 public:
  FcdReader(const std::string& file, std::string_view text, const FcdOptions& options)
      : file_(file), text_(text), options_(options) {}

  Parsed<std::vector<Trip>> read() {
    const std::size_t root = first_element(text_);
    if (root == std::string_view::npos || text_.substr(root, kRoot.size()) != kRoot) {
      return input_error(file_, 1, "has no <fcd-export> element");
    }
    std::size_t at = root;
    while ((at = text_.find(kStep, at)) != std::string_view::npos) {
      const std::size_t end = step_end(at);
      if (end == std::string_view::npos) return wrong(at, "time step that doesn't end");
      auto read = read_step(at, end);
      if (!read) return tl::unexpected<InputError>(std::move(read.error()));
      at = end;
    }
    const std::size_t tag_end = text_.find('>', root);
    const bool closed =
        tag_end != std::string_view::npos &&
        (text_[tag_end - 1] == '/' || text_.find(kRootEnd, tag_end) != std::string_view::npos);
    if (!closed) return wrong(text_.size(), "ends before </fcd-export>");
    std::vector<Trip> trips;
    for (auto& [id, points] : vehicles_) {
      const std::size_t before = trips.size();
      append_trips(std::move(points), {}, trips);
      for (std::size_t i = before; i < trips.size(); ++i) trips[i].vehicle = id;
    }
    return trips;
  }

 private:
  struct Nothing {};

  tl::unexpected<InputError> wrong(std::size_t offset, std::string what,
                                   std::string hint = {}) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size()));
    const auto lines = std::count(text_.begin(), end, '\n');
    return input_error(file_, 1 + static_cast<int>(lines), std::move(what), std::move(hint));
  }

  // One past the time step that begins at `start`; npos: it doesn't end.
  [[nodiscard]] std::size_t step_end(std::size_t start) const {
    const std::size_t tag_end = text_.find('>', start);
    if (tag_end == std::string_view::npos) return tag_end;
    if (text_[tag_end - 1] == '/') return tag_end + 1;
    const std::size_t end = text_.find(kStepEnd, tag_end);
    return end == std::string_view::npos ? end : end + kStepEnd.size();
  }

  Parsed<Nothing> read_step(std::size_t start, std::size_t end) {
    // parse_minimal: no entities beyond the five of XML, no doctype, no processing instructions.
    const auto parsed =
        document_.load_buffer(text_.data() + start, end - start,
                              pugi::parse_minimal | pugi::parse_escapes, pugi::encoding_utf8);
    if (!parsed) {
      return wrong(start + static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, parsed.offset)),
                   parsed.description());
    }
    const pugi::xml_node step = document_.child("timestep");
    const auto seconds = parse_number(step.attribute("time").value());
    if (!seconds || *seconds < 0 || *seconds > kSecondsMax) {
      return wrong(start, "time step without seconds as time");
    }
    const std::int64_t time_ms = options_.time_offset_ms + std::llround(*seconds * 1000);
    for (const pugi::xml_node& vehicle : step.children("vehicle")) {
      const auto offset =
          static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, vehicle.offset_debug()));
      if (++count_ > kTrackPointsMax) return wrong(start + offset, "too many vehicle positions");
      auto read = read_vehicle(vehicle, start + offset, time_ms);
      if (!read) return read;
    }
    return Nothing{};
  }

  Parsed<Nothing> read_vehicle(const pugi::xml_node& vehicle, std::size_t offset,
                               std::int64_t time_ms) {
    const std::string_view id = vehicle.attribute("id").value();
    if (id.empty() || id.size() > kIdBytesMax) return wrong(offset, "vehicle without an id");
    const auto place = place_of(vehicle);
    if (!place) return wrong(offset, "vehicle without numbers as x and y");
    if (!is_place(*place)) {
      return wrong(offset, "vehicle outside the earth, or at (0, 0)",
                   "write lon and lat with SUMO's --fcd-output.geo, or give an origin");
    }
    TrackPoint point;
    point.time_ms = time_ms;
    point.place = *place;
    point.heading_degrees = parse_number(vehicle.attribute("angle").value());
    if (const auto speed_ms = parse_number(vehicle.attribute("speed").value())) {
      point.speed_kmh = *speed_ms * 3.6;
    }
    auto known = vehicles_.find(id);
    if (known == vehicles_.end()) known = vehicles_.emplace(id, std::vector<TrackPoint>()).first;
    known->second.push_back(point);
    return Nothing{};
  }

  [[nodiscard]] std::optional<Place> place_of(const pugi::xml_node& vehicle) const {
    const auto number = [&](const char* name) {
      return parse_number(vehicle.attribute(name).value());
    };
    const auto longitude = number("lon");
    const auto latitude = number("lat");
    if (longitude && latitude) return Place{*latitude, *longitude};
    const auto x = number("x");
    const auto y = number("y");
    if (!x || !y) return std::nullopt;
    if (options_.origin) return to_place(*options_.origin, {*x, *y});
    return Place{*y, *x};
  }

  const std::string& file_;
  std::string_view text_;
  const FcdOptions& options_;
  pugi::xml_document document_;  // of one time step
  std::map<std::string, std::vector<TrackPoint>, std::less<>> vehicles_;
  std::size_t count_ = 0;
};

}  // namespace

bool is_fcd(std::string_view text) {
  const std::size_t root = first_element(text);
  return root != std::string_view::npos && text.substr(root, kRoot.size()) == kRoot;
}

Parsed<std::vector<Trip>> parse_fcd(const std::string& file, std::string_view text,
                                    const FcdOptions& options) {
  return FcdReader(file, text, options).read();
}

}  // namespace sudare::sim
