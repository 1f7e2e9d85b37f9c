#include "tests/testkit/broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "sim/process/spawn.h"
#include "tests/testkit/fixtures.h"

namespace sudare::testkit {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  address.sin_port = htons(port);
  return address;
}

bool answers(const std::string& host, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = address_of(host, port);
  const bool yes = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return yes;
}

}  // namespace

std::uint16_t free_port() {
  const std::uint16_t port = sim::unused_port();
  if (port == 0) throw std::runtime_error("no free port");
  return port;
}

bool port_answers(std::uint16_t port) { return answers("127.0.0.1", port); }

Broker::Broker(BrokerOptions options) : options_(std::move(options)) {
  port_ = options_.port != 0 ? options_.port : free_port();
  start();
}

void Broker::write_configuration() {
  std::ofstream out(directory_.path() / "mosquitto.conf");
  // Without `user root` a broker started by root gives up its rights and can't use the directory.
  out << "user root\nper_listener_settings false\nallow_anonymous true\nmax_queued_messages 0\n"
      << "max_inflight_messages 1000\nset_tcp_nodelay true\nlog_dest stderr\nlog_type error\n"
      << "log_type warning\nlog_type notice\nlistener " << port_ << " " << options_.address << "\n";
  if (options_.tls) {
    out << "cafile " << options_.tls->ca_file.string() << "\ncertfile "
        << options_.tls->server.certificate.string() << "\nkeyfile "
        << options_.tls->server.key.string() << "\ntls_version tlsv1.3\nrequire_certificate "
        << (options_.tls->require_client_certificate ? "true" : "false") << "\n";
  }
  if (options_.persistence) {
    out << "persistence true\npersistence_location " << directory_.path().string()
        << "/\nautosave_interval 1\nautosave_on_changes true\n";
  }
  out << options_.extra << "\n";
}

void Broker::start() {
  write_configuration();
  ProcessOptions options;
  options.errors = directory_.path() / "log";
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"mosquitto", "-c", directory_.path() / "mosquitto.conf"}, options);
  const bool up =
      eventually([&] { return !process_->running() || answers(options_.address, port_); },
                 std::chrono::seconds(10));
  if (!up || !process_->running()) throw std::runtime_error("mosquitto: " + log());
}

void Broker::set_extra(const std::string& extra) {
  options_.extra = extra;
  write_configuration();
}

void Broker::stop() {
  process_->signal(SIGTERM);
  if (!process_->wait(std::chrono::seconds(10))) process_->kill();
}

void Broker::kill() { process_->kill(); }

std::string Broker::url() const {
  const bool by_name = options_.tls && options_.address == kLoopback;
  return (options_.tls ? "mqtts://" : "mqtt://") + (by_name ? "localhost" : options_.address) +
         ":" + std::to_string(port_);
}

std::string Broker::log() const { return read_file(directory_.path() / "log"); }

}  // namespace sudare::testkit
