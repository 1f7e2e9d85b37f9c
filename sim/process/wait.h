// Waiting for programs that were started.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

namespace sudare::sim {

void sleep_ms(std::int64_t ms);

// Asks every 50 ms until `holds`, a signal or the deadline; whether it held.
[[nodiscard]] bool wait_until(const std::function<bool()>& holds, std::int64_t ms_max);

// The same for work that takes as long as this machine needs for it: until nothing is left, a
// signal, or `idle_ms_max` in which no less is left than ever before; whether nothing was left.
[[nodiscard]] bool wait_for_none(const std::function<std::uint64_t()>& left,
                                 std::int64_t idle_ms_max);

// Left of `all`, and where nobody answers.
inline std::uint64_t left_of(std::uint64_t all, std::uint64_t done) {
  return all > done ? all - done : 0;
}
inline constexpr std::uint64_t kLeftUnknown = std::numeric_limits<std::uint64_t>::max();

}  // namespace sudare::sim
