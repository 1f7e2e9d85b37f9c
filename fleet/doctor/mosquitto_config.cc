#include "fleet/doctor/mosquitto_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/limits.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/policy/operator_file.h"

namespace sudare::doctor {
namespace {

constexpr std::uint16_t kDefaultPort = 1883;

// Options of mosquitto.conf(5) that say nothing about who gets in or what is kept.
const std::set<std::string_view>& other_options() {
  static const std::set<std::string_view> names = {"allow_duplicate_messages",
                                                   "allow_zero_length_clientid",
                                                   "auth_plugin_deny_special_chars",
                                                   "auto_id_prefix",
                                                   "autosave_interval",
                                                   "autosave_on_changes",
                                                   "check_retain_source",
                                                   "clientid_prefixes",
                                                   "connection_messages",
                                                   "log_dest",
                                                   "log_facility",
                                                   "log_timestamp",
                                                   "log_timestamp_format",
                                                   "max_inflight_bytes",
                                                   "max_keepalive",
                                                   "max_queued_bytes",
                                                   "memory_limit",
                                                   "message_size_limit",
                                                   "persistence_file",
                                                   "persistence_location",
                                                   "persistent_client_expiration",
                                                   "pid_file",
                                                   "queue_qos0_messages",
                                                   "retain_available",
                                                   "set_tcp_nodelay",
                                                   "sys_interval",
                                                   "upgrade_outgoing_qos",
                                                   "websockets_headers_size",
                                                   "websockets_log_level"};
  return names;
}

// Options of a listener that are of no concern here, but open the default listener.
const std::set<std::string_view>& other_listener_options() {
  static const std::set<std::string_view> names = {"bind_interface",
                                                   "cafile",
                                                   "capath",
                                                   "ciphers",
                                                   "ciphers_tls1.3",
                                                   "crlfile",
                                                   "dhparamfile",
                                                   "http_dir",
                                                   "max_connections",
                                                   "max_qos",
                                                   "max_topic_alias",
                                                   "mount_point",
                                                   "socket_domain",
                                                   "tls_engine",
                                                   "tls_engine_kpass_sha1",
                                                   "tls_keyform",
                                                   "use_username_as_clientid"};
  return names;
}

// Of a bridge, behind its `connection`.
bool is_bridge_option(std::string_view name) {
  constexpr std::array kNames = {"address",
                                 "addresses",
                                 "cleansession",
                                 "clientid",
                                 "idle_timeout",
                                 "keepalive_interval",
                                 "local_cleansession",
                                 "local_clientid",
                                 "local_password",
                                 "local_username",
                                 "notification_topic",
                                 "notifications",
                                 "notifications_local_only",
                                 "password",
                                 "remote_clientid",
                                 "remote_password",
                                 "remote_username",
                                 "restart_timeout",
                                 "round_robin",
                                 "start_type",
                                 "threshold",
                                 "topic",
                                 "try_private",
                                 "username"};
  return name.starts_with("bridge_") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Mosquitto divides at spaces only.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return word;
}

std::optional<bool> bool_of(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "true" || lower == "1") return true;
  if (lower == "false" || lower == "0") return false;
  return std::nullopt;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

class Parser {
 public:
  Parser(BrokerConfig& config, const ReadIncludes& includes)
      : config_(config), includes_(includes) {}

  void read(const NamedText& file, bool included) {
    std::string_view rest = file.text;
    place_ = {file.name, 0};
    while (!rest.empty()) {
      ++place_.line;
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      line = line.substr(0, line.find_last_not_of(" \t\r\v\f") + 1);
      if (line.empty() || line.front() == '#') continue;
      const std::string_view name = take_word(line);
      if (name == "include_dir") {
        include(std::string(line), included);
      } else {
        option(name, line);
      }
    }
  }

  // What the lines come to, once all are read.
  void finish() {
    const bool any_line = !config_.listeners.empty();
    if (default_used_) {
      default_.implied = true;
      if (default_.port == 0) default_.port = kDefaultPort;
      config_.listeners.push_back(default_);
    }
    // "Local only mode": neither is what follows it then.
    const bool local_only = !any_line && !asked_for_address_;
    if (!any_line && !default_used_) add_local_only();
    for (BrokerListener& listener : config_.listeners) {
      if (!per_listener_) listener.security = shared_;
      listener.anonymous = listener.security.allow_anonymous.value_or(local_only);
    }
  }

 private:
  void complain(std::string text) {
    if (config_.complaints.size() < kBrokerComplaintsMax) {
      config_.complaints.push_back({place_, std::move(text)});
    }
  }

  void include(const std::string& directory, bool included) {
    if (included) return;  // Mosquitto looks at it in the first file only
    const Place here = place_;
    const auto files = includes_(directory);
    if (!files) return complain("include_dir: " + directory + " can't be read");
    if (files->size() > kBrokerIncludesMax) complain("include_dir: too many files");
    for (std::size_t i = 0; i < std::min(files->size(), kBrokerIncludesMax); ++i) {
      read((*files)[i], true);
    }
    place_ = here;
  }

  void option(std::string_view name, std::string_view value) {
    if (name.find('\t') != std::string_view::npos) {
      return complain("a tab where Mosquitto wants a space");
    }
    if (security_option(name, value) || limit_option(name, value) || tls_option(name, value)) {
      return;
    }
    if (name == "listener") return listen(value);
    if (name == "port" || name == "bind_address") return default_address(name, value);
    if (name == "protocol") {
      current().websockets = value == "websockets";
      return use_default_listener();
    }
    if (name == "connection") {
      if (config_.bridges.size() < kBrokerListenersMax) config_.bridges.push_back(place_);
      return;
    }
    if (name == "user") {
      config_.user = value;
      return;
    }
    if (other_listener_options().count(name) > 0) return use_default_listener();
    if (other_options().count(name) > 0 || name.starts_with("auth_opt_") ||
        name.starts_with("plugin_opt_")) {
      return;
    }
    if (!config_.bridges.empty() && is_bridge_option(name)) return;
    complain("an option that Mosquitto 2.0 does not know");
  }

