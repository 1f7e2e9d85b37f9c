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
  while (!stop_requested()) {
    // Looks once more afterwards: this process may have had to wait itself.
    const bool late = clock.monotonic_ms() >= until_ms;
    if (holds()) return true;
    if (late) return false;
    sleep_ms(50);
  }
  return false;
}

bool wait_for_count(const std::function<std::uint64_t()>& count,
                    const std::function<bool(std::uint64_t)>& enough, std::int64_t idle_ms_max) {
  bool done = false;
  bool moved = true;
  while (moved && !done) {
    const std::uint64_t last = count();
    const auto moves = [&] {
      const std::uint64_t now = count();
      done = enough(now);
      return done || now != last;
    };
    moved = wait_until(moves, idle_ms_max);
  }
  return done;
}

}  // namespace sudare::sim
