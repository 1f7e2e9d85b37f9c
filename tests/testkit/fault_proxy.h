// A TCP proxy that is a bad network: it delays, slows down, resets, cuts and swallows what passes,
// as the test says while it runs. One thread, bounded buffers; also works where the kernel has no
// netem. What passes can be scanned, so that a test sees what an eavesdropper would.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace sudare::testkit {

// Of all connections, in both directions.
struct Weather {
  std::int64_t delay_ms = 0;
  std::uint64_t bytes_per_second = 0;   // each way; 0: as fast as it goes
  std::size_t piece_bytes = 16 * 1024;  // at most so many in one write: 1 for byte by byte
  // Half-open: what comes is read and goes nowhere, and nobody is told. Holds for the rest of a
  // connection's life, since a stream with a hole in it is none.
  bool swallow = false;
  bool refuse = false;  // a new connection is reset at once
};

class FaultProxy {
 public:
  // How many findings are in these bytes. Called on the proxy's thread, like a tap; neither may
  // call the proxy.
  using Scan = std::function<std::size_t(std::string_view)>;
  // Hears all that comes, in its order: from the client (up) or the broker, of which connection.
  // Called on the proxy's thread.
  using Tap = std::function<void(std::uint64_t connection, bool up, std::string_view bytes)>;

  // Listens on a free port of the loopback and connects to `to_port` of it, in the network
  // namespace of the thread that makes it. Throws std::runtime_error.
  explicit FaultProxy(std::uint16_t to_port, Scan scan = {}, Tap tap = {});
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // All below: any thread. Holds for all that is said after it returned.
  void set(const Weather& weather);
  void lead_to(std::uint16_t port);  // connections to come
  void reset_all();                  // RST to both ends of every connection
  // RST once so many bytes of a connection went to the broker: in the middle of a packet. Any
  // connection, also one to come, until it happened to one.
  void cut_after(std::size_t bytes);

  struct Seen {
    std::uint64_t connections = 0;  // that were accepted
    std::uint64_t resets = 0;       // that this made
    std::uint64_t bytes_up = 0;     // that reached the broker
    std::uint64_t bytes_down = 0;
    std::uint64_t swallowed = 0;
    std::uint64_t findings = 0;  // of the scan, both ways, also over the borders of reads
  };
  [[nodiscard]] Seen seen() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace sudare::testkit
