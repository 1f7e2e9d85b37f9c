#include "gateway/mqtt/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "gateway/mqtt/hardware_key.h"

namespace sudare {
namespace {

// OpenSSL would ask on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

bool expect_host(X509_VERIFY_PARAM* parameters, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1;
}

Status use_key(ssl_ctx_st* context, const MqttPeer& peer) {
  if (key_place(peer.key_file) != KeyPlace::kFile) {
    TRY(const HardwareKey key, load_hardware_key(peer));
    if (SSL_CTX_use_PrivateKey(context, key.get()) == 1) return Done{};
    return fail(ErrorCode::kIo, "MQTT: the key in the chip is not the client certificate's");
  }
  if (SSL_CTX_use_PrivateKey_file(context, peer.key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1) {
    return Done{};
  }
  return fail(ErrorCode::kIo, "MQTT: the client certificate's key can't be read");
}

Status read_files(ssl_ctx_st* context, const MqttPeer& peer) {
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_load_verify_locations(context, peer.ca_file.c_str(), nullptr) != 1) {
    return fail(ErrorCode::kIo, "MQTT: the authority's certificate can't be read");
  }
  if (peer.cert_file.empty()) return Done{};
  if (SSL_CTX_use_certificate_chain_file(context, peer.cert_file.c_str()) != 1) {
    return fail(ErrorCode::kIo, "MQTT: the client certificate can't be read");
  }
  return use_key(context, peer);
}

}  // namespace

void TlsContextFree::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Status prepare_tls() {
  if (OPENSSL_init_ssl(0, nullptr) != 1) return fail(ErrorCode::kInternal, "MQTT: OpenSSL");
  return Done{};
}

Result<OwnTlsContext> make_tls_context(const MqttPeer& peer, std::int64_t verify_s) {
  OwnTlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(ErrorCode::kInternal, "MQTT: no TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  // Where a write is tried again, more may have been appended and the buffer may have moved.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(context.get());
  if (!expect_host(parameters, peer.endpoint.host)) {
    return fail(ErrorCode::kInternal, "MQTT: TLS host name");
  }
  // A time_t of 32 bits ends in 2038: then as of its last second.
  const auto at =
      static_cast<time_t>(std::min<std::int64_t>(verify_s, std::numeric_limits<time_t>::max()));
  if (at != 0) X509_VERIFY_PARAM_set_time(parameters, at);
  const Status read = read_files(context.get(), peer);
  ERR_clear_error();  // what is left of it would be taken for the connection's
  if (!read) return tl::unexpected<Error>(read.error());
  return context;
}

}  // namespace sudare
