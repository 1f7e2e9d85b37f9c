// A real mosquitto broker on a free loopback port, with a configuration and directory of its own,
// ended by its pid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tests/testkit/certificates.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {

struct BrokerTls {
  std::filesystem::path ca_file;
  Certificate server;
  bool require_client_certificate = false;
};

struct BrokerOptions {
  std::optional<BrokerTls> tls;
  // Keeps sessions and queued messages over restart() (written at every change).
  bool persistence = false;
  // 0: a free one.
  std::uint16_t port = 0;
  // Of this machine, or of the network namespace that the thread is in.
  std::string address = "127.0.0.1";
  // Added to mosquitto's configuration file, lines as they are.
  std::string extra;
};

// Throws std::runtime_error where the broker does not come up.
class Broker {
 public:
  explicit Broker(BrokerOptions options = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "mqtt://127.0.0.1:PORT", or "mqtts://localhost:PORT" with TLS; or with its other address.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::string log() const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
  // Other lines for the next start(), or for a SIGHUP.
  void set_extra(const std::string& extra);

  void stop();  // SIGTERM: writes what it persists
  void kill();  // SIGKILL
  // SIGSTOP: connections stay, and nothing is answered until SIGCONT.
  void signal(int number) { process_->signal(number); }
  void start();  // again, on the same port
  void restart() {
    stop();
    start();
  }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

 private:
  void write_configuration();

  BrokerOptions options_;
  TemporaryDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();
// Whether something accepts connections there.
bool port_answers(std::uint16_t port);

}  // namespace sudare::testkit
