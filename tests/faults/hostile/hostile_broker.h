// A broker that does what the test wants of each connection. One thread of its own, bounded
// buffers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace sudare::faults {

struct ClientPacket {
  unsigned first = 0;  // the byte
  std::string body;
};

// The broker's end of a connection. On the broker's thread.
class Line {
 public:
  // What the client does not take is dropped beyond a megabyte.
  void send(const std::string& bytes);
  void close() { closing_ = true; }  // once everything is sent
  void reset();                      // RST, now
  [[nodiscard]] std::size_t unsent() const { return out_.size(); }

 private:
  friend class HostileBroker;
  int fd_ = -1;
  std::string in_;
  std::string out_;
  bool closing_ = false;
};

// What happens on one connection. On the broker's thread.
class Play {
 public:
  virtual ~Play() = default;
  virtual void accepted(Line& line) { (void)line; }
  virtual void packet(Line& line, const ClientPacket& packet) { (void)line, (void)packet; }
  virtual void turn(Line& line) { (void)line; }  // every few milliseconds
};

class HostileBroker {
 public:
  using Cast = std::function<std::unique_ptr<Play>(std::uint64_t connection)>;  // from 0 on

  // Listens on a free port of the loopback. Throws std::runtime_error.
  explicit HostileBroker(Cast cast);
  ~HostileBroker();
  HostileBroker(const HostileBroker&) = delete;
  HostileBroker& operator=(const HostileBroker&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_.load(); }
  // Nothing of this is called any more when it returns.
  void stop();

 private:
  struct Connection {
    Line line;
    std::unique_ptr<Play> play;
  };

  void run();
  void accept_all();
  // False: it is over.
  static bool serve(Connection& connection);

  Cast cast_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::list<Connection> open_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace sudare::faults
