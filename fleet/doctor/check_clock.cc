#include <algorithm>
#include <filesystem>

#include "fleet/doctor/check_unit.h"
#include "gateway/seal/trusted_time.h"

namespace sudare::doctor {
namespace {

#ifndef SUDARE_BUILD_DAY
#error "SUDARE_BUILD_DAY is the unix day of the build (fleet/CMakeLists.txt)"
#endif

std::int64_t floor_of(const StoredState* state, const Clock& clock, Check& check) {
  if (state == nullptr) return SUDARE_BUILD_DAY;
  const auto time = TrustedTime::load(*state, clock, SUDARE_BUILD_DAY);
  if (time) return (*time)->floor_day();
  check.problem(std::string(time.error().what.view()), "provision a fresh state directory");
  return SUDARE_BUILD_DAY;
}

}  // namespace

std::int64_t check_clock(const StoredState* state, const SystemPlaces& places, Report& report) {
  const SystemClock clock;
  std::int64_t floor_day = 0;
  {
    Check check(report, "clock.day");
    floor_day = floor_of(state, clock, check);
    const std::int64_t today = clock.wall_ms() / kMsPerDay;
    check.ok(std::to_string(today - floor_day) + " days past the last confirmed day, or the build");
    if (today < floor_day) {
      check.problem(
          "the clock is " + std::to_string(floor_day - today) + " days before what is certain",
          "set it (GNSS, NTP, RTC): certificates and dates are judged by it");
    } else if (today - floor_day > kClockAheadDaysMax) {
      check.problem("the clock is " + std::to_string(today - floor_day) +
                        " days ahead of the last confirmed day: it does not count",
                    "is it right? Then a newer build, or a newly provisioned unit");
    }
  }
  Check check(report, "clock.rtc");
  check.ok("a clock that runs without power");
  std::error_code error;
  const std::filesystem::path rtcs = places.sys + "/class/rtc";
  if (!std::filesystem::exists(rtcs, error) || std::filesystem::is_empty(rtcs, error)) {
    check.warning(
        "no real-time clock: after each loss of power the day is unknown until GNSS and "
        "another source agree; until then the pseudonym stays",
        "a battery-backed clock; or a source with gnss_time in the policy");
  }
  return floor_day;
}

}  // namespace sudare::doctor
