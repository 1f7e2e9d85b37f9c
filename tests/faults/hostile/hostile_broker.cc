#include "tests/faults/hostile/hostile_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <vector>

namespace sudare::faults {
namespace {

constexpr std::size_t kUnsentMax = 1 << 20;
constexpr std::size_t kConnectionsMax = 64;
constexpr int kTurnMs = 2;

// The next packet of what the client sent, which is the gateway's and so well formed.
std::optional<ClientPacket> next_packet(std::string& in) {
  std::size_t length = 0;
  std::size_t at = 1;
  for (unsigned shift = 0; at < in.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in[at++]);
    length |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) != 0) continue;
    if (in.size() < at + length) return std::nullopt;
    ClientPacket packet{static_cast<unsigned char>(in[0]), in.substr(at, length)};
    in.erase(0, at + length);
    return packet;
  }
  return std::nullopt;
}

}  // namespace

void Line::send(const std::string& bytes) {
  if (out_.size() < kUnsentMax) out_ += bytes;
}

void Line::reset() {
  const linger none{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  out_.clear();
  closing_ = true;
}

HostileBroker::HostileBroker(Cast cast) : cast_(std::move(cast)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    ::close(listener_);
    throw std::runtime_error("hostile broker: no port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

HostileBroker::~HostileBroker() {
  stop();
  ::close(listener_);
}

void HostileBroker::stop() {
  ending_.store(true);
  if (thread_.joinable()) thread_.join();
  for (const Connection& connection : open_) ::close(connection.line.fd_);
  open_.clear();
}

void HostileBroker::run() {
  while (!ending_.load()) {
    std::vector<pollfd> wanted = {{listener_, POLLIN, 0}};
    for (const Connection& one : open_) wanted.push_back({one.line.fd_, POLLIN, 0});
    poll(wanted.data(), wanted.size(), kTurnMs);
    open_.remove_if([](Connection& connection) {
      if (serve(connection)) return false;
      ::close(connection.line.fd_);
      return true;
    });
    accept_all();
  }
}

void HostileBroker::accept_all() {
  while (open_.size() < kConnectionsMax) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection& one = open_.emplace_back();
    one.line.fd_ = fd;
    one.play = cast_(connections_++);
    one.play->accepted(one.line);
  }
}

bool HostileBroker::serve(Connection& connection) {
  Line& line = connection.line;
  char buffer[64 * 1024];
  const ssize_t size = recv(line.fd_, buffer, sizeof buffer, 0);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (size > 0) line.in_.append(buffer, static_cast<std::size_t>(size));
  while (const auto packet = next_packet(line.in_)) connection.play->packet(line, *packet);
  connection.play->turn(line);
  if (!line.out_.empty()) {
    const ssize_t sent = ::send(line.fd_, line.out_.data(), line.out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) line.out_.erase(0, static_cast<std::size_t>(sent));
  }
  return !line.closing_ || !line.out_.empty();
}

}  // namespace sudare::faults
