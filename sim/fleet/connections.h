// All connections of a fleet in one epoll(7): few at a time are being made, lost ones come back
// after a while, the receiving side's is one among them. Wall time only: what the cars' time is
// makes no difference here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "sim/fleet/car.h"
#include "sim/fleet/link.h"
#include "sim/fleet/receiving_side.h"
#include "sim/random.h"

namespace sudare::sim::fleet {

// Connections that are being made at a time: a broker's backlog is 100 and more, and a real fleet
// does not arrive in one millisecond.
inline constexpr std::size_t kConnectingMax = 50;

struct ConnectionCounts {
  std::size_t connected = 0;  // now
  std::size_t connected_max = 0;
  std::uint64_t connects = 0;  // that succeeded
  std::uint64_t lost = 0;      // other than by an outage or because the car slept
  std::uint64_t refused = 0;   // attempts that failed
};

// One thread. Keeps references to all that it is given.
class Connections {
 public:
  // `open_max`: descriptors that cars may hold; what wants more waits.
  static Result<std::unique_ptr<Connections>> create(const Broker& broker,
                                                     const std::vector<std::unique_ptr<Car>>& cars,
                                                     std::size_t open_max);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // The receiving side's connection is made and kept from now on.
  void receive(ReceivingSide& receiving);
  // The car ran: it may want a connection, be in a tunnel, or have something to send.
  void update(std::size_t car);
  // Makes connections that are due, waits for something to happen, at most so long, serves it.
  void serve(int timeout_ms, std::int64_t now_ms);

  [[nodiscard]] const ConnectionCounts& counts() const { return counts_; }
  [[nodiscard]] const LinkCounts& links() const { return links_; }
  // Cars that wait for their connection.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size() + connecting_; }

 private:
  enum class State : std::uint8_t { kIdle, kWaiting, kConnecting, kConnected };
  struct Slot {
    Slot(Car& car, LinkCounts& counts) : link(car, counts) {}
    Link link;
    State state = State::kIdle;
    std::uint32_t interest = 0;  // as epoll knows it; 0: not there
    std::uint32_t failures = 0;  // in a row
    std::int64_t since_ms = 0;   // kConnecting
  };

  Connections(const Broker& broker, const std::vector<std::unique_ptr<Car>>& cars,
              std::size_t open_max, int epoll_fd);
  void connect_due();
  void begin(std::size_t car);
  void serve_link(std::size_t car);
  void failed(std::size_t car);
  void close(std::size_t car, bool politely);
  void serve_receiving();
  void connect_receiving();
  void sweep();
  void watch(std::uint64_t number, int fd, short wants, std::uint32_t& interest) const;

  const Broker& broker_;
  const std::vector<std::unique_ptr<Car>>& cars_;
  std::size_t open_max_;
  int epoll_fd_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::multimap<std::int64_t, std::size_t> waiting_;  // by when they may connect
  std::size_t connecting_ = 0;
  ReceivingSide* receiving_ = nullptr;
  std::uint32_t receiving_interest_ = 0;
  std::int64_t receiving_retry_ms_ = 0;
  std::int64_t now_ms_ = 0;
  std::int64_t swept_ms_ = 0;
  Random random_{1};  // spreads attempts; nothing else depends on it
  ConnectionCounts counts_;
  LinkCounts links_;
};

}  // namespace sudare::sim::fleet
