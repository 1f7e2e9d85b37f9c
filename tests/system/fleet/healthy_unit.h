// A unit as the packages install it: the shipped configuration of gateway and broker below a
// directory of the test's own, provisioned, with both brokers running.
#pragma once

#include <memory>
#include <string>

#include "fleet/doctor/doctor.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::fleet_test {

// Throws std::runtime_error where something of it does not come up.
class HealthyUnit {
 public:
  HealthyUnit();

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::string state() const { return path("state"); }
  [[nodiscard]] std::string config_file() const { return path("etc/gateway.textproto"); }
  // Below etc/, as the packages put it into /etc/sudare.
  void write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  // In a file of etc/; throws where `from` is not in it.
  void replace(const std::string& name, const std::string& from, const std::string& to) const;
  // A line at the end of a file of etc/.
  void append(const std::string& name, const std::string& line) const;

  void start_local();
  void stop_local() { local_.reset(); }
  // "cloud.conf" and "mosquitto.conf" in etc/.
  void start_cloud();
  void stop_cloud() { cloud_.reset(); }
  testkit::CertificateAuthority& authority() { return *authority_; }
  // Takes the place of what the cloud broker shows.
  void set_cloud_certificate(const testkit::Certificate& certificate);

  // What doctor finds, on a machine with a real-time clock, without swap.
  [[nodiscard]] doctor::Report examine() const;
  [[nodiscard]] std::string places() const { return path("machine"); }
  [[nodiscard]] std::uint16_t local_port() const { return local_port_; }
  [[nodiscard]] std::uint16_t cloud_port() const { return cloud_port_; }

 private:
  void write_machine() const;
  void write_local();
  void write_cloud();
  void write_policy();
  std::unique_ptr<testkit::Process> start_broker(const std::string& name, std::uint16_t port);

  testkit::TemporaryDirectory directory_;
  std::uint16_t local_port_;
  std::uint16_t cloud_port_;
  std::unique_ptr<testkit::CertificateAuthority> authority_;
  std::unique_ptr<testkit::Process> local_;
  std::unique_ptr<testkit::Process> cloud_;
};

}  // namespace sudare::fleet_test
