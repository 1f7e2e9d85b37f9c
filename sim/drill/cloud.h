// The cloud broker of a drill, and everything that it ever received: what an attacker is handed.
// Each sender has a listener of its own, so that whoever directs the drill knows who sent what; the
// attacker does not see which.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mqtt/endpoint.h"
#include "sim/demo/recorder.h"
#include "sim/demo/workplace.h"
#include "sim/process/child.h"

namespace sudare::sim::drill {

// A message as an object store keeps it: its name, its bytes, when it came (whole seconds).
struct Stored {
  std::string topic;
  std::string payload;
  std::int64_t second = 0;
  std::string sender;  // for the one who directs the drill; no attacker reads it
};
using Bucket = std::vector<Stored>;

class Cloud {
 public:
  // `tls`: as a fleet's broker has it, with the certificates of `place`; else plain, on loopback.
  // Files go to `name` below `place`.
  static Parsed<std::unique_ptr<Cloud>> make(const Workplace& place, const std::string& name,
                                             const std::vector<std::string>& senders, bool tls);
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;
  ~Cloud() { stop(); }

  // May be started and stopped again: an outage.
  [[nodiscard]] Parsed<Done> start();
  void stop();

  // Where a sender connects to, as the role "unit".
  [[nodiscard]] MqttPeer peer(const std::string& sender) const;
  // Any thread.
  [[nodiscard]] Bucket bucket() const;
  [[nodiscard]] std::size_t count() const;
  // The broker's own files and log, which are handed over too.
  [[nodiscard]] std::vector<std::filesystem::path> files() const { return {directory_}; }
  // Recorded without interruption.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  Cloud(const Workplace& place, const std::string& name, bool tls)
      : place_(place), name_(name), directory_(place.in(name)), tls_(tls) {}
  Parsed<Done> write_config(const std::vector<std::string>& senders);
  void take(std::string_view topic, std::string_view payload);

  const Workplace& place_;
  std::string name_;
  std::filesystem::path directory_;
  bool tls_;
  std::map<std::string, std::uint16_t> ports_;
  std::uint16_t director_port_ = 0;
  int starts_ = 0;
  bool whole_ = true;
  mutable std::mutex mutex_;
  Bucket bucket_;
  std::unique_ptr<Child> broker_;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace sudare::sim::drill
