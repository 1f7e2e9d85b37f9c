#include "tests/testkit/nats_broker.h"

#include <fstream>
#include <stdexcept>

#include "tests/testkit/broker.h"
#include "tests/testkit/fixtures.h"

namespace sudare::testkit {

NatsBroker::NatsBroker() : port_(free_port()) {
  // MQTT needs a name that stays, and a store. The port of NATS' own protocol is not used.
  std::ofstream(directory_.path() / "nats.conf")
      << "server_name: cloud\nlisten: 127.0.0.1:-1\njetstream { store_dir: \""
      << directory_.path().string() << "\" }\nmqtt { listen: \"127.0.0.1:" << port_
      << "\", max_ack_pending: 1000 }\n";
  start();
}

void NatsBroker::start() {
  ProcessOptions options;
  options.errors = directory_.path() / "log";
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"nats-server", "-c", directory_.path() / "nats.conf"}, options);
  const bool up = eventually([&] { return !process_->running() || port_answers(port_); });
  if (!up || !process_->running()) throw std::runtime_error("nats-server: " + log());
}

std::string NatsBroker::log() const { return read_file(directory_.path() / "log"); }

}  // namespace sudare::testkit
