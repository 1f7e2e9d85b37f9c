#include "gateway/mqtt/login.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace sudare {
namespace {

constexpr std::size_t kPasswordBytesMax = 1024;

constexpr int kProbeAfterSeconds = 30;
constexpr int kProbeEverySeconds = 10;
constexpr int kProbesMax = 3;

}  // namespace

std::string random_client_id() {
  static constexpr std::string_view kAlphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string id(23, '0');
  for (char& c : id) {
    c = kAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  return id;
}

Result<std::string> read_password(const MqttPeer& peer) {
  if (peer.password_file.empty()) return std::string();
  std::string password(kPasswordBytesMax, '\0');
  const int fd = open(peer.password_file.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : ::read(fd, password.data(), password.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (size < 0) return fail(ErrorCode::kIo, "MQTT: the password file can't be read", error);
  password.resize(static_cast<std::size_t>(size));
  password.resize(std::min(password.find_first_of("\r\n"), password.size()));
  return password;
}

void set_socket_option(int socket, int level, int name, int value) {
  (void)setsockopt(socket, level, name, &value, sizeof value);
}

void probe_peer(int socket) {
  set_socket_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_socket_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kProbeAfterSeconds);
  set_socket_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kProbeEverySeconds);
  set_socket_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbesMax);
}

}  // namespace sudare
