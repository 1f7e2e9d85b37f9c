// Any text as a configuration, and its lines as broker URLs: loaded or refused, never a crash,
// never loaded with an error or refused without one, and never an uplink in the clear.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/config/load_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sudare::ConfigLoad load = sudare::load_config("/etc/sudare/gateway.textproto", text);
  bool any_error = false;
  for (const sudare::Diagnostic& one : load.diagnostics) {
    any_error = any_error || one.severity() == sudare::DiagnosticSeverity::kError;
  }
  if (load.plan.has_value() == any_error) std::abort();
  if (load.plan) {
    const sudare::MqttEndpoint& cloud = load.plan->cloud.peer.endpoint;
    if (!cloud.tls && !sudare::is_loopback(cloud)) std::abort();
    if (load.plan->status.on && !sudare::is_loopback({load.plan->status.host, 1, false}))
      std::abort();
  }
  const auto endpoint = sudare::parse_mqtt_url(text.substr(0, text.find('\n')));
  if (endpoint && (endpoint->host.empty() || endpoint->port == 0)) std::abort();
  return 0;
}
