#include "sim/process/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

// The page has some 200 lines.
constexpr std::size_t kPageBytesMax = 1024 * 1024;

// key="value",… up to the closing brace, which `text` begins after.
bool take_labels(std::string_view& text, std::map<std::string, std::string>& labels) {
  while (!text.empty() && text.front() != '}') {
    const std::size_t equals = text.find("=\"");
    if (equals == std::string_view::npos) return false;
    const std::size_t end = text.find('"', equals + 2);
    if (end == std::string_view::npos) return false;
    labels[std::string(text.substr(0, equals))] = text.substr(equals + 2, end - equals - 2);
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::uint64_t Metrics::sum(std::string_view name,
                           const std::map<std::string, std::string>& labels) const {
  double total = 0;
  for (const Metric& metric : all_) {
    const bool fits =
        metric.name == name &&
        std::includes(metric.labels.begin(), metric.labels.end(), labels.begin(), labels.end());
    if (fits) total += metric.value;
  }
  return static_cast<std::uint64_t>(std::llround(std::max(0.0, total)));
}

std::vector<std::string> Metrics::values_of(std::string_view name, const std::string& label) const {
  std::set<std::string> values;
  for (const Metric& metric : all_) {
    const auto found = metric.labels.find(label);
    if (metric.name == name && found != metric.labels.end()) values.insert(found->second);
  }
  return {values.begin(), values.end()};
}

Metrics parse_metrics(std::string_view text) {
  std::vector<Metric> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string_view::npos) continue;
    Metric metric;
    metric.name = line.substr(0, name_end);
    const bool labelled = line[name_end] == '{';
    line.remove_prefix(name_end + 1);
    if (labelled && !take_labels(line, metric.labels)) continue;
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    const auto value = parse_number(line.substr(0, line.find(' ')));
    if (!value) continue;
    metric.value = *value;
    all.push_back(std::move(metric));
  }
  return Metrics(std::move(all));
}

Parsed<Metrics> fetch_metrics(std::uint16_t port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{1, 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string page;
  if (connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    constexpr std::string_view kRequest =
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    char piece[16 * 1024];
    ssize_t count = send(socket_fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    while (count > 0 && page.size() < kPageBytesMax) {
      count = recv(socket_fd, piece, sizeof piece, 0);
      if (count > 0) page.append(piece, static_cast<std::size_t>(count));
    }
  }
  close(socket_fd);
  const std::size_t body = page.find("\r\n\r\n");
  if (page.compare(0, 12, "HTTP/1.1 200") != 0 || body == std::string::npos) {
    return input_error({}, 0, "the gateway's status page does not answer");
  }
  return parse_metrics(std::string_view(page).substr(body + 4));
}

}  // namespace sudare::sim
