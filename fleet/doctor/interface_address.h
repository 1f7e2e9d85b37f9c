// Which addresses a network interface of this machine has (getifaddrs(3)).
#pragma once

#include <string>

namespace sudare::doctor {

// Whether Mosquitto would listen at `address` with bind_interface `interface`: it compares with the
// interface's first address of the same family, and a name's letters in either case. "localhost"
// stands for 127.0.0.1 and ::1; another host's name is not looked up, and is taken for right.
[[nodiscard]] bool is_address_of(const std::string& interface, const std::string& address);

}  // namespace sudare::doctor
