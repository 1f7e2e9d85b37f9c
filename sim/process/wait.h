// Waiting for programs that were started.
#pragma once

#include <cstdint>
#include <functional>

namespace sudare::sim {

void sleep_ms(std::int64_t ms);

// Asks every 50 ms until `holds`, a signal or the deadline; whether it held.
[[nodiscard]] bool wait_until(const std::function<bool()>& holds, std::int64_t ms_max);

// The same for work of which the end can be counted to, and which takes as long as this machine
// needs for it: until `enough` of what `count` says, a signal, or `idle_ms_max` without another
// count.
[[nodiscard]] bool wait_for_count(const std::function<std::uint64_t()>& count,
                                  const std::function<bool(std::uint64_t)>& enough,
                                  std::int64_t idle_ms_max);

}  // namespace sudare::sim
