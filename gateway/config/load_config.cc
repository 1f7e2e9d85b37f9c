#include "gateway/config/load_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/limits.h"
#include "clip/run/clip_run.h"
#include "gateway/config/config_reader.h"
#include "gateway/mqtt/hardware_key.h"
#include "gateway/policy/operator_file.h"
#include "gateway/policy/text_proto.h"
#include "gateway/store/store.h"
#include "sudare/v1/config.pb.h"

namespace sudare {
namespace {

// Defaults of config.proto.
constexpr std::uint32_t kSessionExpirySeconds = 86'400;
constexpr std::uint32_t kKeepaliveSeconds = 60;
constexpr std::uint32_t kBackoffMsMax = 60'000;
constexpr std::uint32_t kCommitIntervalMs = 100;
constexpr std::uint32_t kEventWaitSeconds = 600;
constexpr std::uint64_t kQuotaBytes = 64ULL * 1024 * 1024;
constexpr std::uint64_t kEssentialReserveBytes = 4ULL * 1024 * 1024;

// A client id that every MQTT 3.1.1 broker takes is 23 bytes long; ours need not be that short, but
// "-urgent" is added.
constexpr std::size_t kClientIdBytesMax = 64;

class Reader {
 public:
  Reader(std::string file, const BuildParts& parts, ConfigLoad& load)
      : file_(std::move(file)), parts_(parts), load_(load) {}

  void read(std::string_view text) {
    v1::GatewayConfig config;
    if (!read_text_proto(ConfigReader::key(), file_, text, config, positions_, load_.diagnostics)) {
      return;
    }
    GatewayConfigPlan plan;
    read_files(config, plan);
    read_local(config.local(), plan.local);
    read_cloud(config.cloud(), plan.cloud);
    const std::string& module = plan.cloud.peer.key_module;
    if (!plan.local.peer.key_module.empty() && !module.empty() &&
        plan.local.peer.key_module != module) {
      error("local.tls.key_module", "another module than the cloud's", "name the same one");
    }
    read_commit(config.commit(), plan);
    read_store(config.store(), plan);
    read_status(config.status(), plan.status);
    read_log(config.log(), plan);
    plan.consent_topic =
        config.consent_topic().empty() ? "vehicle/consent" : config.consent_topic();
    check_topic("consent_topic", plan.consent_topic);
    plan.network_topic =
        config.network_topic().empty() ? "vehicle/network" : config.network_topic();
    check_topic("network_topic", plan.network_topic);
    plan.receipt_topic =
        config.receipt_topic().empty() ? "vehicle/receipt" : config.receipt_topic();
    check_topic("receipt_topic", plan.receipt_topic);
    read_receipts(config, plan);
    if (config.has_clips()) plan.clips = read_clips(config.clips());
    if (!failed_) load_.plan = std::move(plan);
  }

 private:
  void add(DiagnosticSeverity severity, std::string_view where, std::string text,
           std::string hint) {
    const TextPosition at = positions_.at(where);
    load_.diagnostics.emplace_back(ConfigReader::key(), severity, file_, at.line, at.column,
                                   std::move(text), std::move(hint));
  }
  void error(std::string_view where, std::string text, std::string hint) {
    failed_ = true;
    add(DiagnosticSeverity::kError, where, std::move(text), std::move(hint));
  }

