#include "tests/faults/power/nbd_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace sudare::faults {
namespace {

// https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
constexpr std::uint64_t kMagic = 0x4e42444d41474943;
constexpr std::uint64_t kOptionMagic = 0x49484156454f5054;
constexpr std::uint64_t kOptionReplyMagic = 0x0003e889045565a9;
constexpr std::uint32_t kRequestMagic = 0x25609513;
constexpr std::uint32_t kReplyMagic = 0x67446698;
constexpr std::uint32_t kOptionInfo = 6;
constexpr std::uint32_t kOptionGo = 7;
constexpr std::uint32_t kReplyAck = 1;
constexpr std::uint32_t kReplyInfo = 3;
constexpr std::uint32_t kReplyUnsupported = 0x80000001;
constexpr std::uint16_t kHasFlagsSendFlush = 1 | 4;
constexpr std::uint32_t kInvalid = 22;
enum Command : std::uint16_t { kRead = 0, kWrite = 1, kDisconnect = 2, kFlush = 3 };

constexpr std::size_t kRequestBytes = 28;
// QEMU asks for no more at a time.
constexpr std::size_t kLengthMax = 32U << 20;

template <class Number>
void put(std::string& out, Number number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift);
  }
}

template <class Number>
Number get(std::string_view from, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = number << 8U | static_cast<std::uint8_t>(from[at + i]);
  }
  return static_cast<Number>(number);
}

// One connection.
class Session {
 public:
  Session(Drive& drive, int peer, int stop) : drive_(drive), peer_(peer), stop_(stop) {}

  void run() {
    if (!shake_hands()) return;
    while (receive() && answer_all() && send_out()) {
    }
    // A drive without power says nothing; hanging up would be an answer, too.
    pollfd fds[] = {{peer_, 0, 0}, {stop_, 0, 0}};
    if (drive_.wait_cut(std::chrono::milliseconds(0))) (void)poll(fds, 2, -1);
  }

 private:
  // More of `in_`; false: the client or the test has ended it.
  bool receive() {
    pollfd fds[] = {{peer_, POLLIN, 0}, {stop_, 0, 0}};
    if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) return false;
    char bytes[1U << 18U];
    const ssize_t size = recv(peer_, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    in_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }
  bool receive_at_least(std::size_t size) {
    while (in_.size() < size) {
      if (!receive()) return false;
    }
    return true;
  }
  std::string take(std::size_t size) {
    std::string head = in_.substr(0, size);
    in_.erase(0, size);
    return head;
  }
  bool send_out() {
    std::string_view rest = out_;
    while (!rest.empty()) {
      const ssize_t sent = send(peer_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    out_.clear();
    return true;
  }

  void reply_option(std::uint32_t option, std::uint32_t type, const std::string& data) {
    put(out_, kOptionReplyMagic);
    put(out_, option);
    put(out_, type);
    put(out_, static_cast<std::uint32_t>(data.size()));
    out_ += data;
  }

  bool shake_hands() {
    put(out_, kMagic);
    put(out_, kOptionMagic);
    put(out_, std::uint16_t{3});  // fixed newstyle, no zeros
    if (!send_out() || !receive_at_least(4)) return false;
    take(4);
    while (receive_at_least(16)) {
      const std::string head = take(16);
      const auto option = get<std::uint32_t>(head, 8);
      const auto length = get<std::uint32_t>(head, 12);
      if (get<std::uint64_t>(head, 0) != kOptionMagic || length > 4096) return false;
      if (!receive_at_least(length)) return false;
      take(length);
      if (option == kOptionGo || option == kOptionInfo) {
        std::string info;
        put(info, std::uint16_t{0});
        put(info, drive_.size());
        put(info, kHasFlagsSendFlush);
        reply_option(option, kReplyInfo, info);
        reply_option(option, kReplyAck, "");
      } else {
        reply_option(option, kReplyUnsupported, "");
      }
      if (!send_out()) return false;
      if (option == kOptionGo) return true;
    }
    return false;
  }

  // Everything that has arrived whole; the answers go out together, later. So a flush that the
  // client asked for before it had the answer to a write does not count for that write.
  bool answer_all() {
    const std::uint64_t answered = drive_.writes();
    std::size_t at = 0;
    while (in_.size() - at >= kRequestBytes) {
      const std::string_view head = std::string_view(in_).substr(at, kRequestBytes);
      const auto type = get<std::uint16_t>(head, 6);
      const auto length = get<std::uint32_t>(head, 24);
      if (get<std::uint32_t>(head, 0) != kRequestMagic || length > kLengthMax) return false;
      const std::size_t data = type == kWrite ? length : 0;
      if (in_.size() - at - kRequestBytes < data) break;
      const std::string_view body = std::string_view(in_).substr(at + kRequestBytes, data);
      if (!answer(type, get<std::uint64_t>(head, 8), get<std::uint64_t>(head, 16), length, body,
                  answered)) {
        return false;
      }
      at += kRequestBytes + data;
    }
    in_.erase(0, at);
    return true;
  }

  bool answer(std::uint16_t type, std::uint64_t handle, std::uint64_t offset, std::uint32_t length,
              std::string_view body, std::uint64_t answered) {
    const bool inside = offset <= drive_.size() && length <= drive_.size() - offset;
    std::string data;
    bool valid = inside;
    switch (type) {
      case kRead:
        if (!inside) break;
        data.resize(length);
        if (!drive_.read(offset, {reinterpret_cast<std::uint8_t*>(data.data()), length})) {
          return false;
        }
        break;
      case kWrite:
        if (!inside) break;
        if (!drive_.write(offset, {reinterpret_cast<const std::uint8_t*>(body.data()), length})) {
          return false;
        }
        break;
      case kFlush:
        if (!drive_.flush(answered)) return false;
        break;
      case kDisconnect: return false;
      default: valid = false;
    }
    put(out_, kReplyMagic);
    put(out_, valid ? 0 : kInvalid);
    put(out_, handle);
    out_ += data;
    return true;
  }

  Drive& drive_;
  int peer_;
  int stop_;
  std::string in_;
  std::string out_;
};

}  // namespace

NbdServer::NbdServer(Drive& drive, const std::filesystem::path& path) : drive_(drive) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) throw std::runtime_error("nbd: the path is too long");
  std::memcpy(address.sun_path, name.data(), name.size());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 1) != 0 || pipe2(stop_, O_CLOEXEC) != 0) {
    throw std::runtime_error("nbd: no socket");
  }
  thread_ = std::thread([this] { run(); });
}

NbdServer::~NbdServer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

void NbdServer::run() {
  while (true) {
    pollfd fds[] = {{listener_, POLLIN, 0}, {stop_[0], 0, 0}};
    if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) return;
    const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) return;
    Session(drive_, peer, stop_[0]).run();
    close(peer);
  }
}

}  // namespace sudare::faults
