// Waiting for programs that were started.
#pragma once

#include <cstdint>
#include <functional>

namespace sudare::sim {

void sleep_ms(std::int64_t ms);

// Asks every 50 ms until `holds`, a signal or the deadline; whether it held.
[[nodiscard]] bool wait_until(const std::function<bool()>& holds, std::int64_t ms_max);

}  // namespace sudare::sim
