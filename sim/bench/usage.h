// What a process used, from /proc, and what went over a broker's port, from the kernel's own
// counters: nothing that is measured passes through the benchmark.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace sudare::sim::bench {

struct Usage {
  double user_seconds = 0;
  double system_seconds = 0;
  std::uint64_t disk_bytes = 0;  // handed to the disk (write_bytes)
  long anonymous_kib = 0;        // now
  long resident_kib = 0;         // now
  long peak_kib = 0;             // resident, since it started (VmHWM)

  [[nodiscard]] double cpu_seconds() const { return user_seconds + system_seconds; }
};

// All 0 where the process is not there. Another user's disk bytes can't be read: 0.
[[nodiscard]] Usage usage_of(pid_t pid);

// TCP payload of the connections that are established to a local port.
struct PortBytes {
  std::uint64_t received = 0;  // by the port
  std::uint64_t sent = 0;      // and acknowledged by its peers
};
// Not there: the kernel does not tell (NETLINK_SOCK_DIAG), as in some containers and in qemu-user.
[[nodiscard]] std::optional<PortBytes> bytes_of_port(std::uint16_t port);

}  // namespace sudare::sim::bench
