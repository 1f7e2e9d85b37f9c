#include "tests/testkit/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/testkit/stream_scan.h"

namespace sudare::testkit {
namespace {

// Of one direction of one connection: what a slow network's queues hold.
constexpr std::size_t kBufferedMax = 256 * 1024;
constexpr std::size_t kConnectionsMax = 64;
constexpr int kTurnMs = 1;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// What goes one way.
struct Pipe {
  struct Piece {
    std::int64_t due_ms = 0;
    std::string bytes;
  };
  int from = -1;
  int to = -1;
  std::deque<Piece> pieces;
  std::size_t bytes = 0;
  double allowance = 0;  // bytes that the rate lets pass now
  std::int64_t allowed_ms = 0;
  bool ended = false;  // `from` will send no more
  StreamScan scan;
};

struct Pair {
  Pipe up;
  Pipe down;
  std::uint64_t number = 0;  // of the connection
  bool swallowed = false;
  std::uint64_t passed_up = 0;
};

// RST instead of FIN.
void reset(const Pair& pair) {
  const linger none{1, 0};
  for (const int fd : {pair.up.from, pair.up.to}) {
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
}

void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

class FaultProxy::Loop {
 public:
  Loop(std::uint16_t first_port, Scan scan, Tap tap)
      : to_port(first_port), scan_(std::move(scan)), tap_(std::move(tap)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      close(listener_);
      throw std::runtime_error("fault proxy: no port");
    }
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    ending_.store(true);
    thread_.join();
    for (Pair& pair : pairs_) close_pair(pair);
    close(listener_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  std::uint16_t port = 0;
  // Shared with the thread, under the mutex; a turn holds it, so that what is said after a setting
  // was made meets that setting.
  std::mutex mutex;
  std::uint16_t to_port;
  Weather weather;
  bool reset_all = false;
  std::optional<std::size_t> cut_after;
  Seen seen;

 private:
  void run();
  void accept_all();
  void wait();
  void turn(Pair& pair, bool reset_now);
  void take_in(Pair& pair, Pipe& pipe);
  // False: the other end is gone.
  bool let_out(Pair& pair, Pipe& pipe);
  static void close_pair(Pair& pair) {
    for (int* const fd : {&pair.up.from, &pair.up.to}) {
      if (*fd >= 0) close(*fd);
      *fd = -1;
    }
  }

  const Scan scan_;
  const Tap tap_;
  int listener_ = -1;
  std::list<Pair> pairs_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

void FaultProxy::Loop::run() {
  while (!ending_.load()) {
    wait();
    const std::scoped_lock lock(mutex);
    const bool reset_now = std::exchange(reset_all, false);
    for (Pair& pair : pairs_) turn(pair, reset_now);
    pairs_.remove_if([](const Pair& pair) { return pair.up.from < 0; });
    accept_all();
  }
}

// Until something can be read, or the next turn is due: what is delayed, slowed down or does not go
// out is looked at again each turn.
void FaultProxy::Loop::wait() {
  std::vector<pollfd> wanted = {{listener_, POLLIN, 0}};
  for (const Pair& pair : pairs_) {
    for (const Pipe* const pipe : {&pair.up, &pair.down}) {
      if (pipe->bytes < kBufferedMax && !pipe->ended) wanted.push_back({pipe->from, POLLIN, 0});
    }
  }
  poll(wanted.data(), wanted.size(), kTurnMs);
}

void FaultProxy::Loop::accept_all() {
  const sockaddr_in broker = loopback(to_port);
  while (pairs_.size() < kConnectionsMax) {
    Pair pair;
    pair.up.from = pair.down.to = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (pair.up.from < 0) return;
    pair.up.to = pair.down.from = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool there =
        !weather.refuse &&
        connect(pair.up.to, reinterpret_cast<const sockaddr*>(&broker), sizeof broker) == 0;
    for (const int fd : {pair.up.from, pair.up.to}) {
      no_delay(fd);
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    if (!there) {
      reset(pair);
      close_pair(pair);
      continue;
    }
    pair.number = ++seen.connections;
    pairs_.push_back(std::move(pair));
  }
}

void FaultProxy::Loop::turn(Pair& pair, bool reset_now) {
  if (weather.swallow) pair.swallowed = true;
  bool gone = reset_now;
  for (Pipe* const pipe : {&pair.up, &pair.down}) {
    take_in(pair, *pipe);
    gone = gone || !let_out(pair, *pipe);
  }
  // An end is passed on only once everything before it went out.
  for (Pipe* const pipe : {&pair.up, &pair.down}) {
    if (pipe->ended && pipe->bytes == 0 && !pair.swallowed) gone = true;
  }
  // Of one that is swallowed, both ends must have given up.
  if (pair.up.ended && pair.down.ended) gone = true;
  const bool cut = cut_after && pair.passed_up >= *cut_after;
  if (cut) cut_after.reset();
  if (reset_now || cut) {
    reset(pair);
    ++seen.resets;
    gone = true;
  }
  if (gone) close_pair(pair);
}

void FaultProxy::Loop::take_in(Pair& pair, Pipe& pipe) {
  char buffer[16 * 1024];
  while (pipe.bytes < kBufferedMax && !pipe.ended) {
    const ssize_t size = recv(pipe.from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
      pipe.ended = true;
      return;
    }
    const std::string_view bytes(buffer, static_cast<std::size_t>(size));
    seen.findings += pipe.scan.take(scan_, bytes);
    if (tap_) tap_(pair.number, &pipe == &pair.up, bytes);
    if (pair.swallowed) {
      seen.swallowed += bytes.size();
      continue;
    }
    pipe.pieces.push_back({now_ms() + weather.delay_ms, std::string(bytes)});
    pipe.bytes += bytes.size();
  }
}

bool FaultProxy::Loop::let_out(Pair& pair, Pipe& pipe) {
  const std::int64_t time_ms = now_ms();
  const auto rate = static_cast<double>(weather.bytes_per_second);
  if (rate > 0) {
    pipe.allowance += rate * static_cast<double>(time_ms - pipe.allowed_ms) / 1000;
    pipe.allowance = std::min(pipe.allowance, std::max(rate / 10, 1.0));
  }
  pipe.allowed_ms = time_ms;
  if (pair.swallowed) {
    pipe.pieces.clear();
    pipe.bytes = 0;
  }
  std::uint64_t& passed = &pipe == &pair.up ? seen.bytes_up : seen.bytes_down;
  while (!pipe.pieces.empty() && pipe.pieces.front().due_ms <= time_ms) {
    std::string& bytes = pipe.pieces.front().bytes;
    std::size_t most = std::min(bytes.size(), weather.piece_bytes);
    if (rate > 0) most = std::min(most, static_cast<std::size_t>(pipe.allowance));
    if (cut_after && &pipe == &pair.up) {
      most = std::min(most, *cut_after - std::min<std::size_t>(*cut_after, pair.passed_up));
    }
    if (most == 0) return true;
    const ssize_t size = send(pipe.to, bytes.data(), most, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    bytes.erase(0, static_cast<std::size_t>(size));
    pipe.bytes -= static_cast<std::size_t>(size);
    pipe.allowance -= static_cast<double>(size);
    passed += static_cast<std::uint64_t>(size);
    if (&pipe == &pair.up) pair.passed_up += static_cast<std::uint64_t>(size);
    if (bytes.empty()) pipe.pieces.pop_front();
  }
  return true;
}

FaultProxy::FaultProxy(std::uint16_t to_port, Scan scan, Tap tap)
    : loop_(std::make_unique<Loop>(to_port, std::move(scan), std::move(tap))) {}
FaultProxy::~FaultProxy() = default;

std::uint16_t FaultProxy::port() const { return loop_->port; }

void FaultProxy::set(const Weather& weather) {
  const std::scoped_lock lock(loop_->mutex);
  loop_->weather = weather;
}

void FaultProxy::lead_to(std::uint16_t port) {
  const std::scoped_lock lock(loop_->mutex);
  loop_->to_port = port;
}

void FaultProxy::reset_all() {
  const std::scoped_lock lock(loop_->mutex);
  loop_->reset_all = true;
}

void FaultProxy::cut_after(std::size_t bytes) {
  const std::scoped_lock lock(loop_->mutex);
  loop_->cut_after = bytes;
}

FaultProxy::Seen FaultProxy::seen() const {
  const std::scoped_lock lock(loop_->mutex);
  return loop_->seen;
}

}  // namespace sudare::testkit
