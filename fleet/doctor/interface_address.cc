#include "fleet/doctor/interface_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

namespace sudare::doctor {
namespace {

struct FreeAddresses {
  void operator()(ifaddrs* all) const { freeifaddrs(all); }
};

bool is_first_address(const std::string& interface, int family, const void* bytes,
                      std::size_t size) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return true;  // not known: nothing to say
  const std::unique_ptr<ifaddrs, FreeAddresses> all(list);
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != family) continue;
    if (strcasecmp(one->ifa_name, interface.c_str()) != 0) continue;
    const void* const own =
        family == AF_INET ? static_cast<const void*>(
                                &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr)
                          : &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
    return std::memcmp(own, bytes, size) == 0;
  }
  return false;
}

}  // namespace

bool is_address_of(const std::string& interface, const std::string& address) {
  if (address == "localhost") {
    return is_address_of(interface, "127.0.0.1") || is_address_of(interface, "::1");
  }
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return is_first_address(interface, AF_INET, &v4, sizeof v4);
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) {
    return is_first_address(interface, AF_INET6, &v6, sizeof v6);
  }
  return true;
}

}  // namespace sudare::doctor
