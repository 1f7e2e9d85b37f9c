// The TLS settings of one connection: who is trusted, how this unit shows itself, and the time by
// which the peer's certificate is judged (docs/design.md, section 4, Clock). libmosquitto builds
// the context; only its verification time is set here, which the library has no option for.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

struct mosquitto;
struct ssl_ctx_st;

namespace sudare {

// One per connection. Must outlive the client that it was given to.
class TlsContext {
 public:
  TlsContext() = default;
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Before the client connects. TLS 1.3 only: earlier versions show the client certificate to
  // whoever listens. The library checks the server's certificate and host name; nothing here turns
  // that off. `verify_s`: unix seconds at which certificates must be valid; 0: the system's clock.
  // kIo: a certificate or key can't be read. kInternal: out of memory.
  [[nodiscard]] Status give_to(mosquitto* client, const MqttPeer& peer, std::int64_t verify_s);

 private:
  ssl_ctx_st* context_ = nullptr;
};

}  // namespace sudare
