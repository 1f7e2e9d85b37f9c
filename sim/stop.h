// Whether the tester wants the program to end: SIGINT or SIGTERM.
#pragma once

namespace sudare::sim {

// Once, at the start of main. A second signal ends the program at once.
void catch_stop_signals();

// Any thread.
[[nodiscard]] bool stop_requested();

}  // namespace sudare::sim
