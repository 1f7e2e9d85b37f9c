#include "sim/process/wait.h"

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "sim/stop.h"

namespace sudare::sim {

void sleep_ms(std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

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
