#include "tests/system/fleet/healthy_unit.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/provision/provision.h"
#include "gateway/policy/load.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/fixtures.h"

namespace sudare::fleet_test {
namespace {

namespace fs = std::filesystem;

std::string shipped(const std::string& name) {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  return testkit::read_file(fs::path(source == nullptr ? "." : source) / name);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (text.find(from) == std::string::npos) throw std::runtime_error("not there: " + from);
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

constexpr const char* kPurposes[] = {"traffic",    "diagnostics", "emergency", "driving-diagnosis",
                                     "car-finder", "ownership",   "recorder"};

}  // namespace

HealthyUnit::HealthyUnit() : local_port_(testkit::free_port()), cloud_port_(testkit::free_port()) {
  if (!crypto_init()) throw std::runtime_error("crypto");
  fs::create_directories(path("etc"));
  authority_ = std::make_unique<testkit::CertificateAuthority>(path("ca"));
  write_machine();
  write_local();
  write_cloud();
  write_policy();
  std::string config = shipped("deploy/etc/gateway.textproto");
  replace_all(config, "/var/lib/sudare", state());
  replace_all(config, "127.0.0.1:1883", "127.0.0.1:" + std::to_string(local_port_));
  replace_all(config, "broker.example:8883", "localhost:" + std::to_string(cloud_port_));
  write("gateway.textproto", config);
  ProvisionOptions options;
  options.state_directory = state();
  options.identity.frame_number = "ZVW30-1234567";
  options.authorities.push_back(age::open_side::Identity::generate().recipient());
  const auto deliver = [](const std::vector<std::string>&) -> Status { return Done{}; };
  if (!provision(options, SystemClock(), deliver)) throw std::runtime_error("provision");
  start_local();
  start_cloud();
}

void HealthyUnit::write_machine() const {
  fs::create_directories(places() + "/sys/class/rtc/rtc0");
  fs::create_directories(places() + "/proc/sys/kernel");
  fs::create_directory_symlink("/proc/net", places() + "/proc/net");
  std::ofstream(places() + "/proc/sys/kernel/core_pattern") << "core\n";
  std::ofstream(places() + "/proc/swaps") << "Filename Type Size Used Priority\n";
}

void HealthyUnit::write_local() {
  std::string config = shipped("deploy/etc/mosquitto.conf");
  replace_all(config, "listener 1883", "listener " + std::to_string(local_port_));
  replace_all(config, "/etc/sudare", path("etc"));
  write("mosquitto.conf", config);
  write("mosquitto.acl", shipped("deploy/etc/mosquitto.acl"));
  write("local.password", "swordfish\n");
  const auto made = testkit::run({"mosquitto_passwd", "-c", "-b", path("etc/mosquitto.passwd"),
                                  "sudare-gateway", "swordfish"});
  if (made.status != 0) throw std::runtime_error("mosquitto_passwd: " + made.errors);
  chmod(path("etc/mosquitto.passwd").c_str(), 0640);
}

void HealthyUnit::write_cloud() {
  std::string config = shipped("deploy/mosquitto/cloud.conf.in");
  replace_all(config, "@PORT@", std::to_string(cloud_port_));
  replace_all(config, "@DIRECTORY@/ca.crt", authority_->ca_file().string());
  replace_all(config, "@DIRECTORY@", path("etc"));
  write("cloud.conf", config);
  write("acl", shipped("deploy/mosquitto/cloud.acl.in"));
  set_cloud_certificate(authority_->server());
  const testkit::Certificate unit = authority_->client("unit");
  write("cloud-ca.crt", testkit::read_file(authority_->ca_file()));
  write("unit.crt", testkit::read_file(unit.certificate));
  write("unit.key", testkit::read_file(unit.key));
}

void HealthyUnit::set_cloud_certificate(const testkit::Certificate& certificate) {
  write("broker.crt", testkit::read_file(certificate.certificate));
  write("broker.key", testkit::read_file(certificate.key));
}

void HealthyUnit::write_policy() {
  std::map<std::string, std::string> recipients;
  for (const char* purpose : kPurposes) {
    recipients[purpose] = age::open_side::Identity::generate().recipient().to_string();
  }
  for (const char* name : {"policy", "ceiling"}) {
    const std::string file = std::string(name) == "policy" ? "default" : name;
    write(std::string(name) + ".textproto",
          fill_recipients(shipped("deploy/policies/" + file + ".textproto"), recipients));
  }
  replace("policy.textproto", "2028-12-31", "2099-12-31");  // whenever this test is run
}

void HealthyUnit::write(const std::string& name, const std::string& text) const {
  const std::string file = path("etc/" + name);
  std::ofstream(file) << text;
  chmod(file.c_str(), 0600);
}

std::string HealthyUnit::read(const std::string& name) const {
  return testkit::read_file(path("etc/" + name));
}

void HealthyUnit::replace(const std::string& name, const std::string& from,
                          const std::string& to) const {
  std::string text = read(name);
  replace_all(text, from, to);
  write(name, text);
}

void HealthyUnit::append(const std::string& name, const std::string& line) const {
  write(name, read(name) + line + "\n");
}

// Started by root, it would give up its rights, and then can't read the directory.
std::unique_ptr<testkit::Process> HealthyUnit::start_broker(const std::string& name,
                                                            std::uint16_t port) {
  std::ofstream(path(name + ".run")) << read(name) << "user root\n";
  testkit::ProcessOptions options;
  options.errors = path(name + ".log");
  auto process = std::make_unique<testkit::Process>(
      std::vector<std::string>{"mosquitto", "-c", path(name + ".run")}, options);
  if (!testkit::eventually([&] { return testkit::port_answers(port); })) {
    throw std::runtime_error("no broker: " + process->errors());
  }
  return process;
}

void HealthyUnit::start_local() {
  local_.reset();
  local_ = start_broker("mosquitto.conf", local_port_);
}

void HealthyUnit::start_cloud() {
  cloud_.reset();
  cloud_ = start_broker("cloud.conf", cloud_port_);
}

doctor::Report HealthyUnit::examine() const {
  doctor::Subject subject;
  subject.config_file = config_file();
  subject.places = {places() + "/proc", places() + "/sys"};
  doctor::Report report;
  doctor::examine(subject, report);
  return report;
}

}  // namespace sudare::fleet_test
