#include "base/clock.h"

#include <ctime>

namespace sudare {
namespace {

std::int64_t read_ms(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return static_cast<std::int64_t>(at.tv_sec) * 1000 + at.tv_nsec / 1'000'000;
}

}  // namespace

std::int64_t SystemClock::wall_ms() const { return read_ms(CLOCK_REALTIME); }
std::int64_t SystemClock::monotonic_ms() const { return read_ms(CLOCK_BOOTTIME); }

}  // namespace sudare
