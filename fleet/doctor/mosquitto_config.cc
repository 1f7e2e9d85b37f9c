#include "fleet/doctor/mosquitto_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "base/limits.h"
#include "fleet/doctor/mosquitto_options.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/policy/operator_file.h"

namespace sudare::doctor {
namespace {

constexpr std::uint16_t kDefaultPort = 1883;
constexpr std::string_view kLoopbackInterface = "lo";

// Mosquitto divides at spaces only.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return word;
}

// Case matters to Mosquitto; what follows the word does not.
std::optional<bool> bool_of(std::string_view text) {
  const std::string_view word = take_word(text);
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  return std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

// Where an option of a listener goes. Each file begins with the default listener, whatever the file
// that includes it has before, and that one goes on with its own.
struct Current {
  std::optional<std::size_t> listener;  // of BrokerConfig::listeners; none: the default listener
  bool moved = false;                   // an included file has opened listeners since
  bool plugin = false;
  bool bridge = false;
};

class Parser {
 public:
  Parser(BrokerConfig& config, const ReadIncludes& includes)
      : config_(config), includes_(includes) {}

  void read(const NamedText& file, bool included) {
    std::string_view rest = file.text;
    place_ = {file.name, 0};
    current_ = {};
    while (!rest.empty()) {
      ++place_.line;
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      line = line.substr(0, line.find_last_not_of('\r') + 1);
      if (line.starts_with('#')) continue;
      const std::string_view name = take_word(line);
      if (name.empty()) continue;
      const std::string_view value = without_blanks(line);
      if (name.find('\t') != std::string_view::npos) {
        complain("a tab where Mosquitto wants a space");
      } else if (value.empty()) {
        complain("an option that Mosquitto does not know, or that has no value");
      } else if (name == "include_dir") {
        include(std::string(line), included);
      } else {
        // A trailing tab is part of a word, but not of a path.
        option(name, is_taken_once(name) ? value : line);
      }
    }
  }

  // What the lines come to, once all are read.
  void finish() {
    const bool any_line = !config_.listeners.empty();
    if (!default_opens_.empty()) {
      default_.implied = true;
      if (default_.port == 0) default_.port = kDefaultPort;
      config_.listeners.push_back(default_);
    }
    if (config_.listeners.empty()) add_local_only();
    // "Local only mode", as Mosquitto calls it, lets in everybody, whatever allow_anonymous says;
    // at a default listener that `max_connections` opens, too.
    const bool local_only = !any_line && !asked_for_address_;
    for (BrokerListener& listener : config_.listeners) {
      if (!per_listener_) listener.security = shared_;
      // It takes what was not said for a "no" before it adds the default listener, not after.
      const bool if_not_said = per_listener_ && listener.implied;
      listener.anonymous =
          (local_only && !per_listener_) || listener.security.allow_anonymous.value_or(if_not_said);
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
    const auto files = includes_(directory);
    config_.includes.push_back(directory);
    if (!files) return complain("include_dir: " + directory + " can't be read");
    if (files->size() > kBrokerIncludesMax) complain("include_dir: too many files");
    const Place here = place_;
    const Current before = current_;
    const std::size_t listeners = config_.listeners.size();
    for (std::size_t i = 0; i < std::min(files->size(), kBrokerIncludesMax); ++i) {
      config_.includes.push_back((*files)[i].name);
      read((*files)[i], true);
    }
    place_ = here;
    current_ = before;
    if (config_.listeners.size() > listeners) current_.moved = current_.listener.has_value();
  }

  void option(std::string_view name, std::string_view value) {
    if (security_option(name, value) || limit_option(name, value) || tls_option(name, value)) {
      return;
    }
    if (name == "listener") return listen(value);
    if (name == "port" || name == "bind_address") return default_address(name, value);
    if (name == "user") {
      take_once(name, 0);
      config_.user = value;
    } else if (name == "connection") {
      current_.bridge = true;
      if (config_.bridges.size() < kBrokerListenersMax) config_.bridges.push_back(place_);
    } else {
      other_option(name, value);
    }
  }

  void other_option(std::string_view name, std::string_view value) {
    if (is_boolean(name) && !bool_of(value)) complain(kNoBool);
    switch (kind_of(name)) {
      case BrokerOption::kGeneral: return take_once(name, 0);
      case BrokerOption::kListener:
        if (name == "bind_interface") current().interface = value;
        if (name == "mount_point" && config_.listeners.empty()) complain("no listener above it");
        return of_listener(name, value);
      case BrokerOption::kPlugin:
        if (!current_.plugin) complain("an option of a plugin, and no plugin above it");
        return;
      case BrokerOption::kBridge:
        if (!current_.bridge) complain("an option of a bridge, and no connection above it");
        return;
      case BrokerOption::kUnknown: return complain("an option that Mosquitto 2.0 does not know");
    }
  }

  [[nodiscard]] BrokerListener& current() {
    return current_.listener ? config_.listeners[*current_.listener] : default_;
  }
  [[nodiscard]] BrokerSecurity& security() { return per_listener_ ? current().security : shared_; }

  // An option that the current listener has: the default one may open by it.
  void of_listener(std::string_view name, std::string_view value) {
    if (current_.listener) {
      if (std::exchange(current_.moved, false)) {
        complain("it may be lost: the included files open listeners, and Mosquitto 2.0.11 no " +
                 std::string("longer knows where the one above is"));
      }
      return take_once(name, 2 + *current_.listener);
    }
    take_once(name, 1);
    if (!opens_default_listener(name, value)) {
      default_opens_.erase(std::string(name));
      return;
    }
    if (default_opens_.empty()) default_.place = place_;
    default_opens_.insert(std::string(name));
  }

  // `owner`: 0, what all share; 1, the default listener; from 2, the other listeners.
  void take_once(std::string_view name, std::size_t owner) {
    if (is_taken_once(name) && !taken_.emplace(owner, name).second) {
      complain("it stands here for the second time");
    }
  }

  void listen(std::string_view value) {
    const auto port = number_of(take_word(value));
    if (!port || *port < 0 || *port > UINT16_MAX) return complain("listener: no port");
    if (config_.listeners.size() >= kBrokerListenersMax) return complain("too many listeners");
    std::string_view address = take_word(value);
    if (address.starts_with('#')) address = {};
    BrokerListener& listener = config_.listeners.emplace_back();
    current_.listener = config_.listeners.size() - 1;
    current_.moved = false;
    listener.place = place_;
    listener.port = static_cast<std::uint16_t>(*port);
    if (*port == 0) listener.socket_path = address;
    else listener.address = address;
    if (*port == 0 && address.empty()) complain("listener 0: a Unix socket without a path");
  }

  // Of the default listener, wherever it stands.
  void default_address(std::string_view name, std::string_view value) {
    asked_for_address_ = true;
    if (default_opens_.empty()) default_.place = place_;
    default_opens_.insert(std::string(name));
    if (name == "bind_address") {
      take_once(name, 1);
      default_.address = value;
      return;
    }
    const auto port = number_of(take_word(value));
    if (!port || *port < 1 || *port > UINT16_MAX) return complain("port: not a port");
    default_.port = static_cast<std::uint16_t>(*port);
  }

  bool security_option(std::string_view name, std::string_view value) {
    if (name == "per_listener_settings") {
      set(value, per_listener_);
      if (per_listener_ && security_said_) complain("it must stand before any security setting");
      return true;
    }
    BrokerSecurity& security = this->security();
    if (name == "allow_anonymous") {
      bool allowed = false;
      set(value, allowed);
      security.allow_anonymous = allowed;
    } else if (name == "password_file") security.password_file = value;
    else if (name == "acl_file") security.acl_file = value;
    else if (name == "auth_plugin" || name == "plugin") security.plugin = current_.plugin = true;
    else if (name != "psk_file" && name != "auto_id_prefix" && name != "check_retain_source" &&
             name != "allow_zero_length_clientid")
      return false;
    if (is_boolean(name) && !bool_of(value)) complain(kNoBool);
    security_said_ = true;
    if (per_listener_) of_listener(name, value);
    else take_once(name, 0);
    return true;
  }

  bool limit_option(std::string_view name, std::string_view value) {
    if (name == "max_queued_messages") set(value, config_.max_queued_messages);
    else if (name == "max_inflight_messages") set(value, config_.max_inflight_messages);
    else if (name == "max_packet_size") set(value, config_.max_packet_size);
    else if (name == "log_type") {
      if (config_.log_types.size() < kBrokerListenersMax) {
        config_.log_types.emplace_back(std::string(take_word(value)), place_);
      }
    } else if (name == "persistence" || name == "retained_persistence") {
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
    else if (name == "protocol") {
      const std::string_view protocol = take_word(value);
      listener.websockets = protocol == "websockets";
      if (protocol != "websockets" && protocol != "mqtt") complain("neither mqtt nor websockets");
      value = protocol;
    } else return false;
    of_listener(name, value);
    return true;
  }

  void set(std::string_view value, bool& into) {
    const auto parsed = bool_of(value);
    if (!parsed) return complain(kNoBool);
    into = *parsed;
  }
  void set(std::string_view value, std::optional<BrokerNumber>& into) {
    const auto parsed = number_of(take_word(value));
    if (!parsed || *parsed < 0) return complain("not a number");
    into = BrokerNumber{*parsed, place_};
  }

  // Neither per_listener_settings nor the default listener's options hold at these.
  void add_local_only() {
    for (const char* address : {"127.0.0.1", "::1"}) {
      BrokerListener& listener = config_.listeners.emplace_back();
      listener.place = {config_.file, 0};
      listener.port = kDefaultPort;
      listener.address = address;
      listener.implied = true;
    }
  }

  static constexpr const char* kNoBool = "neither true nor false";

  BrokerConfig& config_;
  const ReadIncludes& includes_;
  Place place_;
  Current current_;
  BrokerListener default_;
  std::set<std::string, std::less<>> default_opens_;  // the options that it opens by
  BrokerSecurity shared_;
  std::set<std::pair<std::size_t, std::string>> taken_;
  bool per_listener_ = false;
  bool security_said_ = false;
  bool asked_for_address_ = false;
};

// Mosquitto's order: letters of either case together, and what differs only there as bytes.
bool comes_before(const std::string& a, const std::string& b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] != b[i]) {
      return upper(a[i]) != upper(b[i]) ? upper(a[i]) < upper(b[i]) : a[i] < b[i];
    }
  }
  return a.size() < b.size();
}

std::optional<std::vector<NamedText>> read_includes(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".conf") paths.push_back(it->path().string());
  }
  if (error) return std::nullopt;
  std::sort(paths.begin(), paths.end(), comes_before);
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

bool is_of_this_machine(const BrokerListener& listener) {
  if (!listener.socket_path.empty()) return true;
  return listener.address.empty() ? listener.interface == kLoopbackInterface
                                  : is_loopback({listener.address, 0, false});
}

}  // namespace sudare::doctor
