#include "sim/profile.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/limits.h"

namespace sudare::sim {

namespace {

// Nesting of the text: the schema's is 2, anything deeper is an attack on the parser's stack.
constexpr int kProfileDepthMax = 8;

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/,
                const std::string& message) override {
    if (!text_.empty()) return;
    line_ = line + 1;
    text_ = message;
  }

  [[nodiscard]] int line() const { return line_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int line_ = 0;
  std::string text_;
};

struct Range {
  const char* name;
  double value;
  double least;
  double most;
};

// The first value that is out of its range.
std::optional<Range> out_of_range(const v1::Profile& profile) {
  const auto& network = profile.network();
  const auto& day = profile.day();
  const auto& driver = profile.driver();
  const auto& gnss = profile.gnss();
  const auto& rates = profile.rates();
  const auto& link = profile.link();
  // Most a day holds: intervals and counts above these make a run that never ends or never sends.
  const Range ranges[] = {
      {"network.latitude", network.latitude(), -80, 80},
      {"network.longitude", network.longitude(), -180, 180},
      {"network.blocks", static_cast<double>(network.blocks()), 8, 200},
      {"network.block_meters", network.block_meters(), 50, 5000},
      {"network.missing_share", network.missing_share(), 0, 0.5},
      {"day.trips", day.trips(), 1, 8},
      {"day.driving_hours", day.driving_hours(), 0.05, 12},
      {"day.leave_home_hour", day.leave_home_hour(), 0, 16},
      {"day.work_hours", day.work_hours(), 0, 12},
      {"day.errand_hours", day.errand_hours(), 0, 4},
      {"driver.speed_share", driver.speed_share(), 0.3, 2},
      {"driver.acceleration_ms2", driver.acceleration_ms2(), 0.3, 6},
      {"driver.braking_ms2", driver.braking_ms2(), 0.3, 8},
      {"driver.signal_wait_s_max", driver.signal_wait_s_max(), 0, 300},
      {"driver.red_share", driver.red_share(), 0, 1},
      {"driver.harsh_events_per_hour", driver.harsh_events_per_hour(), 0, 120},
      {"gnss.error_meters", gnss.error_meters(), 0, 100},
      {"gnss.altitude_meters", gnss.altitude_meters(), -500, 9000},
      {"rates.position_hz", rates.position_hz(), 0, 10},
      {"rates.parked_position_s", rates.parked_position_s(), 0, 86400},
      {"rates.parked_power_minutes", rates.parked_power_minutes(), 0, 1440},
      {"rates.status_s", rates.status_s(), 0, 86400},
      {"rates.health_per_day", rates.health_per_day(), 0, 1000},
      {"rates.warnings_per_month", rates.warnings_per_month(), 0, 1000},
      {"rates.maintenance_per_month", rates.maintenance_per_month(), 0, 1000},
      {"rates.software_per_week", rates.software_per_week(), 0, 1000},
      {"rates.infotainment_per_day", rates.infotainment_per_day(), 0, 1000},
      {"rates.remote_per_day", rates.remote_per_day(), 0, 1000},
      {"rates.security_per_day", rates.security_per_day(), 0, 1000},
      {"rates.drive_recorder_per_month", rates.drive_recorder_per_month(), 0, 1000},
      {"rates.emergencies_per_month", rates.emergencies_per_month(), 0, 1000},
      {"link.outages_per_driving_hour", link.outages_per_driving_hour(), 0, 120},
      {"link.outage_seconds", link.outage_seconds(), 0, 600},
  };
  for (const Range& range : ranges) {
    // Written so that NaN is out of range.
    if (!(range.value >= range.least && range.value <= range.most)) return range;
  }
  return std::nullopt;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Parsed<v1::Profile> parse_over(const v1::Profile& base, const std::string& file,
                               std::string_view text) {
  const std::string copy(text);
  FirstError first_error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&first_error);
  parser.SetRecursionLimit(kProfileDepthMax);
  // Parsed alone first: merging over the default would take a repeated field for an override.
  v1::Profile alone;
  if (!parser.ParseFromString(copy, &alone)) {
    return input_error(file, first_error.line(), first_error.text(),
                       "proto/sudare/sim/v1/profile.proto names every field");
  }
  // Merged as text, not as message: a field that is set to 0 overrides the default too.
  v1::Profile profile = base;
  if (!parser.MergeFromString(copy, &profile)) {
    return input_error(file, first_error.line(), first_error.text());
  }
  return profile;
}

}  // namespace

v1::Profile default_profile() {
  auto profile = parse_over({}, "default profile", default_profile_text());
  // The file is compiled in and a test reads it: only a bug gets here.
  if (!profile) std::abort();
  return *std::move(profile);
}

Parsed<v1::Profile> parse_profile(const std::string& file, std::string_view text) {
  auto profile = parse_over(default_profile(), file, text);
  if (!profile) return profile;
  if (const auto wrong = out_of_range(*profile)) {
    return input_error(file, 0,
                       std::string(wrong->name) + " is " + number(wrong->value) + ", not between " +
                           number(wrong->least) + " and " + number(wrong->most));
  }
  return profile;
}

Parsed<v1::Profile> load_profile(const std::string& path) {
  if (path.empty()) return default_profile();
  auto text = read_whole_file(path, kOperatorFileBytesMax);
  if (!text) return tl::unexpected<InputError>(text.error());
  return parse_profile(path, *text);
}

}  // namespace sudare::sim
