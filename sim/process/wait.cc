#include "sim/process/wait.h"

#include <ctime>

#include "base/clock.h"
#include "sim/stop.h"

namespace sudare::sim {

void sleep_ms(std::int64_t ms) {
  timespec pause{ms / 1000, ms % 1000 * 1'000'000};
  nanosleep(&pause, nullptr);
}

bool wait_until(const std::function<bool()>& holds, std::int64_t ms_max) {
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + ms_max;
  while (!stop_requested() && clock.monotonic_ms() < until_ms) {
    if (holds()) return true;
    sleep_ms(50);
  }
  return false;
}

}  // namespace sudare::sim
