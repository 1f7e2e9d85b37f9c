// A broker of a few lines that sees every byte of one connection and sends what the test says.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace sudare::testkit {

// The broker's end of one connection, driven by the test.
class RawBroker {
 public:
  RawBroker() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address_;
    bind(listener_, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
    listen(listener_, 1);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &length);
  }
  ~RawBroker() {
    close(peer_);
    close(listener_);
  }
  RawBroker(const RawBroker&) = delete;
  RawBroker& operator=(const RawBroker&) = delete;
  [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }
  void accept_one() { peer_ = accept(listener_, nullptr, nullptr); }
  // False: not all of it could be sent.
  bool send_bytes(const std::string& bytes) const {
    return send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  void close_one() {
    close(peer_);
    peer_ = -1;
  }
  // What arrived within `ms`; empty where nothing did.
  [[nodiscard]] std::string receive(int ms) const {
    pollfd one{peer_, POLLIN, 0};
    if (poll(&one, 1, ms) != 1) return "";
    std::string bytes(4096, '\0');
    const ssize_t size = recv(peer_, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

 private:
  int listener_ = -1;
  int peer_ = -1;
  sockaddr_in address_{};
};

}  // namespace sudare::testkit
