#include "fleet/doctor/broker_probe.h"
#include "fleet/doctor/certificate.h"
#include "fleet/doctor/check_live.h"
#include "fleet/doctor/tls_probe.h"
#include "gateway/mqtt/hardware_key.h"
#include "gateway/mqtt/tls_context.h"

namespace sudare::doctor {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;

std::string url_of(const MqttEndpoint& endpoint) {
  return std::string(endpoint.tls ? "mqtts://" : "mqtt://") + endpoint.host + ":" +
         std::to_string(endpoint.port);
}

const char* connect_hint(const MqttPeer& peer, const ProbeAnswer& answer) {
  if (answer.entry == Entry::kRefused) return "does the broker know this user or certificate?";
  if (not_asked(answer)) return kOwnFileHint;
  const bool chip = key_place(peer.key_file) != KeyPlace::kFile;
  if (answer.error && answer.error->code == ErrorCode::kRefused && chip) return "see cloud.unit";
  if (answer.error && answer.error->code == ErrorCode::kAuthentication) {
    return "see cloud.tls; else the broker does not take this unit's certificate";
  }
  return chip ? "see cloud.unit; else: is the address right, the network up, the port open?"
              : "is the address right, the network up, the port open?";
}

// Returns whether we are let in.
bool check_connect(const ProbeQuestion& question, const std::string& url, Report& report) {
  Check check(report, "cloud.connect");
  check.ok(url + (question.peer.version == MqttVersion::k5 ? ", MQTT 5" : ", MQTT 3.1.1"));
  if (question.peer.version == MqttVersion::k311) {
    check.warning("MQTT 3.1.1: what the broker's access list refuses looks delivered, and is gone",
                  "MQTT 5", url);
  }
  const ProbeAnswer answer = probe(question);
  if (answer.entry == Entry::kAccepted) return true;
  check.problem(describe(answer), connect_hint(question.peer, answer), url);
  return false;
}

const char* tls_hint(const TlsAnswer& answer) {
  if (answer.code == ErrorCode::kIo) return kOwnFileHint;
  if (answer.code == ErrorCode::kUnavailable) return "see cloud.connect";
  return "the broker needs TLS 1.3 and a certificate for this host name, of the authority in "
         "ca_file, that holds today";
}

void check_tls(const MqttPeer& peer, std::int64_t tls_time_ms, const std::string& url,
               Report& report) {
  Check check(report, "cloud.tls");
  if (!peer.endpoint.tls) {
    if (is_loopback(peer.endpoint)) return check.ok("none: this machine");
    return check.problem("the connection is not encrypted", "mqtts://", url);
  }
  const std::int64_t verify_s = tls_time_ms / kMsPerSecond;
  // Without our certificate, which has a check of its own.
  MqttPeer asked = peer;
  asked.cert_file.clear();
  asked.key_file.clear();
  const TlsAnswer answer = tls_probe(asked, verify_s, TlsVersions::kAsGateway);
  if (!answer.done) {
    check.problem(answer.why, tls_hint(answer), url);
    return;
  }
  check.ok("TLS 1.3, certificates end in " + std::to_string(answer.days_left.value_or(0)) +
           " days or later");
  if (answer.days_left) judge_days(*answer.days_left, "a certificate of the broker", url, check);
  // It shows its own before it asks for ours, which this probe never shows.
  if (tls_probe(asked, verify_s, TlsVersions::kOld).days_left) {
    check.warning("the broker takes TLS 1.2, which shows certificates to who listens",
                  "tls_version tlsv1.3", url);
  }
}

const char* key_hint(const MqttPeer& peer, ErrorCode code) {
  if (key_place(peer.key_file) == KeyPlace::kFile) {
    return "they must belong together; a key without passphrase";
  }
  if (code == ErrorCode::kRefused) {
    return "the right PIN in key_pin_file; this run has tried it once, and each try brings the "
           "chip nearer to locking";
  }
  if (code == ErrorCode::kUnavailable) return "is the chip there, and key_file what it is called?";
  return "the certificate of the chip's key; a key_pin_file that can be read";
}

void check_own_certificate(const MqttPeer& peer, const Status& key_code, std::int64_t tls_time_ms,
                           Report& report) {
  Check check(report, "cloud.unit");
  if (peer.cert_file.empty()) {
    if (!peer.username.empty()) return check.ok("a name and a password");
    return check.warning("this side has neither certificate nor name",
                         "tls { cert_file: … key_file: … }");
  }
  check.ok(peer.cert_file);
  check_certificate_file(peer.cert_file, check);
  if (key_place(peer.key_file) == KeyPlace::kFile) {
    check_key_file(peer.key_file, check);
  } else {
    if (!peer.key_pin_file.empty()) check_key_file(peer.key_pin_file, check);
    if (!key_code) {
      check.problem(describe(key_code.error()),
                    "install libengine-pkcs11-openssl and the token's library, or tpm2-openssl",
                    peer.key_file);
    }
  }
  if (!check.clean()) return;
  if (const auto context = make_tls_context(peer, tls_time_ms / kMsPerSecond); !context) {
    check.problem(describe(context.error()), key_hint(peer, context.error().code), peer.key_file);
  }
}

void check_strangers(const ProbeQuestion& question, std::int64_t tls_time_ms, bool let_in,
                     const std::string& url, Report& report) {
  Check check(report, "cloud.strangers");
  if (!let_in) return check.skip("nobody is let in, this side neither");
  check.ok("who shows no certificate or password is refused");
  ProbeQuestion stranger = question;
  stranger.peer.username.clear();
  stranger.peer.password_file.clear();
  stranger.peer.cert_file.clear();
  stranger.peer.key_file.clear();
  const ProbeAnswer answer = probe(stranger);
  if (answer.entry == Entry::kAccepted) {
    check.problem("who shows neither certificate nor password is let in",
                  "require_certificate true, or allow_anonymous false and passwords", url);
  } else if (!refuses_stranger(answer) &&
             !(stranger.peer.endpoint.tls &&
               wants_certificate(stranger.peer, tls_time_ms / kMsPerSecond))) {
    check.skip("neither let in nor refused: " + describe(answer));
  }
}

}  // namespace

void check_cloud(const MqttPeer& peer, std::int64_t tls_time_ms, Report& report) {
  const std::string url = url_of(peer.endpoint);
  ProbeQuestion question;
  question.peer = peer;
  const Status key_code = prepare_hardware_key(peer);
  question.tls_time_ms = [tls_time_ms] { return tls_time_ms; };
  const bool let_in = check_connect(question, url, report);
  check_tls(peer, tls_time_ms, url, report);
  check_own_certificate(peer, key_code, tls_time_ms, report);
  check_strangers(question, tls_time_ms, let_in, url, report);
}

void skip_cloud(const std::string& why, Report& report) {
  for (const char* id : {"cloud.connect", "cloud.tls", "cloud.unit", "cloud.strangers"}) {
    Check(report, id).skip(why);
  }
}

}  // namespace sudare::doctor
