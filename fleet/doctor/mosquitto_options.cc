#include "fleet/doctor/mosquitto_options.h"

#include <algorithm>
#include <array>

namespace sudare::doctor {
namespace {

constexpr std::array<std::string_view, 26> kGeneral = {"allow_duplicate_messages",
                                                       "autosave_interval",
                                                       "autosave_on_changes",
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
                                                       "retry_interval",
                                                       "set_tcp_nodelay",
                                                       "sys_interval",
                                                       "upgrade_outgoing_qos",
                                                       "websockets_headers_size",
                                                       "websockets_log_level"};

constexpr std::array<std::string_view, 18> kListener = {
    "bind_interface",  "cafile",
    "capath",          "ciphers",
    "ciphers_tls1.3",  "crlfile",
    "dhparamfile",     "http_dir",
    "max_connections", "max_qos",
    "max_topic_alias", "maximum_qos",
    "mount_point",     "socket_domain",
    "tls_engine",      "tls_engine_kpass_sha1",
    "tls_keyform",     "use_username_as_clientid"};

constexpr std::array<std::string_view, 24> kBridge = {"address",
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

// Read by conf__parse_string() there.
constexpr std::array<std::string_view, 25> kOnce = {"acl_file",
                                                    "auto_id_prefix",
                                                    "bind_address",
                                                    "bind_interface",
                                                    "cafile",
                                                    "capath",
                                                    "certfile",
                                                    "ciphers",
                                                    "ciphers_tls1.3",
                                                    "clientid_prefixes",
                                                    "crlfile",
                                                    "dhparamfile",
                                                    "http_dir",
                                                    "keyfile",
                                                    "log_timestamp_format",
                                                    "mount_point",
                                                    "password_file",
                                                    "persistence_file",
                                                    "persistence_location",
                                                    "pid_file",
                                                    "psk_file",
                                                    "psk_hint",
                                                    "tls_engine",
                                                    "tls_version",
                                                    "user"};

constexpr std::array<std::string_view, 16> kBoolean = {"allow_duplicate_messages",
                                                       "allow_zero_length_clientid",
                                                       "auth_plugin_deny_special_chars",
                                                       "autosave_on_changes",
                                                       "check_retain_source",
                                                       "cleansession",
                                                       "connection_messages",
                                                       "local_cleansession",
                                                       "log_timestamp",
                                                       "notifications",
                                                       "notifications_local_only",
                                                       "queue_qos0_messages",
                                                       "retain_available",
                                                       "set_tcp_nodelay",
                                                       "upgrade_outgoing_qos",
                                                       "use_username_as_clientid"};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

BrokerOption kind_of(std::string_view name) {
  if (is_in(kGeneral, name)) return BrokerOption::kGeneral;
  if (is_in(kListener, name)) return BrokerOption::kListener;
  if (name.starts_with("auth_opt_") || name.starts_with("plugin_opt_") ||
      name == "auth_plugin_deny_special_chars") {
    return BrokerOption::kPlugin;
  }
  if (name.starts_with("bridge_") || is_in(kBridge, name)) return BrokerOption::kBridge;
  return BrokerOption::kUnknown;
}

bool is_taken_once(std::string_view name) { return is_in(kOnce, name); }

bool is_boolean(std::string_view name) { return is_in(kBoolean, name); }

bool opens_default_listener(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 6> kNever = {"acl_file",        "allow_anonymous",
                                                      "auto_id_prefix",  "http_dir",
                                                      "max_topic_alias", "tls_version"};
  constexpr std::array<std::string_view, 4> kIfTrue = {
      "require_certificate", "use_identity_as_username", "use_subject_as_username",
      "use_username_as_clientid"};
  const std::string_view word = value.substr(0, value.find(' '));
  if (is_in(kNever, name)) return false;
  if (is_in(kIfTrue, name)) return word == "true" || word == "1";
  if (name == "allow_zero_length_clientid") return word == "false" || word == "0";
  if (name == "max_connections") return !word.starts_with('-');
  if (name == "max_qos" || name == "maximum_qos") return word != "2";
  if (name == "protocol") return word != "mqtt";
  if (name == "tls_keyform") return word == "engine";
  return true;
}

}  // namespace sudare::doctor
