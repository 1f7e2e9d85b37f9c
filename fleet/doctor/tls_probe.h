// A TLS handshake with a broker in the gateway's own settings, watched: what its certificates say
// and why it fails, which the gateway's log does not tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "gateway/mqtt/endpoint.h"

namespace sudare::doctor {

enum class TlsVersions : std::uint8_t { kAsGateway, kOld };  // TLS 1.3; TLS 1.2 alone

struct TlsAnswer {
  bool done = false;                      // the handshake, up to our own certificate
  std::string why;                        // where not done
  std::optional<ErrorCode> code;          // of it, where there was no handshake at all
  std::optional<std::int64_t> days_left;  // of the broker's certificate that ends first, once seen
  std::optional<int> alert;               // RFC 8446, 6: the broker's last fatal one
};

// Blocks for kProbeMsMax at most, beside the look-up of the name. `verify_s` as make_tls_context().
[[nodiscard]] TlsAnswer tls_probe(const MqttPeer& peer, std::int64_t verify_s,
                                  TlsVersions versions);

// Whether a broker turns away who shows no certificate: by an alert, which it sends after the
// handshake of TLS 1.3. Says nothing to it, since a broker that closes on what it has not read
// resets the connection, and the alert is lost. Blocks as tls_probe().
[[nodiscard]] bool wants_certificate(const MqttPeer& stranger, std::int64_t verify_s);

}  // namespace sudare::doctor
