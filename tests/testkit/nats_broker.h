// A real nats-server whose MQTT side keeps sessions and messages in a store on disk (JetStream): a
// cloud broker that outlives its own kill -9. MQTT 3.1.1, on a free loopback port.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {

// Throws std::runtime_error where it does not come up.
class NatsBroker {
 public:
  NatsBroker();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string log() const;
  void kill() { process_->kill(); }
  void start();  // again, on the same port and store

 private:
  TemporaryDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace sudare::testkit
