#include "gateway/mqtt/stream.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include "gateway/mqtt/login.h"

namespace sudare {
namespace {

// A bound for a name with many records.
constexpr std::size_t kAddressesMax = 16;

// An address has no name to ask for (RFC 6066, section 3).
bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

bool is_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOTCONN ||
         error == EINPROGRESS;
}

}  // namespace

Result<std::vector<SocketAddress>> addresses_of(const MqttEndpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code =
      getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (code != 0) return fail(ErrorCode::kUnavailable, "MQTT: host not found", code);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr && addresses.size() < kAddressesMax;
       one = one->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.bytes = one->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

Result<Stream> Stream::connect(const SocketAddress& address, const std::string& host,
                               ssl_ctx_st* tls) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(ErrorCode::kIo, "MQTT: no socket", errno);
  Stream stream(fd, nullptr);
  set_socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  probe_peer(fd);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd, to, address.bytes) != 0 && errno != EINPROGRESS) {
    return fail(ErrorCode::kUnavailable, "MQTT: connect", errno);
  }
  stream.wants_write_ = true;
  if (tls == nullptr) return stream;
  // OpenSSL writes with write(2): a peer that is gone would end the process.
  static const auto before = signal(SIGPIPE, SIG_IGN);
  (void)before;
  stream.tls_ = SSL_new(tls);
  if (stream.tls_ == nullptr || SSL_set_fd(stream.tls_, fd) != 1) {
    return fail(ErrorCode::kInternal, "MQTT: no TLS connection");
  }
  if (!is_address(host)) SSL_set_tlsext_host_name(stream.tls_, host.c_str());
  SSL_set_connect_state(stream.tls_);
  return stream;
}

Result<Stream> Stream::connect(const std::vector<SocketAddress>& addresses, std::size_t attempt,
                               const std::string& host, ssl_ctx_st* tls) {
  Result<Stream> last = fail(ErrorCode::kUnavailable, "MQTT: no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    last = connect(addresses[(attempt + i) % addresses.size()], host, tls);
    if (last) break;
  }
  return last;
}

Stream::~Stream() {
  if (tls_ != nullptr) SSL_free(tls_);
  if (fd_ >= 0) close(fd_);
}

Stream::Stream(Stream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      tls_(std::exchange(other.tls_, nullptr)),
      wants_write_(other.wants_write_),
      waits_to_read_(other.waits_to_read_) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(tls_, other.tls_);
  std::swap(wants_write_, other.wants_write_);
  std::swap(waits_to_read_, other.waits_to_read_);
  return *this;
}

void Stream::wait_for(std::size_t bytes) {
  set_socket_option(fd_, SOL_SOCKET, SO_RCVLOWAT, static_cast<int>(bytes));
}

Result<std::size_t> Stream::tls_result(int code) {
  const int error = errno;
  const int why = SSL_get_error(tls_, code);
  // A broker that was killed says no goodbye: gone, not a stranger.
  const bool gone = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  ERR_clear_error();
  wants_write_ = why == SSL_ERROR_WANT_WRITE;
  waits_to_read_ = why == SSL_ERROR_WANT_READ && SSL_is_init_finished(tls_) == 0;
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return std::size_t{0};
  if (why == SSL_ERROR_SYSCALL && is_later(error)) return std::size_t{0};
  if (why == SSL_ERROR_SSL && !gone) return fail(ErrorCode::kAuthentication, "MQTT: TLS");
  return fail(ErrorCode::kUnavailable, "MQTT: connection closed", error);
}

Result<std::size_t> Stream::read(char* into, std::size_t size) {
  errno = 0;
  if (tls_ != nullptr) {
    const int code = SSL_read(tls_, into, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (code <= 0) return tls_result(code);
    wants_write_ = waits_to_read_ = false;
    return static_cast<std::size_t>(code);
  }
  const ssize_t got = recv(fd_, into, size, 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got < 0 && is_later(errno)) return std::size_t{0};
  return fail(ErrorCode::kUnavailable, "MQTT: connection closed", got < 0 ? errno : 0);
}

Result<std::size_t> Stream::write(std::string_view bytes) {
  errno = 0;
  if (tls_ != nullptr) {
    const int code =
        bytes.empty() ? SSL_do_handshake(tls_)
                      : SSL_write(tls_, bytes.data(),
                                  static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
    if (code <= 0) return tls_result(code);
    wants_write_ = waits_to_read_ = false;
    return bytes.empty() ? 0 : static_cast<std::size_t>(code);
  }
  if (bytes.empty()) {
    wants_write_ = false;
    return std::size_t{0};
  }
  const ssize_t put = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (put >= 0) {
    wants_write_ = false;
    return static_cast<std::size_t>(put);
  }
  if (is_later(errno)) return std::size_t{0};
  return fail(ErrorCode::kUnavailable, "MQTT: connection closed", errno);
}

}  // namespace sudare
