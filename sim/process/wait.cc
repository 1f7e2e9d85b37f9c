#include "sim/process/wait.h"

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "sim/stop.h"

namespace sudare::sim {

void sleep_ms(std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

bool wait_until(const std::function<bool()>& holds, std::int64_t ms_max) {
  return wait_for_none([&] { return holds() ? 0 : kLeftUnknown; }, ms_max);
}

bool wait_for_none(const std::function<std::uint64_t()>& left, std::int64_t idle_ms_max) {
  const SystemClock clock;
  std::int64_t until_ms = clock.monotonic_ms() + idle_ms_max;
  std::uint64_t least = kLeftUnknown;
  while (!stop_requested()) {
    // Looks once more afterwards: this process may have had to wait itself.
    const bool late = clock.monotonic_ms() >= until_ms;
    const std::uint64_t now = left();
    if (now == 0) return true;
    if (now < least) {
      least = now;
      until_ms = clock.monotonic_ms() + idle_ms_max;
    } else if (late) {
      return false;
    }
    sleep_ms(50);
  }
  return false;
}

}  // namespace sudare::sim
