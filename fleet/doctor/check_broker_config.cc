#include "fleet/doctor/check_broker_config.h"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/limits.h"
#include "fleet/doctor/certificate.h"
#include "fleet/doctor/interface_address.h"
#include "fleet/doctor/trusted_path.h"
#include "gateway/policy/operator_file.h"

namespace sudare::doctor {
namespace {

// Fewer, and a gateway that restarts for some seconds loses messages.
constexpr std::int64_t kQueuedMessagesLeast = 10'000;

bool beyond_this_machine(const BrokerListener& listener) { return !is_of_this_machine(listener); }

std::string name_of(const BrokerListener& listener) {
  if (!listener.socket_path.empty()) return "the Unix socket";
  const std::string port = "port " + std::to_string(listener.port) + " of ";
  if (!listener.address.empty()) return port + listener.address;
  return port + (listener.interface.empty() ? "every interface" : listener.interface);
}

// Newer versions of Mosquitto want its files to be its own user's.
Owners owners_of(const BrokerConfig& config) {
  const passwd* const user = getpwnam(config.user.empty() ? "mosquitto" : config.user.c_str());
  return user == nullptr ? Owners{} : Owners{user->pw_uid};
}

void check_complaints(const BrokerConfig& config, Report& report) {
  Check check(report, "broker.config");
  check.ok(config.file);
  for (const BrokerComplaint& complaint : config.complaints) {
    check.problem(complaint.text, "mosquitto.conf(5); with a mistake in it, Mosquitto ends",
                  complaint.place.text());
  }
  std::vector<std::string> files = config.includes;
  files.insert(files.begin(), config.file);
  check_trusted_paths(files, owners_of(config), check);
  if (config.user == "root") {
    check.warning("user root: the broker keeps all its rights", "leave `user` out");
  }
}

// Mosquitto takes the interface's address, and with another one in the listener line it does not
// listen at all.
void check_interface(const BrokerListener& listener, Check& check) {
  if (listener.interface.empty() || listener.address.empty()) return;
  if (is_address_of(listener.interface, listener.address)) return;
  check.problem("nothing listens: " + listener.address + " is no address of " + listener.interface +
                    " on this machine",
                "leave out bind_interface, or the address", listener.place.text());
}

void check_listeners(const BrokerConfig& config, BrokerRole role, Report& report) {
  Check check(report, "broker.listen");
  std::string all;
  for (const BrokerListener& listener : config.listeners) {
    all += (all.empty() ? "" : ", ") + name_of(listener);
    if (listener.websockets) {
      check.warning(name_of(listener) +
                        " takes websockets: any web page in a browser of this "
                        "machine can connect",
                    "protocol mqtt", listener.place.text());
    }
    check_interface(listener, check);
    if (!beyond_this_machine(listener)) continue;
    if (listener.implied) {
      check.problem(
          "an option before the first listener line of its file opens " + name_of(listener),
          "write `listener 1883 127.0.0.1`, and what is its below it, in the same file",
          listener.place.line == 0 ? config.file : listener.place.text());
    } else if (role == BrokerRole::kVehicle) {
      check.problem(name_of(listener) +
                        " is open to other machines: what the car says passes here "
                        "in the clear",
                    "listener " + std::to_string(listener.port) + " 127.0.0.1, or a Unix socket",
                    listener.place.text());
    }
  }
  if (std::all_of(config.listeners.begin(), config.listeners.end(),
                  [](const BrokerListener& one) { return one.implied; }) &&
      check.clean()) {
    check.warning("no listener is named: Mosquitto opens what it thinks best",
                  "listener 1883 127.0.0.1", config.file);
  }
  check.ok(all);
}

// The file's permissions, and that its passwords are hashed.
void check_password_file(const std::string& file, const Owners& owners, Check& check) {
  struct stat info {};
  const auto text = read_operator_file(file, kOperatorFileBytesMax);
  if (!text || stat(file.c_str(), &info) != 0) {
    check.problem("the password file can't be read", "mosquitto_passwd makes it", file);
    return;
  }
  check_trusted_path(file, owners, check);
  if ((info.st_mode & S_IROTH) != 0) {
    check.warning("everybody may read the password file", "chmod 640; group mosquitto", file);
  }
  int line = 0;
  for (std::size_t at = 0; at < text->size();) {
    ++line;
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view entry = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    const std::size_t colon = entry.find(':');
    if (entry.empty() || entry.front() == '#' || colon == std::string_view::npos) continue;
    const std::string_view hash = entry.substr(colon + 1);
    if (!hash.starts_with("$6$") && !hash.starts_with("$7$")) {
      check.problem("a password in the clear", "mosquitto_passwd -U FILE hashes them",
                    Place{file, line}.text());
    }
  }
}

void check_anonymous(const BrokerConfig& config, Report& report) {
  Check check(report, "broker.anonymous");
  check.ok("who has no name is refused");
  std::set<std::string> password_files;
  for (const BrokerListener& listener : config.listeners) {
    const bool by_certificate = !listener.certfile.empty() && listener.require_certificate;
    if (listener.anonymous && by_certificate) {
      check.warning(name_of(listener) + ": who has a certificate needs no name",
                    "use_identity_as_username true and allow_anonymous false",
                    listener.place.text());
    } else if (listener.anonymous) {
      check.problem(name_of(listener) + " lets in everybody, without a name or password",
                    "allow_anonymous false, and a password_file", listener.place.text());
    }
    const BrokerSecurity& security = listener.security;
    if (!security.password_file.empty()) password_files.insert(security.password_file);
    if (!listener.anonymous && security.password_file.empty() && !listener.identity_is_user &&
        !security.plugin && !listener.psk) {
      check.problem(name_of(listener) + " lets in nobody",
                    "a password_file (mosquitto_passwd), or use_identity_as_username with "
                    "certificates",
                    listener.place.text());
    }
  }
  for (const std::string& file : password_files)
    check_password_file(file, owners_of(config), check);
}

void check_acls(const BrokerConfig& config, BrokerRole role, const BrokerNames& names,
                Report& report) {
  Check check(report, "broker.acl");
  std::set<std::string> files;
  for (const BrokerListener& listener : config.listeners) {
    if (listener.security.plugin) {
      check.warning(name_of(listener) + ": a plugin decides who may do what, which is not checked",
                    "see local.rights and its own manual", listener.place.text());
    } else if (listener.security.acl_file.empty()) {
      check.problem(name_of(listener) + ": without an acl_file everybody may do everything",
                    "acl_file: a user per app, and for each its topics", listener.place.text());
    } else if (files.insert(listener.security.acl_file).second) {
      auto text = read_operator_file(listener.security.acl_file, kOperatorFileBytesMax);
      if (!text) {
        check.problem("the acl_file can't be read", "Mosquitto does not start without it",
                      listener.security.acl_file);
        continue;
      }
      check_trusted_path(listener.security.acl_file, owners_of(config), check);
      check_acl(parse_acl({listener.security.acl_file, std::move(*text)}), role, names, check);
    }
  }
  if (!files.empty()) check.ok(*files.begin());
}

void check_limits(const BrokerConfig& config, Report& report) {
  Check check(report, "broker.limits");
  check.ok("queues and packets have bounds");
  const auto& queued = config.max_queued_messages;
  if (queued && queued->value == 0) {
    check.problem("max_queued_messages 0: memory without bound", "max_queued_messages 100000",
                  queued->place.text());
  } else if (!queued || queued->value < kQueuedMessagesLeast) {
    check.warning("so few messages wait for a consumer that restarts that some are lost",
                  "max_queued_messages 100000", queued ? queued->place.text() : config.file);
  }
  const auto& inflight = config.max_inflight_messages;
  const auto most = static_cast<std::int64_t>(kCommitMessagesMax);
  if (!inflight || inflight->value < most) {
    check.warning("fewer messages in flight than the gateway commits together: it is slower",
                  "max_inflight_messages 1000", inflight ? inflight->place.text() : config.file);
  }
  if (!config.max_packet_size || config.max_packet_size->value == 0) {
    check.warning("one client may send packets of 256 MB", "max_packet_size", config.file);
  }
}

// What would be kept, logged or sent on in the clear.
void check_plaintext(const BrokerConfig& config, BrokerRole role, Report& report) {
  Check check(report, "broker.plaintext");
  check.ok("nothing that should not is kept, logged or sent on in the clear");
  if (role == BrokerRole::kVehicle && config.persistence) {
    check.problem("persistence writes what the car says to the disk, in the clear",
                  "persistence false; apps keep their messages until a receipt",
                  config.persistence_place.text());
  }
  if (role == BrokerRole::kCloud && !config.persistence) {
    check.warning("batches that wait for their recipients are lost when the broker ends",
                  "persistence true: they are ciphertext", config.file);
  }
  for (const auto& [type, place] : config.log_types) {
    if (type == "all" || type == "debug") {
      check.problem("log_type " + type + " writes topics into the log",
                    "log_type error and log_type warning", place.text());
    } else if (type == "subscribe" || type == "unsubscribe") {
      check.warning("log_type " + type + " writes topics into the log", "leave it out",
                    place.text());
    }
  }
  if (role == BrokerRole::kVehicle) {
    for (const Place& bridge : config.bridges) {
      check.problem("a bridge sends what the car says to another broker, past every policy",
                    "remove the connection", bridge.text());
    }
  }
}

void check_broker_tls(const BrokerConfig& config, BrokerRole role, Report& report) {
  Check check(report, "broker.tls");
  check.ok(role == BrokerRole::kVehicle ? "none is needed on this machine" : "TLS 1.3");
  for (const BrokerListener& listener : config.listeners) {
    if (listener.certfile.empty()) {
      if (beyond_this_machine(listener) && role == BrokerRole::kCloud) {
        check.problem(name_of(listener) + " speaks without TLS",
                      "certfile, keyfile, cafile, tls_version tlsv1.3", listener.place.text());
      }
      continue;
    }
    if (listener.tls_version != "tlsv1.3") {
      check.warning(name_of(listener) + " takes TLS 1.2, which shows certificates to who listens",
                    "tls_version tlsv1.3", listener.place.text());
    }
    if (!listener.require_certificate) {
      check.warning(name_of(listener) + " asks for no certificate",
                    "require_certificate true and use_identity_as_username true",
                    listener.place.text());
    }
    check_certificate_file(listener.certfile, check);
    check_key_file(listener.keyfile, check);
  }
  if (role == BrokerRole::kVehicle && check.clean() &&
      std::any_of(config.listeners.begin(), config.listeners.end(), beyond_this_machine)) {
    check.skip("none is needed once no other machine can connect: broker.listen");
  }
}

}  // namespace

BrokerRole role_of(const BrokerConfig& config) {
  const bool any = std::any_of(config.listeners.begin(), config.listeners.end(),
                               [](const BrokerListener& one) { return !one.certfile.empty(); });
  return any ? BrokerRole::kCloud : BrokerRole::kVehicle;
}

void check_broker_config(const BrokerConfig& config, BrokerRole role, const BrokerNames& names,
                         Report& report) {
  check_complaints(config, report);
  check_listeners(config, role, report);
  check_anonymous(config, report);
  check_acls(config, role, names, report);
  check_limits(config, report);
  check_plaintext(config, role, report);
  check_broker_tls(config, role, report);
}

}  // namespace sudare::doctor
