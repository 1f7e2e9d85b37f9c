#include "gateway/mqtt/endpoint.h"

#include <algorithm>
#include <charconv>

namespace sudare {
namespace {

constexpr std::uint16_t kPort = 1883;
constexpr std::uint16_t kTlsPort = 8883;
constexpr std::size_t kHostBytesMax = 253;  // the longest DNS name

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return fail(ErrorCode::kMalformed, "broker URL: the port is not a number from 1 to 65535");
  }
  return port;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

// "HOST", "HOST:PORT", "[V6]", "[V6]:PORT" → host and what follows it.
Result<std::string_view> take_host(std::string_view rest, std::string& host) {
  if (!rest.empty() && rest.front() == '[') {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) {
      return fail(ErrorCode::kMalformed, "broker URL: \"[\" without \"]\"");
    }
    host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    host = rest.substr(0, colon);
    rest.remove_prefix(colon);
  }
  if (host.empty() || host.size() > kHostBytesMax ||
      !std::all_of(host.begin(), host.end(), is_host_character)) {
    return fail(ErrorCode::kMalformed, "broker URL: the host is not a name or an address");
  }
  return rest;
}

}  // namespace

Result<MqttEndpoint> parse_mqtt_url(std::string_view url) {
  MqttEndpoint endpoint;
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, std::min(scheme_end, url.size()));
  if (scheme_end == std::string_view::npos || (scheme != "mqtt" && scheme != "mqtts")) {
    return fail(ErrorCode::kUnsupported, "broker URL: it starts with mqtt:// or mqtts://");
  }
  endpoint.tls = scheme == "mqtts";
  std::string_view rest = url.substr(scheme_end + 3);
  if (rest.find('@') != std::string_view::npos) {
    return fail(ErrorCode::kRefused,
                "broker URL: no user or password in it; use username and a password file");
  }
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  TRY(const std::string_view port, take_host(rest, endpoint.host));
  endpoint.port = endpoint.tls ? kTlsPort : kPort;
  if (port.empty()) return endpoint;
  if (port.front() != ':') {
    return fail(ErrorCode::kMalformed, "broker URL: something follows the host");
  }
  TRY(endpoint.port, parse_port(port.substr(1)));
  return endpoint;
}

bool is_loopback(const MqttEndpoint& endpoint) {
  const std::string& host = endpoint.host;
  if (host == "localhost" || host == "::1") return true;
  // Digits and dots only: "127.example.com" is a name of somebody else's.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace sudare