  [[nodiscard]] std::string path(const std::string& written) const {
    if (written.empty()) return written;
    return (std::filesystem::path(file_).parent_path() / written).string();
  }
  std::string required_path(std::string_view where, const std::string& written) {
    if (written.empty()) {
      error(where, "\"" + std::string(where) + "\" is missing",
            "add " + std::string(where) + ": \"PATH\"");
    }
    return path(written);
  }
  // 0 stands for the default.
  std::uint32_t number(std::string_view where, std::uint32_t written, std::uint32_t preset,
                       std::uint32_t least, std::uint32_t most) {
    if (written == 0) return preset;
    if (written < least || written > most) {
      error(where, "\"" + std::string(where) + "\" is out of range",
            "from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return written;
  }

  void read_files(const v1::GatewayConfig& config, GatewayConfigPlan& plan) {
    plan.state_directory = required_path("state_directory", config.state_directory());
    plan.policy_file = required_path("policy_file", config.policy_file());
    plan.ceiling_file = path(config.ceiling_file());
    if (plan.ceiling_file.empty()) {
      add(DiagnosticSeverity::kWarning, "ceiling_file", "no ceiling bounds the policy",
          "on a car, name the ceiling_file that is part of the device image");
    }
    for (const std::string& file : config.descriptor_set_file()) {
      plan.descriptor_set_files.push_back(path(file));
    }
  }

  void read_key(const std::string& at, const v1::Tls& tls, MqttPeer& peer) {
    const KeyPlace place = key_place(tls.key_file());
    peer.key_file = place == KeyPlace::kFile ? path(tls.key_file()) : tls.key_file();
    peer.key_pin_file = path(tls.key_pin_file());
    peer.key_module = path(tls.key_module());
    for (const std::string& one : tls.key_store_path()) peer.key_store_paths.push_back(path(one));
    if (place == KeyPlace::kPkcs11 && peer.key_module.empty()) {
      error(at, "a pkcs11: key without key_module", "name the token's PKCS#11 library");
    }
    if (place != KeyPlace::kPkcs11 && !peer.key_module.empty()) {
      error(at + ".key_module", "key_module is for a pkcs11: key", "remove it");
    }
    const bool of_chip = !peer.key_pin_file.empty() || !peer.key_store_paths.empty();
    if (place == KeyPlace::kFile && of_chip) {
      error(at, "key_pin_file and key_store_path are for a key in a chip", "remove them");
    }
    if (place == KeyPlace::kPkcs11 && names_pin(tls.key_file())) {
      error(at + ".key_file", "a PIN in the configuration", "name a file with key_pin_file");
    }
  }

  MqttPeer read_peer(const std::string& where, const std::string& url, v1::MqttVersion version,
                     const std::string& username, const std::string& password_file,
                     const v1::Tls& tls) {
    MqttPeer peer;
    const std::string url_at = where + ".url";
    if (url.empty()) {
      error(url_at, "\"" + url_at + "\" is missing", "mqtt://HOST:PORT or mqtts://HOST:PORT");
    } else if (const auto endpoint = parse_mqtt_url(url)) {
      peer.endpoint = *endpoint;
    } else {
      error(url_at, std::string(endpoint.error().what.view()),
            "mqtt://HOST:PORT or mqtts://HOST:PORT");
    }
    peer.version = version == v1::MQTT_3_1_1 ? MqttVersion::k311 : MqttVersion::k5;
    peer.username = username;
    peer.password_file = path(password_file);
    if (!password_file.empty() && username.empty()) {
      error(where + ".password_file", "a password without a user name", "add username");
    }
    peer.ca_file = path(tls.ca_file());
    peer.cert_file = path(tls.cert_file());
    const std::string tls_at = where + ".tls";
    read_key(tls_at, tls, peer);
    if (peer.endpoint.tls && peer.ca_file.empty()) {
      error(tls_at, "mqtts:// without a ca_file",
            "name the authority that signed the broker's certificate");
    }
    if (!peer.endpoint.tls && !(peer.ca_file + peer.cert_file + peer.key_file).empty()) {
      error(tls_at, "tls settings with a mqtt:// URL", "write mqtts://");
    }
    if (peer.cert_file.empty() != peer.key_file.empty()) {
      error(tls_at, "cert_file and key_file belong together", "name both or none");
    }
    return peer;
  }

  void read_local(const v1::LocalBroker& local, LocalPlan& plan) {
    plan.peer = read_peer("local", local.url(), local.version(), local.username(),
                          local.password_file(), local.tls());
    plan.client_id = local.client_id().empty() ? "sudare-gateway" : local.client_id();
    if (plan.client_id.size() > kClientIdBytesMax) {
      error("local.client_id", "the client id is too long",
            "at most " + std::to_string(kClientIdBytesMax) + " bytes");
    }
    plan.session_expiry_seconds =
        number("local.session_expiry_seconds", local.session_expiry_seconds(),
               kSessionExpirySeconds, 60, UINT32_MAX);
  }

  void read_cloud(const v1::CloudBroker& cloud, CloudPlan& plan) {
    plan.peer = read_peer("cloud", cloud.url(), cloud.version(), cloud.username(),
                          cloud.password_file(), cloud.tls());
    const MqttEndpoint& endpoint = plan.peer.endpoint;
    if (!endpoint.host.empty() && !endpoint.tls && !is_loopback(endpoint)) {
      error("cloud.url", "the uplink would not be encrypted",
            "write mqtts://; mqtt:// is for a broker on this machine only");
    }
    if (plan.peer.version == MqttVersion::k311) {
      add(DiagnosticSeverity::kWarning, "cloud.version",
          "MQTT 3.1.1 has no word for a refusal: what the broker's access list refuses looks "
          "delivered, and is gone",
          "leave version out where the broker speaks MQTT 5");
    }
    plan.keepalive_seconds = static_cast<std::uint16_t>(
        number("cloud.keepalive_seconds", cloud.keepalive_seconds(), kKeepaliveSeconds, 5, 65'535));
    constexpr auto kOutstanding = static_cast<std::uint32_t>(kUplinkOutstandingMax);
    plan.outstanding_max =
        number("cloud.outstanding_max", cloud.outstanding_max(), kOutstanding, 1, kOutstanding);
    plan.policy_topic = cloud.policy_topic().empty() ? "sudare/policy" : cloud.policy_topic();
    check_topic("cloud.policy_topic", plan.policy_topic);
    if (plan.policy_topic.rfind("sudare/1/", 0) == 0) {
      error("cloud.policy_topic", "batches are published below sudare/1/",
            "for example \"sudare/policy\"");
    }
    plan.backoff_ms_max =
        number("cloud.backoff_ms_max", cloud.backoff_ms_max(), kBackoffMsMax, 100, 3'600'000);
  }

  void read_commit(const v1::Commit& commit, GatewayConfigPlan& plan) {
    plan.commit_interval_ms =
        number("commit.interval_ms", commit.interval_ms(), kCommitIntervalMs, 1, 60'000);
    constexpr auto kMessages = static_cast<std::uint32_t>(kCommitMessagesMax);
    plan.commit_messages_max =
        number("commit.messages_max", commit.messages_max(), kMessages, 1, kMessages);
  }

  void read_store(const v1::Store& store, GatewayConfigPlan& plan) {
    plan.quota_bytes = store.quota_bytes() == 0 ? kQuotaBytes : store.quota_bytes();
    if (plan.quota_bytes < kQuotaBytesMin) {
      error("store.quota_bytes", "the quota is too small",
            "at least " + std::to_string(kQuotaBytesMin));
    }
    plan.essential_reserve_bytes = store.essential_reserve_bytes();
    if (plan.essential_reserve_bytes == 0) {
      plan.essential_reserve_bytes = std::min(kEssentialReserveBytes, plan.quota_bytes / 4);
    }
    if (plan.essential_reserve_bytes > plan.quota_bytes / 2) {
      error("store.essential_reserve_bytes", "the reserve is over half of the quota",
            "at most " + std::to_string(plan.quota_bytes / 2));
    }
  }

  void read_status(const v1::Status& status, StatusPlan& plan) {
    if (status.listen().empty()) return;
    if (!parts_.status) {
      error("status.listen", "the status page is not in this build (SUDARE_STATUS=OFF)",
            "remove status, or install a gateway that is built with it");
    }
    const std::size_t colon = status.listen().rfind(':');
    const std::string_view all = status.listen();
    const std::string_view port = colon == std::string::npos ? "" : all.substr(colon + 1);
    plan.on = true;
    plan.host = std::string(all.substr(0, std::min(colon, all.size())));
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), plan.port);
    if (port.empty() || problem != std::errc() || end != port.data() + port.size()) {
      error("status.listen", "not HOST:PORT", "for example \"127.0.0.1:9464\"");
    } else if (!is_loopback({plan.host, plan.port, false})) {
      error("status.listen", "the status page is for this machine only",
            "for example \"127.0.0.1:9464\"");
    }
  }

  static void read_log(const v1::Log& log, GatewayConfigPlan& plan) {
    plan.log_format = log.format() == v1::Log::JSON ? LogFormat::kJson : LogFormat::kText;
    switch (log.level()) {
      case v1::Log::DEBUG: plan.log_level = LogLevel::kDebug; break;
      case v1::Log::WARNING: plan.log_level = LogLevel::kWarning; break;
      case v1::Log::ERROR: plan.log_level = LogLevel::kError; break;
      default: plan.log_level = LogLevel::kInfo; break;
    }
  }

  ClipsPlan read_clips(const v1::ClipSpool& clips) {
    ClipsPlan plan;
    if (!parts_.clips) {
      error("clips", "clips are not in this build (SUDARE_CLIPS=OFF)",
            "remove clips, or install a gateway that is built with them");
    }
    plan.directory = required_path("clips.directory", clips.directory());
    plan.program = path(clips.program());
    if (clips.program().empty()) {
      const auto beside = clip::program_beside_this();
      if (beside) plan.program = beside->string();
    }
    plan.event_wait_seconds = number("clips.event_wait_seconds", clips.event_wait_seconds(),
                                     kEventWaitSeconds, 1, 86'400);
    return plan;
  }

  void read_receipts(const v1::GatewayConfig& config, GatewayConfigPlan& plan) {
    std::set<std::string> names;
    for (int i = 0; i < config.receipts_size(); ++i) {
      const v1::ReceiptProducer& one = config.receipts(i);
      const std::string where = "receipts[" + std::to_string(i) + "]";
      if (!is_producer_name(one.name()) || !names.insert(one.name()).second) {
        error(where + ".name", "not a producer's name, or one that is there twice",
              "a to z, 0 to 9, \"-\" and \"_\", at most " + std::to_string(kProducerNameBytesMax) +
                  " of them");
      }
      if (one.topic().empty()) {
        error(where, "a producer without a topic", "add topic: \"vehicle/#\"");
      }
      plan.receipts.push_back({one.name(), {one.topic().begin(), one.topic().end()}});
    }
    if (plan.receipts.size() > kProducersMax) {
      error("receipts", "too many producers", "at most " + std::to_string(kProducersMax));
    }
    const bool old = config.local().version() == v1::MQTT_3_1_1;
    if (old && !plan.receipts.empty()) {
      error("receipts", "MQTT 3.1.1 has no user properties", "leave local.version out");
    }
  }

  void check_topic(std::string_view where, const std::string& topic) {
    const bool wild = topic.find_first_of("+#") != std::string::npos;
    const bool slashes = topic.front() == '/' || topic.back() == '/';
    if (wild || slashes || topic.size() > kTopicBytesMax / 2) {
      error(where, "not a topic that this could come on", "for example \"vehicle/consent\"");
    }
  }

  const std::string file_;
  const BuildParts parts_;
  ConfigLoad& load_;
  TextPositions positions_;
  bool failed_ = false;
};

}  // namespace

ConfigLoad load_config(const std::string& file, std::string_view text) {
  return load_config(file, text, build_parts());
}

ConfigLoad load_config(const std::string& file, std::string_view text, const BuildParts& parts) {
  ConfigLoad load;
  Reader(file, parts, load).read(text);
  return load;
}

ConfigLoad load_config_file(const std::string& path) {
  const auto text = read_operator_file(path, kOperatorFileBytesMax);
  if (text) return load_config(path, *text);
  ConfigLoad load;
  const bool missing = text.error().code == ErrorCode::kNotFound;
  load.diagnostics.emplace_back(ConfigReader::key(), DiagnosticSeverity::kError, path, 0, 0,
                                missing ? "there is no such file" : "the file can't be read",
                                missing ? "proto/sudare/v1/config.proto says what is in it" : "");
  return load;
}

}  // namespace sudare
