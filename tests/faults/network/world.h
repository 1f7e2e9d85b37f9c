// A car, its broker, a cloud broker and a recipient, and between the brokers the gateway; or, as
// control, Mosquitto as a bridge with its own defaults (QoS 1, a queue of 1000 messages in memory),
// which is what a car has without a gateway. A story does its harm to either.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "tests/faults/network/link.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/fault_proxy.h"
#include "tests/testkit/sanitized.h"

namespace sudare::faults {

// "sudare_uplink_refused_total" of a status page; -1: it is not there.
double metric_of(const std::string& page, const std::string& name);

// Of resident memory.
std::uint64_t peak_mib(pid_t process);
// docs/design.md says 24 in a car's work; with a broker that sends what it likes, a bound is what
// counts. A sanitizer knows none.
inline constexpr std::uint64_t kPeakMibMax = 64;
inline bool grows(pid_t gateway) { return !testkit::kSanitized && peak_mib(gateway) > kPeakMibMax; }

struct WorldOptions {
  bool bridge = false;  // the control
  bool link = false;    // over a Link and TLS; else over a FaultProxy, and TLS if the unit says so
  testkit::UnitOptions unit;
};

class World {
 public:
  // Everything runs and is connected. Throws std::runtime_error.
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] bool is_bridge() const { return options_.bridge; }
  Link& link() { return *link_; }
  testkit::FaultProxy& proxy() { return *proxy_; }
  testkit::Unit& unit() { return *unit_; }
  void restart_cloud();
  void start_cloud();  // after unit().cloud().stop() or kill()
  void restart_local();

  // The next `count` numbered messages, as fast as the local broker acknowledges them to the car.
  void publish(std::uint64_t count);
  [[nodiscard]] std::uint64_t published() const { return published_; }
  // While `harm` goes on, numbered messages of a producer that keeps each until the gateway's
  // receipt; for a bridge, until the local broker's acknowledgement, which is all there is.
  void drive(const std::function<void()>& harm);
  // The gateway's cloud is another broker, at this port, until lead_back(): then as if that one
  // vanished. What the gateway took as acknowledged there is not expected at the recipient.
  void lead_to(std::uint16_t port);
  void lead_back();
  // With an access list from a SIGHUP on: "topic readwrite sudare/#".
  void use_acl(testkit::Broker& broker, const std::string& lines);
  // publish() while the local broker's access list keeps it from everybody, for good.
  void keep_from_unit(std::uint64_t count);
  // Until the gateway has counted everything that was published. At once for a bridge.
  bool taken(std::chrono::milliseconds longest = std::chrono::seconds(30));
  // Numbers that are with the recipient now.
  std::set<std::uint64_t> arrived();
  // Until all that was published is there. For a bridge: until it has said that it dropped some, or
  // until one that is published now is there; what went in before it and is not there never comes.
  bool settle(std::chrono::milliseconds longest = std::chrono::seconds(60));
  // Of the gateway's status page.
  double metric(const std::string& name);

  struct End {
    std::uint64_t acknowledged = 0;  // by the gateway: what its account has taken
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t plaintext = 0;
    std::string wrong;  // an account that does not add up, a batch that does not open, a bad exit
  };
  // Stops the gateway and reckons.
  End end();
  // For a bridge: what it says that it dropped; else what is published and not with the recipient.
  std::uint64_t bridge_lost();

 private:
  void make_bridge();
  [[nodiscard]] std::uint64_t bridge_dropped() const;
  [[nodiscard]] std::string bridge_lines() const;
  [[nodiscard]] std::uint64_t plaintext();

  WorldOptions options_;
  std::unique_ptr<Link> link_;
  std::unique_ptr<Inside> inside_;  // the unit's side of the link
  std::unique_ptr<testkit::Unit> unit_;
  std::unique_ptr<testkit::FaultProxy> proxy_;
  std::unique_ptr<testkit::MqttClient> car_;
  std::unique_ptr<testkit::MqttClient> watch_;  // a bridge's own figures
  std::uint64_t published_ = 0;
  std::uint64_t kept_from_unit_ = 0;
  std::uint64_t elsewhere_ = 0;  // acknowledged by another broker than the recipient's
};

}  // namespace sudare::faults
