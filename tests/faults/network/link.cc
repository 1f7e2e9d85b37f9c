#include "tests/faults/network/link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "tests/testkit/process.h"
#include "tests/testkit/stream_scan.h"

namespace sudare::faults {
namespace {

// What a network interface hands over at once, with segmentation offload.
constexpr std::size_t kPacketMax = 80 * 1024;

void must(const std::vector<std::string>& command) {
  const testkit::RunResult result = testkit::run(command);
  if (result.status == 0) return;
  std::string text;
  for (const std::string& word : command) text += word + " ";
  throw std::runtime_error(text + ": " + result.errors);
}

// No right to it, or no module for it (as "unknown" of tc and "no such file" of nft).
bool kernel_refuses(const std::string& errors) {
  for (const char* words : {"Operation not permitted", "Operation not supported", "kind is unknown",
                            "No such file or directory"}) {
    if (errors.find(words) != std::string::npos) return true;
  }
  return false;
}

int own_namespace() { return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

// A thread's end leaves it in the descriptor alone. -1: refused.
int new_namespace() {
  int made = -1;
  std::thread([&] {
    if (unshare(CLONE_NEWNET) == 0) made = own_namespace();
  }).join();
  return made;
}

std::string unit_address(unsigned host) { return "10.97.0." + std::to_string(host) + "/24"; }

}  // namespace

Inside::Inside(int name_space) : before_(own_namespace()) {
  if (before_ < 0 || setns(name_space, CLONE_NEWNET) != 0) {
    throw std::runtime_error("network namespace");
  }
}

Inside::~Inside() {
  (void)setns(before_, CLONE_NEWNET);
  close(before_);
}

Wire::Wire(Scan scan) {
  socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex("cloud"));
  const timeval turn{0, 50'000};
  const int buffer = 8 << 20;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &turn, sizeof turn);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    throw std::runtime_error("capture");
  }
  thread_ = std::thread([this, scan = std::move(scan)] { run(scan); });
}

Wire::~Wire() {
  ending_.store(true);
  thread_.join();
  close(socket_);
}

void Wire::run(const Scan& scan) {
  testkit::StreamScan stream;
  std::string packet(kPacketMax, '\0');
  while (!ending_.load()) {
    const ssize_t size = recv(socket_, packet.data(), packet.size(), 0);
    if (size <= 0) continue;
    bytes_ += static_cast<std::uint64_t>(size);
    findings_ += stream.take(scan, std::string_view(packet).substr(0, static_cast<size_t>(size)));
  }
}

std::string Link::missing_package() {
  for (const auto& [command, package] :
       {std::pair("ip", "iproute2"), std::pair("tc", "iproute2"), std::pair("nft", "nftables")}) {
    if (testkit::find_command(command).empty()) return package;
  }
  return "";
}

std::string Link::missing() {
  if (geteuid() != 0) return "not root: no network namespaces";
  const int made = new_namespace();
  if (made < 0) return "the kernel refuses network namespaces";
  const Inside inside(made);
  close(made);  // the thread holds it
  const std::vector<std::vector<std::string>> needed = {
      {"ip", "link", "add", "one", "type", "veth", "peer", "name", "other"},
      {"tc", "qdisc", "add", "dev", "one", "root", "tbf", "rate", "64kbit", "burst", "4kb",
       "latency", "1s"},
      {"nft",
       "add table inet t; add chain inet t c { type filter hook input priority 0; }; "
       "add rule inet t c numgen random mod 100 < 20 drop"}};
  for (const auto& command : needed) {
    const testkit::RunResult result = testkit::run(command);
    if (result.status == 0) continue;
    if (!kernel_refuses(result.errors)) {
      throw std::runtime_error(command.front() + ": " + result.errors);
    }
    return "the kernel refuses " + command.front() + ": " + result.errors;
  }
  return "";
}

Link::Link(Wire::Scan scan) : unit_(new_namespace()), cloud_(new_namespace()) {
  if (unit_ < 0 || cloud_ < 0) throw std::runtime_error("network namespaces are refused");
  const std::string unit_path = "/proc/" + std::to_string(getpid()) + "/fd/";
  {
    const Inside inside(cloud_);
    must({"ip", "link", "set", "lo", "up"});
    must({"ip", "link", "add", "cloud", "type", "veth", "peer", "name", "unit", "netns",
          unit_path + std::to_string(unit_)});
    must({"ip", "addr", "add", std::string(kCloudAddress) + "/24", "dev", "cloud"});
    must({"ip", "link", "set", "cloud", "up"});
    wire_ = std::make_unique<Wire>(std::move(scan));
  }
  const Inside inside(unit_);
  must({"ip", "link", "set", "lo", "up"});
  must({"ip", "addr", "add", unit_address(address_), "dev", "unit"});
  must({"ip", "link", "set", "unit", "up"});
}

Link::~Link() {
  wire_.reset();
  close(unit_);
  close(cloud_);
}

void Link::lose(unsigned percent) {
  const std::string of_thousand = std::to_string(std::min(percent * 10, 999U));
  for (const auto& [where, device] : {std::pair(unit_, "unit"), std::pair(cloud_, "cloud")}) {
    const Inside inside(where);
    must({"nft",
          "add table inet bad; add chain inet bad in { type filter hook input priority 0; }; "
          "add rule inet bad in iifname " +
              std::string(device) + " numgen random mod 1000 < " + of_thousand + " drop"});
  }
}

void Link::limit_kbit(unsigned kbit) {
  for (const auto& [where, device] : {std::pair(unit_, "unit"), std::pair(cloud_, "cloud")}) {
    const Inside inside(where);
    must({"tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate",
          std::to_string(kbit) + "kbit", "burst", "4kb", "latency", "1s"});
  }
}

void Link::replace_address() {
  const Inside inside(unit_);
  must({"ip", "addr", "del", unit_address(address_), "dev", "unit"});
  must({"ip", "addr", "add", unit_address(++address_), "dev", "unit"});
}

void Link::restore_address() {
  const Inside inside(unit_);
  must({"ip", "addr", "add", unit_address(address_ - 1), "dev", "unit"});
}

void Link::heal() {
  for (const auto& [where, device] : {std::pair(unit_, "unit"), std::pair(cloud_, "cloud")}) {
    const Inside inside(where);
    (void)testkit::run({"nft", "flush ruleset"});
    (void)testkit::run({"tc", "qdisc", "del", "dev", device, "root"});
  }
}

}  // namespace sudare::faults
