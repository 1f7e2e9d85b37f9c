// CPU and memory of the running gateway: a real in-vehicle broker full of 200-byte position
// messages, QoS 1, all released to one purpose. Prints one JSON object.
//   gateway_load [MESSAGES [exact|cells]]
// exact: speed and satellites at exact times, uploaded as they close. cells: cell centres in time
// buckets, as the default policy's traffic purpose; uploaded in the next bucket.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/system/gateway/unit.h"

namespace {

using sudare::testkit::Unit;

constexpr std::size_t kPayloadBytes = 200;

struct Usage {
  double cpu_seconds = 0;
  long anonymous_kib = 0;
  long peak_kib = 0;
};

// Every fate of every purpose has a line, most with a 0.
bool any_rejected(const std::string& metrics) {
  static const std::string kFate = "fate=\"rejected\"} ";
  for (auto at = metrics.find(kFate); at != std::string::npos; at = metrics.find(kFate, at + 1)) {
    if (metrics.at(at + kFate.size()) != '0') return true;
  }
  return false;
}

long status_kib(pid_t pid, const std::string& name) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(name + ":", 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  }
  return -1;
}

Usage usage_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text);
  text = text.substr(text.rfind(')') + 2);
  long user = 0;
  long system = 0;
  std::sscanf(text.c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
  return {static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)),
          status_kib(pid, "RssAnon"), status_kib(pid, "VmHWM")};
}

// A position, and a field that no schema knows up to the size.
std::string padded_position(std::uint64_t number) {
  std::string payload = Unit::position_payload(number);
  const std::size_t padding = kPayloadBytes - payload.size() - 4;
  payload += "\xa2\x06";  // field 100, a string; its length in two bytes
  payload += static_cast<char>((padding & 0x7fU) | 0x80U);
  payload += static_cast<char>(padding >> 7U);
  payload.append(padding, 'x');
  return payload;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const std::string mode = argc > 2 ? argv[2] : "exact";
  sudare::testkit::UnitOptions options;
  options.cloud_tls = true;
  options.linger_ms = mode == "cells" ? 60'000 : 1000;
  if (mode == "cells") {
    options.position_release =
        "field { path: \"latitude_e7\" } field { path: \"longitude_e7\" }\n"
        "field { path: \"speed_kmh\" coarsen { step: 5 } }\n"
        "location { cell: M1000 } time { bucket_ms: 60000 }\n";
  }
  Unit unit(options);
  unit.start();
  const std::string all_taken =
      "sudare_rows_taken_total{purpose=\"seq\"} " + std::to_string(messages) + "\n";
  const Usage before = usage_of(unit.gateway().pid());
  // Saturation: the gateway stands still until the broker holds everything for it, and then is the
  // slowest part. (The broker keeps a million messages in about 1 GB.)
  unit.gateway().signal(SIGSTOP);
  {
    sudare::testkit::MqttClient car(unit.local().port());
    for (std::uint64_t n = 0; n < messages; ++n) {
      car.publish("vehicle/position", padded_position(n), 1, false, 5000);
    }
    car.flush(std::chrono::minutes(10));
  }
  const auto start = std::chrono::steady_clock::now();
  unit.gateway().signal(SIGCONT);
  const bool done = sudare::testkit::eventually(
      [&] { return unit.get("/metrics").body.find(all_taken) != std::string::npos; },
      std::chrono::minutes(10));
  const bool rejected = any_rejected(unit.get("/metrics").body);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const Usage after = usage_of(unit.gateway().pid());
  std::printf(
      "{\"mode\": \"%s\", \"messages\": %llu, \"all_taken\": %s, \"seconds\": %.2f, "
      "\"messages_per_second\": %.0f, \"cpu_us_per_message\": %.2f, \"anonymous_kib_before\": %ld, "
      "\"anonymous_kib\": %ld, \"peak_resident_kib\": %ld}\n",
      mode.c_str(), static_cast<unsigned long long>(messages), done ? "true" : "false",
      took.count(), static_cast<double>(messages) / took.count(),
      (after.cpu_seconds - before.cpu_seconds) * 1e6 / static_cast<double>(messages),
      before.anonymous_kib, after.anonymous_kib, after.peak_kib);
  if (rejected) std::fprintf(stderr, "error: the gateway rejected messages\n");
  return done && !rejected ? 0 : 1;
}
