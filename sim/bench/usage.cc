#include "sim/bench/usage.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace sudare::sim::bench {

namespace {

// TCP_ESTABLISHED of the kernel's states.
constexpr std::uint32_t kEstablished = 1U << 1U;

// "Name:   123 kB" of a file of such lines; 0 where it is not there.
long line_value(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, name.size(), name) == 0) return std::atol(line.c_str() + name.size());
  }
  return 0;
}

bool ask_for_connections(int socket_fd) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.sdiag_family = AF_INET;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_ext = 1U << (INET_DIAG_INFO - 1);
  message.request.idiag_states = kEstablished;
  return send(socket_fd, &message, sizeof message, 0) == sizeof message;
}

void add_connection(const nlmsghdr& header, std::uint16_t port, PortBytes& bytes) {
  const auto* entry = static_cast<const inet_diag_msg*>(NLMSG_DATA(&header));
  if (ntohs(entry->id.idiag_sport) != port) return;
  int left = static_cast<int>(header.nlmsg_len - NLMSG_LENGTH(sizeof *entry));
  for (const auto* part = reinterpret_cast<const rtattr*>(entry + 1); RTA_OK(part, left);
       part = RTA_NEXT(part, left)) {
    if (part->rta_type != INET_DIAG_INFO) continue;
    tcp_info info{};
    std::memcpy(&info, RTA_DATA(part), std::min<std::size_t>(RTA_PAYLOAD(part), sizeof info));
    bytes.received += info.tcpi_bytes_received;
    bytes.sent += info.tcpi_bytes_acked;
  }
}

}  // namespace

Usage usage_of(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  Usage usage;
  std::ifstream in(folder + "/stat");
  std::string text;
  std::getline(in, text);
  // The program's name, in brackets, may hold anything.
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) return usage;
  unsigned long user = 0;
  unsigned long system = 0;
  std::sscanf(text.c_str() + end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
              &system);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.user_seconds = static_cast<double>(user) / ticks;
  usage.system_seconds = static_cast<double>(system) / ticks;
  usage.disk_bytes = static_cast<std::uint64_t>(line_value(folder + "/io", "write_bytes:"));
  usage.anonymous_kib = line_value(folder + "/status", "RssAnon:");
  usage.resident_kib = line_value(folder + "/status", "VmRSS:");
  usage.peak_kib = line_value(folder + "/status", "VmHWM:");
  return usage;
}

std::optional<PortBytes> bytes_of_port(std::uint16_t port) {
  const int socket_fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (socket_fd < 0) return std::nullopt;
  alignas(nlmsghdr) std::array<char, 64 * 1024> buffer{};
  PortBytes bytes;
  bool whole = false;
  bool more = ask_for_connections(socket_fd);
  while (more) {
    const ssize_t count = recv(socket_fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    auto left = static_cast<unsigned>(count);
    for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data());
         NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      whole = header->nlmsg_type == NLMSG_DONE;
      more = header->nlmsg_type == SOCK_DIAG_BY_FAMILY;
      if (!more) break;
      add_connection(*header, port, bytes);
    }
  }
  close(socket_fd);
  if (!whole) return std::nullopt;
  return bytes;
}

}  // namespace sudare::sim::bench
