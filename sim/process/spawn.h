// What starting a server on this machine takes, for the simulator and the tests alike: a port that
// stays free until the server has it, and a child that no signal passes by. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace sudare::sim {

// A TCP port that nobody listens to on 127.0.0.1; 0 where there is none. No client gets it: it lies
// below the range from which the kernel serves them (ip_local_port_range, from 32768 on). No other
// process gets it here while this one lives: each has its own share. So a server can be killed and
// come back to its port.
[[nodiscard]] std::uint16_t unused_port();

// fork() for a child that calls exec next. A signal that arrives before exec does there what it
// does to a program without handlers: this process's own handler would take it, and exec forget it.
[[nodiscard]] pid_t fork_for_exec();

}  // namespace sudare::sim
