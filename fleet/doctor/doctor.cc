#include "fleet/doctor/doctor.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/clock.h"
#include "fleet/doctor/broker_probe.h"
#include "fleet/doctor/check_broker_config.h"
#include "fleet/doctor/check_live.h"
#include "fleet/doctor/trusted_path.h"
#include "gateway/config/load_config.h"
#include "gateway/policy/topic.h"

namespace sudare::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianBrokerConfig = "/etc/mosquitto/mosquitto.conf";
constexpr std::string_view kCredentials = "/run/credentials/";

void add(const Diagnostics& diagnostics, Check& check) {
  for (const Diagnostic& one : diagnostics) {
    const std::string where = Place{one.file(), one.line()}.text();
    if (one.severity() == DiagnosticSeverity::kError) check.problem(one.text(), one.hint(), where);
    else check.warning(one.text(), one.hint(), where);
  }
}

void find_credentials(MqttPeer& peer, const std::string& config_file) {
  for (std::string* file : {&peer.key_file, &peer.password_file, &peer.cert_file, &peer.ca_file}) {
    *file = credential_source(*file, config_file);
  }
}

std::optional<GatewayConfigPlan> read_config(const std::string& file, Report& report) {
  Check check(report, "config.read");
  ConfigLoad load = load_config_file(file);
  check.ok(file);
  add(load.diagnostics, check);
  if (!load.plan) return std::nullopt;
  find_credentials(load.plan->local.peer, file);
  find_credentials(load.plan->cloud.peer, file);
  return std::move(load.plan);
}

std::string broker_config_of(const Subject& subject, const GatewayConfigPlan* plan) {
  if (!subject.broker_config_file.empty()) return subject.broker_config_file;
  if (subject.config_file.empty()) return {};
  if (plan != nullptr && !is_loopback(plan->local.peer.endpoint)) return {};
  const std::string beside =
      (fs::absolute(subject.config_file).parent_path() / "mosquitto.conf").string();
  std::error_code error;
  for (const std::string& file : {beside, std::string(kDebianBrokerConfig)}) {
    if (fs::exists(file, error)) return file;
  }
  return {};
}

BrokerNames names_of(const GatewayConfigPlan* plan, const Policy* policy) {
  BrokerNames names;
  if (plan != nullptr) {
    if (!plan->local.peer.username.empty()) names.gateway_user = plan->local.peer.username;
    names.consent_topic = plan->consent_topic;
    names.receipt_topic = plan->receipt_topic;
    if (!plan->cloud.policy_topic.empty()) names.policy_topic = plan->cloud.policy_topic;
  }
  if (policy != nullptr) {
    for (const SourcePlan& source : policy->sources) {
      names.source_filters.push_back(filter_of(source.levels));
    }
  }
  return names;
}

// The ports that it says are opened.
std::set<std::uint16_t> check_static_broker(const Subject& subject, const GatewayConfigPlan* plan,
                                            const Policy* policy, Report& report) {
  const std::string file = broker_config_of(subject, plan);
  if (file.empty()) {
    for (const std::string_view id : kChecks) {
      if (id.starts_with("broker.")) Check(report, id).skip("no --broker-config, and none found");
    }
    return {};
  }
  const BrokerConfig config = read_broker_config(file);
  // Beside a gateway it carries what the car says, whatever it looks like.
  const BrokerRole role = subject.config_file.empty() ? role_of(config) : BrokerRole::kVehicle;
  check_broker_config(config, role, names_of(plan, policy), report);
  std::set<std::uint16_t> ports;
  for (const BrokerListener& one : config.listeners) {
    if (one.socket_path.empty()) ports.insert(one.port);
  }
  return ports;
}

void check_named_files(const GatewayConfigPlan& plan, const std::string& config_file,
                       Report& report) {
  Check check(report, "config.files");
  check.ok("what it names is there, and others can't change it");
  add(check_config_files(plan), check);
  check_trusted_paths(trusted_files_of(plan, config_file), owners_of(plan), check);
}

void examine_unit(const Subject& subject, Report& report) {
  const auto plan = read_config(subject.config_file, report);
  if (!plan) {
    for (const std::string_view id : kChecks) {
      if (id != "config.read" && !id.starts_with("broker.") && !id.starts_with("machine.")) {
        Check(report, id).skip("the configuration can't be read");
      }
    }
    check_machine(subject.places, report);
    check_static_broker(subject, nullptr, nullptr, report);
    return;
  }
  check_named_files(*plan, subject.config_file, report);
  // What opens files of the state directory comes before the store: the first close() of outbox.db
  // anywhere in a process lets go of all of SQLite's locks on it (POSIX).
  check_disk(*plan, report);
  check_machine(subject.places, report);
  check_state_files(*plan, subject.config_file, report);
  const auto state = check_store(*plan, report);
  const std::int64_t floor_day = check_clock(state.get(), subject.places, report);
  const auto policy = check_policy(*plan, state.get(), floor_day, report);
  check_car(state.get(), policy.get(), report);
  const auto ports = check_static_broker(subject, &*plan, policy.get(), report);
  check_local(plan->local, ports, plan->receipt_topic, subject.places.proc, report);
  const std::int64_t now_ms = std::max(SystemClock().wall_ms(), floor_day * kMsPerDay);
  check_cloud(plan->cloud.peer, now_ms, report);
}

}  // namespace

std::string credential_source(const std::string& path, const std::string& config_file) {
  std::error_code error;
  if (!path.starts_with(kCredentials) || fs::exists(path, error)) return path;
  const fs::path beside = fs::absolute(config_file).parent_path() / fs::path(path).filename();
  return fs::exists(beside, error) ? beside.string() : path;
}

void examine(const Subject& subject, Report& report) {
  bound_name_lookups();
  if (!subject.config_file.empty()) return examine_unit(subject, report);
  if (!subject.broker_config_file.empty()) check_static_broker(subject, nullptr, nullptr, report);
  if (subject.broker) check_cloud(*subject.broker, SystemClock().wall_ms(), report);
}

}  // namespace sudare::doctor
