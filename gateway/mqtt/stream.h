// Bytes to and from a broker over TCP or TLS, without blocking and without MQTT. The owner waits
// for fd() with poll(2) or epoll(7).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/mqtt/tls_context.h"

struct ssl_st;

namespace sudare {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};
// Blocks while it looks up a name. Never empty. kUnavailable: not found; detail is getaddrinfo's
// code.
[[nodiscard]] Result<std::vector<SocketAddress>> addresses_of(const MqttEndpoint& endpoint);

class Stream {
 public:
  // Begins to connect. `tls` null: plain; else it must outlive the stream, and was made for the
  // host (make_tls_context). kUnavailable, kIo: at once; detail is errno.
  static Result<Stream> connect(const SocketAddress& address, const std::string& host,
                                ssl_ctx_st* tls);
  // The first of them that does not fail at once, from the `attempt`th on: a name may stand for
  // addresses of which one answers.
  static Result<Stream> connect(const std::vector<SocketAddress>& addresses, std::size_t attempt,
                                const std::string& host, ssl_ctx_st* tls);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  // A handshake waits to write: POLLOUT, whatever the owner has to write.
  [[nodiscard]] bool wants_write() const { return wants_write_; }
  // A TLS handshake waits for the peer's part of it: nothing is written before it comes, though the
  // socket takes bytes.
  [[nodiscard]] bool waits_to_read() const { return waits_to_read_; }

  // fd() is readable only once so many bytes are there; 1: any. A hint: without effect at worst.
  void wait_for(std::size_t bytes);

  // As many bytes as are there, at most `size`. 0: none now. After an error, kUnavailable (closed,
  // or errno in detail) or kAuthentication (TLS), the stream is of no further use.
  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size);
  // How many bytes were taken; 0: none now. While it connects, none. Errors as read(). What was not
  // taken must be offered again, with more behind it if so wanted.
  [[nodiscard]] Result<std::size_t> write(std::string_view bytes);

 private:
  Stream(int fd, ssl_st* tls) : fd_(fd), tls_(tls) {}
  Result<std::size_t> tls_result(int code);

  int fd_ = -1;
  ssl_st* tls_ = nullptr;
  bool wants_write_ = false;
  bool waits_to_read_ = false;
};

}  // namespace sudare
