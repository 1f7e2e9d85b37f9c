#include "tests/faults/network/world.h"

#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/faults/rig/canary.h"
#include "tests/faults/rig/car.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::Unit;

constexpr const char* kTopic = "test/json";
// Mosquitto's own word for what its queue did not hold.
constexpr const char* kDropped = "$SYS/broker/publish/messages/dropped";

constexpr double kDrivePerSecond = 1500;

testkit::UnitOptions unit_options(const WorldOptions& options) {
  testkit::UnitOptions unit = options.unit;
  if (options.link) {
    unit.cloud_tls = true;
    unit.cloud_address = kCloudAddress;
  }
  unit.linger_ms = 100;
  unit.cloud_persistence = true;
  unit.extra_config += kReceiptsConfig;
  return unit;
}

}  // namespace

std::uint64_t peak_mib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtoull(line.c_str() + 6, nullptr, 10) / 1024;
  }
  return 0;
}

double metric_of(const std::string& page, const std::string& name) {
  const std::size_t at = page.find("\n" + name + " ");
  return at == page.npos ? -1 : std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

World::World(WorldOptions options) : options_(std::move(options)) {
  if (options_.link) link_ = std::make_unique<Link>(canaries_in);
  {
    // The local broker too: on the unit's side it starts again, on the same port.
    const auto inside = link_ ? std::make_unique<Inside>(link_->cloud()) : nullptr;
    unit_ = std::make_unique<Unit>(unit_options(options_));
    unit_->recipient();
    if (link_) unit_->local().stop();
  }
  if (link_) {
    inside_ = std::make_unique<Inside>(link_->unit());
    unit_->local().start();
  } else {
    proxy_ = std::make_unique<testkit::FaultProxy>(unit_->cloud().port(), canaries_in);
    const bool tls = options_.unit.cloud_tls;
    unit_->set_cloud_url((tls ? "mqtts://localhost:" : "mqtt://127.0.0.1:") +
                         std::to_string(proxy_->port()));
    unit_->write_config();
  }
  if (options_.bridge) make_bridge();
  else unit_->start();
  car_ = std::make_unique<testkit::MqttClient>(unit_->local().port());
  publish(1);
  if (!settle()) throw std::runtime_error("nothing arrives: " + (is_bridge() ? "" : unit_->log()));
}

World::~World() {
  car_.reset();
  watch_.reset();
  unit_.reset();
  inside_.reset();
}

std::string World::bridge_lines() const {
  const std::string port = std::to_string(link_ ? unit_->cloud().port() : proxy_->port());
  const std::string host = link_                     ? kCloudAddress
                           : options_.unit.cloud_tls ? "localhost"
                                                     : "127.0.0.1";
  std::string lines =
      "max_queued_messages 1000\nmax_inflight_messages 20\nconnection cloud\naddress " + host +
      ":" + port +
      "\ntopic json out 1 test/ sudare/1/bridge/\nrestart_timeout 1\ntry_private false\n" +
      "notifications false\nkeepalive_interval 5\nsys_interval 1\n";
  if (link_ || options_.unit.cloud_tls) {
    const std::string ca = (unit_->directory() / "ca").string();
    lines += "bridge_cafile " + ca + "/ca.pem\nbridge_certfile " + ca +
             "/unit.pem\nbridge_keyfile " + ca + "/unit.key\nbridge_tls_version tlsv1.3\n";
  }
  return lines + options_.unit.local_extra + "\n";
}

void World::make_bridge() {
  unit_->local().set_extra(bridge_lines());
  restart_local();
  watch_ = std::make_unique<testkit::MqttClient>(unit_->local().port());
  watch_->subscribe(kDropped);
}

void World::start_cloud() {
  const auto inside = link_ ? std::make_unique<Inside>(link_->cloud()) : nullptr;
  unit_->cloud().start();
}

void World::restart_cloud() {
  unit_->cloud().stop();
  start_cloud();
}

void World::restart_local() {
  // A bridge that can't reach its peer does not end by SIGTERM within ten seconds.
  if (is_bridge()) unit_->local().kill();
  unit_->local().restart();
}

void World::publish(std::uint64_t count) {
  for (const std::uint64_t end = published_ + count; published_ < end; ++published_) {
    car_->publish(kTopic, numbered_json(published_), 1, false, 2000);
  }
  if (!car_->flush()) throw std::runtime_error("the local broker does not acknowledge");
}

void World::drive(const std::function<void()>& harm) {
  CarOptions options;
  options.port = unit_->local().port();
  options.first = published_;
  options.producer = is_bridge() ? "" : kProducer;
  options.per_second = kDrivePerSecond;
  Car car(options);
  harm();
  if (!car.stop()) throw std::runtime_error("the car keeps what is not settled");
  published_ += car.published();
}

void World::lead_to(std::uint16_t port) {
  // What the cloud has and has acknowledged is not sent to the other one.
  if (!is_bridge() && !eventually([this] { return metric("sudare_queue_rows") == 0; })) {
    throw std::runtime_error("the queue does not drain");
  }
  proxy_->lead_to(port);
  proxy_->reset_all();
}

void World::lead_back() {
  testkit::Weather away;
  away.refuse = true;
  proxy_->set(away);
  proxy_->reset_all();
  if (!is_bridge()) {
    // What was acknowledged there is counted by the commit after it: the one that holds a message
    // that is published once the page says that the connection is gone. Twice, as the page may be a
    // moment old.
    for (int i = 0; i < 2; ++i) {
      if (!eventually([this] { return metric("sudare_uplink_connected") == 0; })) {
        throw std::runtime_error("the uplink stays");
      }
      publish(1);
      if (!taken()) throw std::runtime_error("a message is not taken");
    }
    const double delivered = metric("sudare_rows{purpose=\"seq\",fate=\"delivered\"}");
    elsewhere_ = static_cast<std::uint64_t>(delivered) - unit_->opened().records["seq"];
  }
  proxy_->lead_to(unit_->cloud().port());
  proxy_->set({});
}

void World::use_acl(testkit::Broker& broker, const std::string& lines) {
  const std::string file = broker.directory() / "acl";
  std::ofstream(file) << lines;
  const bool local = &broker == &unit_->local();
  broker.set_extra((local && is_bridge() ? bridge_lines() : std::string()) + "acl_file " + file);
  ::kill(broker.pid(), SIGHUP);
}

void World::keep_from_unit(std::uint64_t count) {
  use_acl(unit_->local(), "topic write #\n");
  testkit::pause(std::chrono::milliseconds(300));
  publish(count);
  kept_from_unit_ += count;
  use_acl(unit_->local(), "topic readwrite #\n");
  testkit::pause(std::chrono::milliseconds(300));
}

double World::metric(const std::string& name) {
  return metric_of(unit_->get("/metrics").body, name);
}

bool World::taken(std::chrono::milliseconds longest) {
  if (is_bridge()) return true;
  return eventually(
      [&] {
        return metric("sudare_rows_taken_total{purpose=\"seq\"}") >=
               static_cast<double>(published_);
      },
      longest);
}

std::set<std::uint64_t> World::arrived() {
  if (!is_bridge()) return unit_->opened().numbers;
  std::set<std::uint64_t> numbers;
  for (const testkit::MqttMessage& message : unit_->recipient().messages()) {
    numbers.insert(nlohmann::json::parse(message.payload).at("seq").get<std::uint64_t>());
  }
  return numbers;
}

bool World::settle(std::chrono::milliseconds longest) {
  if (!is_bridge())
    return unit_->wait_for_numbers(published_ - kept_from_unit_ - elsewhere_, longest);
  const std::uint64_t first = published_;
  return eventually(
      [&] {
        publish(1);
        testkit::pause(std::chrono::milliseconds(100));
        if (bridge_dropped() > 0) return true;
        const std::set<std::uint64_t> numbers = arrived();
        return !numbers.empty() && *numbers.rbegin() >= first;
      },
      longest);
}

std::uint64_t World::plaintext() {
  std::uint64_t found = proxy_ ? proxy_->seen().findings : link_->wire().findings();
  for (const testkit::MqttMessage& message : unit_->recipient().messages()) {
    found += canaries_in(message.topic) + canaries_in(message.payload);
  }
  return found + canaries_below(unit_->state()) + canaries_in(unit_->log());
}

World::End World::end() {
  End end;
  if (unit_->gateway().running() && grows(unit_->gateway().pid())) {
    end.wrong += "the gateway grows to more than it may; ";
  }
  const Unit::Stopped stopped = unit_->stop();
  if (stopped.status != 0) end.wrong += "the gateway ends with an error; ";
  const Unit::Opened opened = unit_->opened();
  const Account account = unit_->account();
  const FateCounts counts = account.total();
  const auto fate = [&](Fate which) { return counts.by_fate[static_cast<std::size_t>(which)]; };
  end.acknowledged = counts.taken;
  if (!account.adds_up()) end.wrong += "the account does not add up; ";
  if (opened.failures > 0) end.wrong += "a batch does not open; ";
  // Of what was delivered, as the account has it, everything is with the recipient; what is still
  // queued or was given up is in the account.
  const auto records = opened.records.find("seq");
  const std::uint64_t came = records == opened.records.end() ? 0 : records->second;
  const std::int64_t missing =
      fate(Fate::kDelivered) - static_cast<std::int64_t>(came + elsewhere_);
  if (missing > 0) end.lost = static_cast<std::uint64_t>(missing);
  end.duplicated = came - opened.numbers.size();
  end.plaintext = plaintext();
  return end;
}

std::uint64_t World::bridge_dropped() const {
  std::uint64_t most = 0;
  for (const testkit::MqttMessage& message : watch_->messages()) {
    most = std::max<std::uint64_t>(most, std::strtoull(message.payload.c_str(), nullptr, 10));
  }
  return most;
}

std::uint64_t World::bridge_lost() {
  if (const std::uint64_t dropped = bridge_dropped(); dropped > 0) return dropped;
  return published_ - arrived().size();
}

}  // namespace sudare::faults
