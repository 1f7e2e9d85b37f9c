// Which TCP ports of this machine are listened at, as the kernel tells it in /proc/net/tcp and
// /proc/net/tcp6 (proc(5)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sudare::doctor {

struct ListeningPort {
  std::uint16_t port = 0;
  bool loopback = false;  // 127.0.0.0/8 or ::1, also as an IPv4 address within IPv6
};

// Bounds what a table costs; a unit has some dozens.
inline constexpr std::size_t kListeningPortsMax = 4096;

// Lines that are none are passed over. Addresses are as this machine's byte order prints them.
// Pure.
[[nodiscard]] std::vector<ListeningPort> parse_listening(std::string_view table);

}  // namespace sudare::doctor
