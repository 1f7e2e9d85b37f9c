#include "fleet/doctor/tls_probe.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"
#include "fleet/doctor/broker_probe.h"
#include "fleet/doctor/certificate.h"
#include "gateway/mqtt/stream.h"
#include "gateway/mqtt/tls_context.h"

namespace sudare::doctor {
namespace {

constexpr int kPollMs = 50;

// Called for each certificate of the chain, from the authority's down. Changes nothing of what
// OpenSSL decided.
int watch_certificate(int accepted, X509_STORE_CTX* store) {
  const auto* const tls =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const answer = static_cast<TlsAnswer*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
  if (const X509* const certificate = X509_STORE_CTX_get_current_cert(store)) {
    const std::int64_t days = days_left(certificate);
    answer->days_left = std::min(answer->days_left.value_or(days), days);
  }
  if (accepted == 0 && answer->why.empty()) {
    answer->why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
  }
  return accepted;
}

void watch_handshake(const SSL* tls, int where, int value) {
  auto* const answer = static_cast<TlsAnswer*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) answer->done = true;
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
  if ((value >> 8) == SSL3_AL_FATAL) answer->alert = value & 0xff;
  if (answer->why.empty()) {
    answer->why = std::string("the broker says: ") + SSL_alert_desc_string_long(value);
  }
}

// A port that speaks no TLS resets the connection, or closes it without an error: it was reached.
bool was_not_reached(const Error& error) {
  return error.code == ErrorCode::kUnavailable && error.detail != 0 && error.detail != ECONNRESET;
}

void shake_hands(Stream& stream, TlsAnswer& answer) {
  const SystemClock clock;
  const std::int64_t end_ms = clock.monotonic_ms() + kProbeMsMax;
  while (!answer.done && clock.monotonic_ms() < end_ms) {
    pollfd entry{stream.fd(), POLLIN, 0};
    if (!stream.waits_to_read()) entry.events |= POLLOUT;
    poll(&entry, 1, kPollMs);
    if (const auto written = stream.write({}); !written) {
      if (!answer.why.empty()) return;
      answer.why = describe(written.error());
      if (was_not_reached(written.error())) answer.code = written.error().code;
      return;
    }
  }
  if (!answer.done && answer.why.empty()) {
    answer.why = "no answer in " + std::to_string(kProbeMsMax / 1000) + " s";
  }
}

// What the broker says by itself to who has shaken hands.
void listen(Stream& stream, TlsAnswer& answer) {
  const SystemClock clock;
  const std::int64_t end_ms = clock.monotonic_ms() + kProbeMsMax;
  std::array<char, 256> ignored{};
  while (answer.done && !answer.alert && clock.monotonic_ms() < end_ms) {
    pollfd entry{stream.fd(), POLLIN, 0};
    poll(&entry, 1, kPollMs);
    if (!stream.read(ignored.data(), ignored.size())) return;
  }
}

TlsAnswer failed(const Error& error) {
  TlsAnswer answer;
  answer.why = describe(error);
  answer.code = error.code;
  return answer;
}

// `then`: after the handshake.
TlsAnswer ask(const MqttPeer& peer, std::int64_t verify_s, TlsVersions versions,
              void (*then)(Stream&, TlsAnswer&)) {
  TlsAnswer answer;
  const auto context = make_tls_context(peer, verify_s);
  if (!context) return failed(context.error());
  SSL_CTX_set_app_data(context->get(), &answer);
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, watch_certificate);
  SSL_CTX_set_info_callback(context->get(), watch_handshake);
  if (versions == TlsVersions::kOld) {
    SSL_CTX_set_min_proto_version(context->get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context->get(), TLS1_2_VERSION);
  }
  const auto addresses = addresses_of(peer.endpoint);
  if (!addresses) return failed(addresses.error());
  auto stream = Stream::connect(*addresses, 0, peer.endpoint.host, context->get());
  if (!stream) return failed(stream.error());
  shake_hands(*stream, answer);
  if (then != nullptr) then(*stream, answer);
  return answer;
}

}  // namespace

TlsAnswer tls_probe(const MqttPeer& peer, std::int64_t verify_s, TlsVersions versions) {
  return ask(peer, verify_s, versions, nullptr);
}

bool wants_certificate(const MqttPeer& stranger, std::int64_t verify_s) {
  const TlsAnswer answer = ask(stranger, verify_s, TlsVersions::kAsGateway, listen);
  constexpr std::array<int, 4> kNoCertificate = {SSL_AD_CERTIFICATE_REQUIRED,
                                                 SSL_AD_BAD_CERTIFICATE, SSL_AD_ACCESS_DENIED,
                                                 SSL_AD_HANDSHAKE_FAILURE};
  return answer.alert && std::find(kNoCertificate.begin(), kNoCertificate.end(), *answer.alert) !=
                             kNoCertificate.end();
}

}  // namespace sudare::doctor