  [[nodiscard]] BrokerListener& current() {
    return at_listener_ ? config_.listeners.back() : default_;
  }
  void use_default_listener() { default_used_ = default_used_ || !at_listener_; }
  [[nodiscard]] BrokerSecurity& security() { return per_listener_ ? current().security : shared_; }

  void listen(std::string_view value) {
    const auto port = number_of(take_word(value));
    if (!port || *port < 0 || *port > UINT16_MAX) return complain("listener: no port");
    if (config_.listeners.size() >= kBrokerListenersMax) return complain("too many listeners");
    BrokerListener& listener = config_.listeners.emplace_back();
    at_listener_ = true;
    listener.place = place_;
    listener.port = static_cast<std::uint16_t>(*port);
    if (*port == 0) listener.socket_path = value;
    else listener.address = value;
    if (*port == 0 && value.empty()) complain("listener 0: a Unix socket without a path");
  }

  void default_address(std::string_view name, std::string_view value) {
    asked_for_address_ = true;
    default_used_ = true;
    default_.place = place_;
    if (name == "bind_address") {
      default_.address = value;
      return;
    }
    const auto port = number_of(value);
    if (!port || *port < 1 || *port > UINT16_MAX) return complain("port: not a port");
    default_.port = static_cast<std::uint16_t>(*port);
  }

  bool security_option(std::string_view name, std::string_view value) {
    if (name == "per_listener_settings") set(value, per_listener_);
    else if (name == "allow_anonymous") {
      bool allowed = false;
      set(value, allowed);
      security().allow_anonymous = allowed;
    } else if (name == "password_file") security().password_file = value;
    else if (name == "acl_file") security().acl_file = value;
    else if (name == "auth_plugin" || name == "plugin" || name == "global_plugin")
      security().plugin = true;
    else if (name == "psk_file") return true;
    else return false;
    return true;
  }

  bool limit_option(std::string_view name, std::string_view value) {
    if (name == "max_queued_messages") set(value, config_.max_queued_messages);
    else if (name == "max_inflight_messages") set(value, config_.max_inflight_messages);
    else if (name == "max_packet_size") set(value, config_.max_packet_size);
    else if (name == "log_type") {
      if (config_.log_types.size() < kBrokerListenersMax) {
        config_.log_types.emplace_back(std::string(value), place_);
      }
    } else if (name == "persistence") {
      set(value, config_.persistence);
      config_.persistence_place = place_;
    } else return false;
    return true;
  }

  bool tls_option(std::string_view name, std::string_view value) {
    BrokerListener& listener = current();
    if (name == "certfile") listener.certfile = value;
    else if (name == "keyfile") listener.keyfile = value;
    else if (name == "tls_version") listener.tls_version = value;
    else if (name == "psk_hint") listener.psk = true;
    else if (name == "require_certificate") set(value, listener.require_certificate);
    else if (name == "use_identity_as_username" || name == "use_subject_as_username")
      set(value, listener.identity_is_user);
    else return false;
    if (!at_listener_ && default_.place.line == 0) default_.place = place_;
    use_default_listener();
    return true;
  }

  void set(std::string_view value, bool& into) {
    const auto parsed = bool_of(value);
    if (!parsed) return complain("neither true nor false");
    into = *parsed;
  }
  void set(std::string_view value, std::optional<BrokerNumber>& into) {
    const auto parsed = number_of(value);
    if (!parsed || *parsed < 0) return complain("not a number");
    into = BrokerNumber{*parsed, place_};
  }

  void add_local_only() {
    for (const char* address : {"127.0.0.1", "::1"}) {
      BrokerListener& listener = config_.listeners.emplace_back();
      listener.place = {config_.file, 0};
      listener.port = kDefaultPort;
      listener.address = address;
      listener.implied = true;
      if (per_listener_) listener.security = default_.security;
    }
  }

  BrokerConfig& config_;
  const ReadIncludes& includes_;
  Place place_;
  BrokerListener default_;
  BrokerSecurity shared_;
  bool per_listener_ = false;
  bool at_listener_ = false;
  bool default_used_ = false;
  bool asked_for_address_ = false;
};

std::optional<std::vector<NamedText>> read_includes(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".conf") paths.push_back(it->path().string());
  }
  if (error) return std::nullopt;
  std::sort(paths.begin(), paths.end());
  std::vector<NamedText> files;
  for (const std::string& path : paths) {
    auto text = read_operator_file(path, kOperatorFileBytesMax);
    if (!text) return std::nullopt;
    files.push_back({path, std::move(*text)});
    if (files.size() > kBrokerIncludesMax) break;
  }
  return files;
}

}  // namespace

BrokerConfig parse_broker_config(const NamedText& file, const ReadIncludes& includes) {
  BrokerConfig config;
  config.file = file.name;
  Parser parser(config, includes);
  parser.read(file, false);
  parser.finish();
  return config;
}

BrokerConfig read_broker_config(const std::string& path) {
  auto text = read_operator_file(path, kOperatorFileBytesMax);
  if (text) return parse_broker_config({path, std::move(*text)}, read_includes);
  BrokerConfig config;
  config.file = path;
  config.complaints.push_back({{path, 0}, "it can't be read"});
  return config;
}

bool is_loopback_address(const std::string& address) { return is_loopback({address, 0, false}); }

}  // namespace sudare::doctor
