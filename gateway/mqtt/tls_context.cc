#include "gateway/mqtt/tls_context.h"

#include <mosquitto.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string>

namespace sudare {
namespace {

// The library takes a reference to the context when it is given one, and drops it only where a
// connect got as far as TLS: without a network, every attempt would leak one. So the context itself
// says whether it is gone.
void on_freed(void* /*context*/, void* gone, CRYPTO_EX_DATA* /*data*/, int /*index*/,
              long /*argument*/, void* /*argument_pointer*/) {
  if (gone != nullptr) *static_cast<bool*>(gone) = true;
}

int gone_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, on_freed);
  return index;
}

}  // namespace

TlsContext::~TlsContext() {
  if (context_ == nullptr) return;
  bool gone = false;
  SSL_CTX_set_ex_data(context_, gone_index(), &gone);
  SSL_CTX_free(context_);
  if (gone) return;
  SSL_CTX_set_ex_data(context_, gone_index(), nullptr);
  SSL_CTX_free(context_);
}

Status TlsContext::give_to(mosquitto* client, const MqttPeer& peer, std::int64_t verify_s) {
  const auto path = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  int code = mosquitto_tls_set(client, path(peer.ca_file), nullptr, path(peer.cert_file),
                               path(peer.key_file), nullptr);
  if (code == MOSQ_ERR_SUCCESS) code = mosquitto_tls_opts_set(client, 1, "tlsv1.3", nullptr);
  if (code != MOSQ_ERR_SUCCESS) {
    return fail(ErrorCode::kIo, "MQTT: a certificate or key can't be read", code);
  }
  if (verify_s == 0) return Done{};
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return fail(ErrorCode::kInternal, "MQTT: no TLS context");
  X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context_), verify_s);
  code = mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, context_);
  if (code == MOSQ_ERR_SUCCESS) {
    code = mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 1);
  }
  if (code != MOSQ_ERR_SUCCESS) return fail(ErrorCode::kInternal, "MQTT: TLS context", code);
  return Done{};
}

}  // namespace sudare
