#include "base/limits.h"
#include "fleet/doctor/broker_probe.h"
#include "fleet/doctor/check_live.h"
#include "fleet/doctor/listening.h"
#include "fleet/doctor/system_files.h"
#include "gateway/mqtt/hardware_key.h"
#include "gateway/mqtt/login.h"

namespace sudare::doctor {
namespace {

// Gives other bytes each time it is read: a password that is nobody's, without writing one.
constexpr const char* kWrongPassword = "/proc/sys/kernel/random/uuid";

std::string url_of(const MqttEndpoint& endpoint) {
  return std::string(endpoint.tls ? "mqtts://" : "mqtt://") + endpoint.host + ":" +
         std::to_string(endpoint.port);
}

bool check_connect(const LocalPlan& local, const std::string& url, Report& report) {
  Check check(report, "local.connect");
  check.ok(url);
  const ProbeAnswer answer = probe({local.peer, {}, {}, {}});
  if (answer.entry == Entry::kAccepted) return true;
  check.problem(describe(answer),
                answer.entry == Entry::kRefused
                    ? "is the gateway's user in the broker's password_file, with this password?"
                : not_asked(answer) ? kOwnFileHint
                                    : "is the broker running, and does it listen there?",
                url);
  return answer.entry == Entry::kRefused;
}

void check_exposed(const MqttEndpoint& endpoint, std::set<std::uint16_t> broker_ports,
                   const std::string& url, const std::string& proc, Report& report) {
  Check check(report, "local.exposed");
  if (!is_loopback(endpoint)) {
    check.warning(
        "the in-vehicle broker is on another machine: what the car says passes a network",
        endpoint.tls ? "see that nobody else reaches it" : "mqtts://, or the same machine", url);
    return;
  }
  broker_ports.insert(endpoint.port);
  std::string all;
  for (const std::uint16_t port : broker_ports) {
    all += (all.empty() ? "" : ", ") + std::to_string(port);
  }
  check.ok("open to this machine alone: port " + all);
  std::set<std::uint16_t> exposed;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    const auto text = read_system_file(proc + table);
    if (!text) continue;  // a kernel without IPv6
    for (const ListeningPort& one : parse_listening(*text)) {
      if (!one.loopback && broker_ports.count(one.port) > 0) exposed.insert(one.port);
    }
  }
  for (const std::uint16_t port : exposed) {
    const std::string text = "port " + std::to_string(port);
    check.problem(text + " is open to other machines, whatever its configuration says",
                  "listener " + std::to_string(port) + " 127.0.0.1, then restart the broker", url);
  }
}

// One who must not be let in; only a refusal shows that.
void ask_as_stranger(const MqttPeer& stranger, const char* let_in, const char* hint,
                     const std::string& url, Check& check) {
  const ProbeAnswer answer = probe({stranger, {}, {}, {}});
  if (answer.entry == Entry::kAccepted) {
    check.problem(let_in, hint, url);
  } else if (!refuses_stranger(answer)) {
    check.skip("neither let in nor refused: " + describe(answer));
  }
}

void check_strangers(const LocalPlan& local, const std::string& url, Report& report) {
  Check check(report, "local.strangers");
  check.ok("who has no name, or another password, is refused");
  MqttPeer nobody = local.peer;
  nobody.username.clear();
  nobody.password_file.clear();
  nobody.cert_file.clear();
  nobody.key_file.clear();
  ask_as_stranger(nobody, "whoever has no name and no password is let in",
                  "allow_anonymous false, and a password_file", url, check);
  if (local.peer.username.empty()) {
    check.warning("the gateway has no name at this broker: it can't be told from an app",
                  "local { username: … password_file: … }", url);
    return;
  }
  MqttPeer liar = local.peer;
  liar.password_file = kWrongPassword;
  ask_as_stranger(liar, "the gateway's name is let in with any password", "password_file", url,
                  check);
}

void check_rights(const LocalPlan& local, const std::string& receipt_topic, const std::string& url,
                  Report& report) {
  Check check(report, "local.rights");
  if (local.peer.version == MqttVersion::k311) {
    check.skip("MQTT 3.1.1 has no word for a refusal");
    return;
  }
  check.ok("the gateway may read, and write receipts only");
  const std::string name = "sudare-doctor-" + random_client_id();
  const std::string own = receipt_topic + "/" + name;
  const ProbeAnswer answer = probe({local.peer, {}, own, {own, "sudare-doctor/" + name}});
  if (answer.entry != Entry::kAccepted) {
    check.skip("the gateway is not let in");
    return;
  }
  const auto taken = [&](std::size_t i) {
    return answer.published[i] && *answer.published[i] < kRefusalLeast;
  };
  if (!taken(0)) {
    check.warning("the gateway may not write receipts",
                  "topic write " + receipt_topic + "/#, if apps wait for receipts", url);
  } else if (!answer.received) {
    check.problem("the gateway hears nothing", "topic read #, for its user", url);
  }
  if (taken(1)) {
    check.warning("the gateway may write to any topic",
                  "topic write " + receipt_topic + "/#, and nothing else to write", url);
  }
}

}  // namespace

void check_local(const LocalPlan& local, const std::set<std::uint16_t>& broker_ports,
                 const std::string& receipt_topic, const std::string& proc, Report& report) {
  const std::string url = url_of(local.peer.endpoint);
  static_cast<void>(prepare_hardware_key(local.peer));  // what fails of it fails in the probe
  const bool there = check_connect(local, url, report);
  check_exposed(local.peer.endpoint, broker_ports, url, proc, report);
  if (!there) {
    Check(report, "local.strangers").skip("no broker answers");
    Check(report, "local.rights").skip("no broker answers");
    return;
  }
  check_strangers(local, url, report);
  check_rights(local, receipt_topic, url, report);
}

void skip_local(const std::string& why, Report& report) {
  for (const char* id : {"local.connect", "local.exposed", "local.strangers", "local.rights"}) {
    Check(report, id).skip(why);
  }
}

}  // namespace sudare::doctor
