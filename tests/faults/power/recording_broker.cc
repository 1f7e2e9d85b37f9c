#include "tests/faults/power/recording_broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "gateway/mqtt/packet_reader.h"
#include "gateway/mqtt/packet_writer.h"
#include "tests/faults/power/messages.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

constexpr std::size_t kPeersMax = 8;
// So many PUBLISH packets wait for their PUBACK, of each connection. Urgent ones cost a transaction
// of SQLite each.
constexpr std::size_t kOutstanding = 400;
constexpr std::size_t kOutstandingUrgent = 4;

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + 2) return 0;
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[at]) << 8U |
                                    static_cast<std::uint8_t>(bytes[at + 1]));
}

std::string text_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + 2) return "";
  return std::string(bytes.substr(at + 2, number_at(bytes, at)));
}

// A packet of less than 128 bytes.
void put_packet(std::string& out, unsigned first, const std::string& body) {
  out += static_cast<char>(first);
  out += static_cast<char>(body.size());
  out += body;
}

}  // namespace

RecordingBroker::RecordingBroker() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, kPeersMax) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      pipe2(stop_, O_CLOEXEC) != 0) {
    throw std::runtime_error("recording broker: no socket");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

RecordingBroker::~RecordingBroker() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  for (const Peer& peer : peers_) close(peer.fd);
  close(listener_);
}

std::uint64_t RecordingBroker::progress() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_.size();
}

std::set<std::uint64_t> RecordingBroker::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

bool RecordingBroker::heard_all() const {
  const std::lock_guard lock(mutex_);
  return peers_.empty();
}

bool RecordingBroker::may_repeat(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return repeated_.contains(number);
}

bool RecordingBroker::stop() {
  const auto settled = [this] {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    return std::all_of(sessions_.begin(), sessions_.end(),
                       [](const auto& one) { return one.second.outstanding.empty(); });
  };
  return testkit::eventually(settled, std::chrono::seconds(60));
}

void RecordingBroker::run() {
  std::vector<pollfd> fds;
  while (true) {
    fds = {{stop_[0], 0, 0}, {listener_, POLLIN, 0}};
    {
      const std::lock_guard lock(mutex_);
      for (const Peer& peer : peers_) {
        fds.push_back(
            {peer.fd, static_cast<short>(peer.out.empty() ? POLLIN : POLLIN | POLLOUT), 0});
      }
    }
    if (poll(fds.data(), fds.size(), -1) < 0 || fds[0].revents != 0) return;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = peers_.size(); i-- > 0;) {
      Peer& peer = peers_[i];
      const bool readable = (fds[i + 2].revents & ~POLLOUT) != 0;
      if (!(readable ? read(peer) : true) || !write(peer)) {
        close(peer.fd);
        peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (fds[1].revents == 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    const int on = 1;
    if (fd >= 0 && peers_.size() < kPeersMax) {
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      peers_.emplace_back(fd);
    } else {
      close(fd);
    }
  }
}

bool RecordingBroker::read(Peer& peer) {
  char bytes[1U << 16U];
  const ssize_t size = recv(peer.fd, bytes, sizeof bytes, 0);
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  std::string_view input(bytes, static_cast<std::size_t>(size));
  while (true) {
    const auto packet = peer.framer.next(input);
    if (!packet) return false;
    if (!*packet) break;
    if (!handle(peer, **packet)) return false;
  }
  send_more(peer);
  return true;
}

bool RecordingBroker::write(Peer& peer) {
  while (!peer.out.empty()) {
    const ssize_t sent = send(peer.fd, peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    peer.out.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

bool RecordingBroker::handle(Peer& peer, const Packet& packet) {
  switch (static_cast<PacketType>(packet.type)) {
    case PacketType::kConnect: return connect(peer, packet);
    case PacketType::kSubscribe: subscribe(peer, packet); return true;
    case PacketType::kPuback: {
      const auto read = read_puback(packet, MqttVersion::k5);
      if (read) acknowledged_by(peer, read->id, read->reason);
      return read.has_value();
    }
    case PacketType::kPublish: {
      const auto read = read_publish(packet, MqttVersion::k5);
      if (read && read->qos == 1) write_puback(peer.out, read->id);
      return read.has_value();
    }
    case PacketType::kPingreq: put_packet(peer.out, 0xd0, ""); return true;
    default: return false;  // DISCONNECT, and what has no business here
  }
}

// CONNECT, section 3.1: "MQTT", 5, flags, keepalive, properties, client id.
bool RecordingBroker::connect(Peer& peer, const Packet& packet) {
  constexpr std::size_t kProperties = 10;
  const std::string_view body = packet.body;
  if (body.size() <= kProperties || text_at(body, 0) != "MQTT" || body[6] != 5) return false;
  const auto properties = static_cast<std::uint8_t>(body[kProperties]);
  if (properties >= 0x80) return false;
  peer.client_id = text_at(body, kProperties + 1 + properties);
  const bool present = sessions_.contains(peer.client_id);
  put_packet(peer.out, 0x20, {static_cast<char>(present ? 1 : 0), 0, 0});
  Session& session = sessions_[peer.client_id];
  for (const auto& [id, number] : session.outstanding) send_one(peer, id, number, true);
  return !peer.client_id.empty();
}

// Section 3.8: packet id, properties, then filters, each with a byte of options.
void RecordingBroker::subscribe(Peer& peer, const Packet& packet) {
  const std::string_view body = packet.body;
  std::string answer(body.substr(0, 2));
  answer += '\0';
  Session& session = sessions_[peer.client_id];
  std::size_t at = body.size() < 3 ? body.size() : 3U + static_cast<std::uint8_t>(body[2]);
  while (at + 2 < body.size()) {
    session.filters.push_back(text_at(body, at));
    at += 2U + number_at(body, at) + 1U;
    answer += '\1';
  }
  put_packet(peer.out, 0x90, answer);
  peer.ready = true;
}

void RecordingBroker::acknowledged_by(Peer& peer, std::uint16_t id, std::uint8_t reason) {
  Session& session = sessions_[peer.client_id];
  const auto found = session.outstanding.find(id);
  if (found == session.outstanding.end()) return;
  // A refusal promises nothing.
  if (reason < 0x80) acknowledged_.insert(found->second);
  session.outstanding.erase(found);
}

void RecordingBroker::send_more(Peer& peer) {
  if (!peer.ready || stopped_) return;
  Session& session = sessions_[peer.client_id];
  const auto has = [&](const char* topic) {
    return std::find(session.filters.begin(), session.filters.end(), topic) !=
           session.filters.end();
  };
  const bool urgent = has(kUrgentTopic);
  if (!urgent && !has(kJsonTopic)) return;
  const std::size_t most = urgent ? kOutstandingUrgent : kOutstanding;
  while (session.outstanding.size() < most) {
    do {
      if (++session.last_id == 0) session.last_id = 1;
    } while (session.outstanding.contains(session.last_id));
    // Its number says how a message goes, so that it is the same when it is sent again.
    while (is_urgent(next_number_) != urgent) ++next_number_;
    session.outstanding.emplace(session.last_id, next_number_);
    send_one(peer, session.last_id, next_number_, false);
    ++next_number_;
  }
}

void RecordingBroker::send_one(Peer& peer, std::uint16_t id, std::uint64_t number, bool again) {
  if (again) repeated_.insert(number);
  const NumberedMessage message = numbered_message(number);
  PublishHead head;
  head.id = id;
  head.duplicate = again;
  write_publish(peer.out, message.topic, message.payload, head, MqttVersion::k5);
}

}  // namespace sudare::faults
