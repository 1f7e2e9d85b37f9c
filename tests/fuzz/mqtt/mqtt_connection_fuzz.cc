// What a hostile broker says to a client that is connected, over a socket: to the uploader's and
// receiver's connection, and to the collector's session. Input: a byte that says to which, and in
// which version; then the stream. Nothing is told of what was not asked for or sent, and the client
// comes to the stream's end.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "crypto/crypto_init.h"
#include "gateway/collect/local_session.h"
#include "gateway/mqtt/connection.h"

namespace sudare {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// More than a socket's buffer would block the one thread.
constexpr std::size_t kStreamBytesMax = 30'000;

class Broker {
 public:
  Broker() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address_;
    auto* const address = reinterpret_cast<sockaddr*>(&address_);
    require(bind(listener_, address, length) == 0 && listen(listener_, 8) == 0);
    require(getsockname(listener_, address, &length) == 0);
  }
  [[nodiscard]] MqttEndpoint endpoint() const {
    return {"127.0.0.1", ntohs(address_.sin_port), false};
  }
  // Says all of it to the client that connects now, and that this is the end.
  void say(std::string_view stream) {
    peer_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    require(peer_ >= 0);
    require(send(peer_, stream.data(), stream.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(stream.size()));
    shutdown(peer_, SHUT_WR);
  }
  // At once: no port is left waiting.
  void end() {
    const linger at_once{1, 0};
    setsockopt(peer_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer_);
  }

 private:
  int listener_ = -1;
  int peer_ = -1;
  sockaddr_in address_{};
};

class Client final : public MqttEvents {
 public:
  void on_connected(bool /*session_present*/) override {
    require(!connected_);
    connected_ = true;
  }
  void on_refused(int reason) override { require(!connected_ && reason != 0); }
  void on_message(std::string_view topic, std::string_view payload, bool /*retained*/) override {
    require(subscribed_ && !topic.empty() && payload.size() <= kStreamBytesMax);
  }
  void on_published(int mid, int /*reason*/) override { require(sent_.erase(mid) == 1); }

  void run(const MqttOptions& options, Broker& broker, std::string_view stream) {
    auto connection = MqttConnection::start(options, *this);
    require(connection.has_value());
    broker.say(stream);
    // Each packet has two bytes at the least; the rest is looks that find nothing.
    for (std::size_t turns = 2 * stream.size() + 10; turns > 0; --turns) {
      const auto more = (*connection)->read();
      if (!more) return;
      ask(**connection);
      if (!(*connection)->write()) return;
      if (!*more) wait((*connection)->fd());
    }
    std::abort();
  }

 private:
  void ask(MqttConnection& connection) {
    if (!connected_) return;
    if (!subscribed_) subscribed_ = connection.subscribe({"a/#"}).has_value();
    if (sent_.size() >= 4 || connection.room() == 0) return;
    if (const auto mid = connection.publish("a", "b")) require(sent_.insert(*mid).second);
  }
  static void wait(int fd) {
    pollfd one{fd, POLLIN, 0};
    require(poll(&one, 1, 5000) == 1);
  }

  bool connected_ = false;
  bool subscribed_ = false;
  std::set<int> sent_;
};

struct Sink final : IncomingSink {
  void incoming(const Incoming& incoming) override {
    require(incoming.payload.size() <= kStreamBytesMax);
    require(incoming.topic.size() <= kStreamBytesMax);
  }
};

void run_session(const MqttPeer& peer, Broker& broker, std::string_view stream) {
  const SystemClock clock;
  Sink sink;
  CollectOptions options;
  options.peer = peer;
  LocalSession session(options, "c", clock, sink);
  session.set_filters({"a/#", "b"});
  session.tend();
  require(session.wants().fd >= 0);
  broker.say(stream);
  for (std::size_t turns = 3 * stream.size() + 10; turns > 0; --turns) {
    pollfd one = session.wants();
    if (one.fd < 0) return require(!session.connected() && !session.subscribed());
    one.events = static_cast<short>(one.events & POLLIN);
    require(poll(&one, 1, 5000) == 1);
    session.polled(static_cast<short>(one.revents | POLLOUT));
    while (session.read_one()) session.acknowledge();
    (void)session.publish("r", "1");
  }
  std::abort();
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static const bool ready = crypto_init().has_value();
  static Broker broker;
  require(ready);
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1,
                                std::min(size - 1, kStreamBytesMax));
  MqttOptions options;
  options.peer.endpoint = broker.endpoint();
  options.peer.version = data[0] % 2 == 0 ? MqttVersion::k5 : MqttVersion::k311;
  if (data[0] / 2 % 2 == 0) Client().run(options, broker, stream);
  else run_session(options.peer, broker, stream);
  broker.end();
  return 0;
}
