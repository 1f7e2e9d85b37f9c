// The TLS settings of one connection: who is trusted, how this unit shows itself, and the time by
// which the peer's certificate is judged (docs/design.md, section 4, Clock).
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

struct ssl_ctx_st;

namespace sudare {

struct TlsContextFree {
  void operator()(ssl_ctx_st* context) const;
};
using OwnTlsContext = std::unique_ptr<ssl_ctx_st, TlsContextFree>;

// Has OpenSSL read its own configuration and load what that names. Later, where files are out of
// reach, it would fail. kInternal.
[[nodiscard]] Status prepare_tls();

// TLS 1.3 only: earlier versions show the client certificate to whoever listens. The peer's
// certificate must lead to `peer.ca_file`, be for the host of the endpoint (RFC 6125, or its
// address), and be valid at `verify_s`, unix seconds; 0: by the system's clock. kIo: a certificate
// or key can't be read, or a key asks for a passphrase. Errors of load_hardware_key(). kInternal:
// out of memory.
[[nodiscard]] Result<OwnTlsContext> make_tls_context(const MqttPeer& peer, std::int64_t verify_s);

}  // namespace sudare
