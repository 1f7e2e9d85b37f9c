// What is measured: a unit between an in-vehicle broker and a cloud broker, both started for it.
// All on this machine, in a directory and on ports of its own; ended, and the directory removed,
// with this object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "gateway/mqtt/endpoint.h"
#include "sim/bench/recipient.h"
#include "sim/bench/usage.h"
#include "sim/error.h"
#include "sim/process/child.h"
#include "sim/process/metrics.h"

namespace sudare::sim::bench {

enum class SubjectKind : std::uint8_t {
  kBridge,  // the in-vehicle broker is its own unit: a Mosquitto bridge, unprotected
  kGateway,
};
[[nodiscard]] const char* name_of(SubjectKind kind);

// Where the parts are found.
struct Parts {
  std::filesystem::path programs;   // sudare, sudare-gateway
  std::filesystem::path slow_sync;  // the module of slow_sync.cc
  std::filesystem::path policy;     // with ${READINGS_RECIPIENT}, ${EMERGENCY_RECIPIENT}
  std::filesystem::path default_policy;
  std::filesystem::path directory;  // subjects' directories are made in it: on the disk to measure
};

struct SubjectOptions {
  SubjectKind kind = SubjectKind::kGateway;
  std::filesystem::path policy;          // empty: that of Parts
  std::uint32_t commit_interval_ms = 0;  // of the gateway; 0: its default
  std::uint32_t linger_ms = 0;           // of purposes that linger; 0: as the policy says
  bool slow_disk = false;                // every sync of the unit takes 5 ms longer
  bool unconnected = false;              // the in-vehicle broker alone
  bool bridge_defaults = false;          // Mosquitto's own settings in place of the best ones
  bool cloud_keeps = false;              // the cloud broker restarts with its sessions
  std::uint64_t quota_bytes = 0;         // of the gateway's store; 0: room for a million records
};

class Subject {
 public:
  // Everything is connected when it returns.
  static Parsed<std::unique_ptr<Subject>> start(const Parts& parts, const SubjectOptions& options);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] SubjectKind kind() const { return options_.kind; }
  [[nodiscard]] const Broker& local() const { return local_; }
  // For the recipient: on a port apart from the unit's.
  [[nodiscard]] const Broker& cloud() const { return cloud_; }
  // Null for a bridge.
  [[nodiscard]] const Keys* keys() const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  // Of the in-vehicle broker; of the gateway, all 0 for a bridge.
  [[nodiscard]] Usage broker_usage() const;
  [[nodiscard]] Usage gateway_usage() const;
  [[nodiscard]] Usage cloud_usage() const;
  // Of the process that is the unit.
  [[nodiscard]] Usage unit_usage() const;
  // Between unit and cloud, in the connection that stands. Not there: the kernel does not tell.
  [[nodiscard]] std::optional<PortBytes> uplink() const;
  // Of the gateway.
  [[nodiscard]] Parsed<Metrics> metrics() const;

  // Whether the unit's uplink is connected.
  [[nodiscard]] Parsed<Done> wait_connected();
  void stop_cloud();
  [[nodiscard]] Parsed<Done> start_cloud();
  // SIGKILL: the gateway, or the broker that is the bridge.
  void kill_unit();
  [[nodiscard]] Parsed<Done> start_unit();

 private:
  Subject(const Parts& parts, const SubjectOptions& options) : parts_(parts), options_(options) {}
  Parsed<Done> prepare();
  Parsed<Done> write_brokers() const;
  Parsed<Done> write_gateway();
  Parsed<Done> start_local();
  Parsed<Done> start_gateway();
  Parsed<Done> wait_bridge();
  Parsed<Child> start_program(const std::string& name, std::vector<std::string> arguments) const;

  Parts parts_;
  SubjectOptions options_;
  std::filesystem::path directory_;
  std::uint16_t local_port_ = 0;
  std::uint16_t uplink_port_ = 0;
  std::uint16_t recipient_port_ = 0;
  std::uint16_t status_port_ = 0;
  Broker local_;
  Broker cloud_;
  Keys keys_;
  std::unique_ptr<Child> cloud_broker_;
  std::unique_ptr<Child> local_broker_;
  std::unique_ptr<Child> gateway_;
};

}  // namespace sudare::sim::bench
