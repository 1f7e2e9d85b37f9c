// A Mosquitto configuration as Mosquitto 2.0 understands it (mosquitto.conf(5), and what 2.0.11
// does beside it): which listeners it opens, and who is let in at each. Settings that concern
// neither are known by name and passed over.
//
// What its manual does not say: an option of a listener that stands before the first `listener`
// line of its file is the default listener's, and if that has any, it is opened too: port 1883 of
// every interface. A lone `cafile` does it; so does, in an included file, a `max_connections`,
// since each included file begins anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sudare::doctor {

// Bounds what a configuration that is no configuration costs.
inline constexpr std::size_t kBrokerListenersMax = 64;
inline constexpr std::size_t kBrokerIncludesMax = 64;
inline constexpr std::size_t kBrokerComplaintsMax = 32;

struct Place {
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
  [[nodiscard]] std::string text() const {
    return line == 0 ? file : file + ":" + std::to_string(line);
  }
};

// Who is let in. With per_listener_settings each listener has its own; else all share one.
struct BrokerSecurity {
  std::optional<bool> allow_anonymous;
  std::string password_file;
  std::string acl_file;
  bool plugin = false;  // code that this reader knows nothing of decides
};

struct BrokerListener {
  Place place;
  std::uint16_t port = 0;
  std::string address;      // as written; empty: every interface
  std::string interface;    // bind_interface; empty: none
  std::string socket_path;  // not empty: a Unix socket, and no port
  bool implied = false;     // no `listener` line asks for it
  bool websockets = false;
  std::string certfile;
  std::string keyfile;
  std::string tls_version;
  bool psk = false;
  bool require_certificate = false;
  bool identity_is_user = false;  // use_identity_as_username, use_subject_as_username
  BrokerSecurity security;        // as it holds at this listener
  bool anonymous = false;         // whether a client without a name is let in, as it holds
};

// A number that was written, and where.
struct BrokerNumber {
  std::int64_t value = 0;
  Place place;
};

struct BrokerComplaint {
  Place place;
  std::string text;
};

struct BrokerConfig {
  std::string file;
  std::vector<std::string> includes;      // directories, and their files that it reads
  std::vector<BrokerListener> listeners;  // that it opens, implied ones included
  bool persistence = false;
  Place persistence_place;
  std::optional<BrokerNumber> max_queued_messages;
  std::optional<BrokerNumber> max_inflight_messages;
  std::optional<BrokerNumber> max_packet_size;
  std::vector<std::pair<std::string, Place>> log_types;
  std::vector<Place> bridges;
  std::string user;  // empty: "mosquitto"
  // What Mosquitto would not start with, or this reader does not know.
  std::vector<BrokerComplaint> complaints;
};

struct NamedText {
  std::string name;
  std::string text;
};
// The files of an include_dir in their order; nothing where it can't be read.
using ReadIncludes = std::function<std::optional<std::vector<NamedText>>(const std::string&)>;

// Pure but for `includes`. Text that makes no sense makes complaints.
[[nodiscard]] BrokerConfig parse_broker_config(const NamedText& file, const ReadIncludes& includes);
// Reads it and what it includes, each at most kOperatorFileBytesMax. What can't be read is a
// complaint.
[[nodiscard]] BrokerConfig read_broker_config(const std::string& path);

// Whether nobody beyond this machine reaches it: a Unix socket, a loopback address, or the loopback
// interface.
[[nodiscard]] bool is_of_this_machine(const BrokerListener& listener);

}  // namespace sudare::doctor
