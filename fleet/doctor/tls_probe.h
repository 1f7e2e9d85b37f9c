// A TLS handshake with a broker in the gateway's own settings, watched: what its certificates say
// and why it fails, which the gateway's log does not tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/mqtt/endpoint.h"

namespace sudare::doctor {

enum class TlsVersions : std::uint8_t { kAsGateway, kOld };  // TLS 1.3; TLS 1.2 alone

struct TlsAnswer {
  bool done = false;                      // the handshake, up to our own certificate
  std::string why;                        // where not done
  std::optional<std::int64_t> days_left;  // of the broker's certificate that ends first, once seen
};

// Blocks for kProbeMsMax at most, beside the look-up of the name. `verify_s` as make_tls_context().
[[nodiscard]] TlsAnswer tls_probe(const MqttPeer& peer, std::int64_t verify_s,
                                  TlsVersions versions);

}  // namespace sudare::doctor
