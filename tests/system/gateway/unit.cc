#include "tests/system/gateway/unit.h"

#include <httplib.h>
#include <signal.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crypto/crypto_init.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/key_file.h"
#include "crypto/open/open.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/store.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "tests/testkit/fixtures.h"

namespace sudare::testkit {
namespace {

constexpr const char* kPurposes[] = {"seq", "asked", "emergency", "clips"};

const std::string kSpeedRelease =
    "    field { path: \"speed_kmh\" coarsen { step: 5 } }\n"
    "    field { path: \"satellites\" }\n    time { exact: true }\n";

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

constexpr const char* kClipSource =
    "source {\n  topic: \"test/clip\"\n  codec: JSON\n  clip_event { file_field: \"file\" "
    "moment_field: \"at_ms\" trigger_field: \"why\" }\n}\n";

std::string purpose_text(const std::string& name, const std::string& recipient,
                         const std::string& rest) {
  return "purpose {\n  name: \"" + name + "\"\n  recipient: \"" + recipient +
         "\"\n  pseudonym { rotate_days: 28 }\n  keep_hours: 24\n  batch_bytes_max: 16384\n" +
         rest + "}\n";
}

std::string json_source(const std::string& topic, const std::string& purpose,
                        const std::string& rest) {
  return "source {\n  topic: \"" + topic +
         "\"\n  codec: JSON\n  classify { path: \"seq\" class: NOT_PERSONAL }\n" + rest +
         "  release { to: \"" + purpose + "\" field { path: \"seq\" } time { exact: true } }\n}\n";
}

ByteSpan bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Opens, verifies the signature, decompresses.
bool open_one(const age::open_side::Identity& identity, const std::string& purpose,
              const std::string& file, v1::Batch& batch) {
  std::string plaintext;
  if (!age::open_side::open({&identity, 1}, bytes_of(file), plaintext)) return false;
  const auto opened = open_signed_batch(purpose, bytes_of(plaintext));
  return opened && opened->public_key && batch.ParseFromString(opened->batch) &&
         batch.purpose() == purpose;
}

}  // namespace

Unit::Unit(UnitOptions options)
    : options_(std::move(options)),
      state_(directory() / "state"),
      command_({program("sudare-gateway")}) {
  must(crypto_init().has_value(), "crypto");
  for (const char* name : kPurposes) {
    identities_.emplace(name, age::open_side::Identity::generate());
  }
  BrokerOptions local;
  local.persistence = options_.local_persistence;
  local.extra = options_.local_extra;
  local_ = std::make_unique<Broker>(local);
  BrokerOptions cloud;
  cloud.persistence = options_.cloud_persistence;
  cloud.extra = options_.cloud_extra;
  cloud.address = options_.cloud_address;
  if (options_.cloud_tls) {
    authority_ = std::make_unique<CertificateAuthority>(directory() / "ca");
    cloud_ca_ = authority_->ca_file();
    cloud.tls = BrokerTls{authority_->ca_file(), authority_->server("server", cloud.address), true};
    (void)authority_->client("unit");
  }
  if (options_.cloud_port == 0) cloud_ = std::make_unique<Broker>(cloud);
  std::filesystem::create_directory(spool());
  status_port_ = free_port();
  write_policy(options_.not_after);
  write_config();
  provision();
}

void Unit::replace_cloud(const BrokerTls& tls) {
  const std::uint16_t port = cloud_->port();
  cloud_->stop();
  BrokerOptions options;
  options.tls = tls;
  options.port = port;
  cloud_ = std::make_unique<Broker>(options);
}

std::string Unit::cloud_url() const {
  if (!cloud_url_.empty()) return cloud_url_;
  return cloud_ ? cloud_->url() : "mqtt://127.0.0.1:" + std::to_string(options_.cloud_port);
}

void Unit::write_config() const {
  std::ofstream out(config_file());
  const std::string version = options_.mqtt_311 ? "  version: MQTT_3_1_1\n" : "";
  const std::string cloud_version = options_.cloud_port != 0 ? "  version: MQTT_3_1_1\n" : version;
  out << "state_directory: \"" << state_.string() << "\"\npolicy_file: \"policy.textproto\"\n"
      << "local {\n  url: \"" << (local_url_.empty() ? local_->url() : local_url_) << "\"\n"
      << version << "}\n"
      << "cloud {\n  url: \"" << cloud_url() << "\"\n"
      << cloud_version << "  backoff_ms_max: 500\n"
      << options_.cloud_config;
  if (options_.cloud_tls) {
    out << "  tls { ca_file: \"" << cloud_ca_.string() << "\" cert_file: \"ca/unit.pem\" "
        << (options_.cloud_key.empty() ? std::string("key_file: \"ca/unit.key\" ")
                                       : options_.cloud_key)
        << "}\n";
  }
  out << "}\nstatus { listen: \"127.0.0.1:" << status_port_ << "\" }\n" << options_.extra_config;
  if (!options_.clips.empty()) {
    out << "clips { directory: \"spool\" program: \"" << program("sudare-clip").string()
        << "\" }\n";
  }
}

std::string Unit::policy_text(const std::string& not_after) const {
  const auto recipient = [&](const char* name) {
    return identities_.at(name).recipient().to_string();
  };
  const std::string rest =
      "  priority: 1\n  linger_ms: " + std::to_string(options_.linger_ms) + "\n";
  std::string clips;
  if (!options_.clips.empty()) {
    clips = purpose_text("clips", recipient("clips"),
                         "  consent: OPT_OUT\n  audience: OWNER\n  ceiling { allow: VIDEO }\n"
                         "  clips { " +
                             options_.clips + " }\n") +
            kClipSource;
    clips.replace(clips.find("16384"), 5, "1048576");
  }
  return "language: 1\nserial: 1\nnot_after: \"" + not_after + "\"\n" +
         purpose_text("seq", recipient("seq"),
                      "  consent: OPT_OUT\n  ceiling { cell: M1000 allow: SPEED }\n" + rest) +
         purpose_text("asked", recipient("asked"), "  consent: OPT_IN\n  ceiling { }\n" + rest) +
         purpose_text(
             "emergency", recipient("emergency"),
             "  consent: LEGAL_OBLIGATION\n  ceiling { }\n  essential: true\n  priority: 9\n") +
         clips +
         // Exact times and cells do not go to one purpose.
         (options_.position_release.empty() ? json_source("test/json", "seq", "") : "") +
         json_source("test/asked", "asked", "") +
         json_source("test/urgent", "emergency", "  urgent: true\n") +
         "source {\n  topic: \"vehicle/position\"\n  codec: PROTOBUF\n"
         "  message: \"sudare.vehicle.v1.Position\"\n  time_field: \"time_ms\"\n"
         "  release {\n    to: \"seq\"\n" +
         (options_.position_release.empty() ? kSpeedRelease : options_.position_release) +
         "  }\n}\n";
}

void Unit::write_key_file(const std::string& purpose, const std::filesystem::path& path) const {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(file >= 0, "key file");
  must(age::open_side::write_key_file(file, identities_.at(purpose)).has_value(), "key file");
  close(file);
}

void Unit::write_policy(const std::string& not_after) const {
  std::ofstream(policy_file()) << policy_text(not_after);
}

void Unit::provision() const {
  const SystemClock clock;
  auto store = Store::open({state_.string(), 64U << 20, 4U << 20}, clock);
  must(store.has_value(), "store");
  CommitGroup group;
  must(Epochs::provision(clock.wall_ms() / kMsPerDay, group.state).has_value(), "provision");
  must((*store)->commit(group).has_value(), "commit");
}

void Unit::start(bool wait_ready) {
  ProcessOptions options;
  options.output = directory() / "gateway.out";
  options.errors = directory() / ("gateway.err." + std::to_string(++starts_));
  if (!options_.clock.empty()) {
    options.environment = {{"LD_PRELOAD", SUDARE_FAKETIME},
                           {"FAKETIME", options_.clock},
                           {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}};
  }
  options.environment.insert(options.environment.end(), options_.environment.begin(),
                             options_.environment.end());
  std::vector<std::string> arguments = command_;
  arguments.insert(arguments.end(), {"--config", config_file()});
  gateway_ = std::make_unique<Process>(arguments, options);
  if (!wait_ready) return;
  const bool ready = eventually(
      [this] {
        return !gateway_->running() ||
               get("/metrics").body.find("sudare_local_subscribed 1") != std::string::npos;
      },
      patience(std::chrono::seconds(20)));
  must(ready && gateway_->running(), ("the gateway does not come up: " + log()).c_str());
}

std::string Unit::log() const { return gateway_->errors(); }

Unit::Stopped Unit::stop() {
  const auto start = std::chrono::steady_clock::now();
  gateway_->signal(SIGTERM);
  Stopped stopped;
  stopped.status = gateway_->wait(std::chrono::seconds(20));
  stopped.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  return stopped;
}

MqttClient& Unit::recipient() {
  if (!recipient_) {
    MqttClientOptions options;
    if (options_.cloud_address != "127.0.0.1") options.host = options_.cloud_address;
    options.port = cloud_ ? cloud_->port() : options_.cloud_port;
    if (options_.cloud_tls) {
      options.ca_file = authority_->ca_file();
      options.certificate = authority_->client("recipient");
    }
    if (options_.cloud_persistence || !cloud_) {
      options.client_id = "recipient";
      options.clean_session = false;
    }
    recipient_ = std::make_unique<MqttClient>(options);
    recipient_->subscribe("sudare/1/#");
  }
  return *recipient_;
}

std::optional<v1::Batch> Unit::opened(const MqttMessage& message) const {
  const std::string rest = message.topic.substr(std::string("sudare/1/").size());
  const std::string purpose = rest.substr(0, rest.find('/'));
  const auto identity = identities_.find(purpose);
  v1::Batch batch;
  if (identity == identities_.end() ||
      !open_one(identity->second, purpose, message.payload, batch)) {
    return std::nullopt;
  }
  return batch;
}

Unit::Opened Unit::opened(std::size_t skip) { return open_all(recipient().messages(), skip); }

Unit::Opened Unit::open_all(const std::vector<MqttMessage>& messages, std::size_t skip) const {
  Opened result;
  std::set<std::string> seen;
  for (std::size_t i = skip; i < messages.size(); ++i) {
    std::optional<v1::Batch> batch = opened(messages[i]);
    if (!batch) {
      ++result.failures;
      continue;
    }
    if (!seen.insert(batch->batch_id()).second) continue;
    for (const v1::Record& record : batch->records()) {
      ++result.records[batch->purpose()];
      if (record.codec() != v1::Record::JSON) continue;
      result.numbers.insert(nlohmann::json::parse(record.payload()).at("seq").get<std::uint64_t>());
    }
    result.batches.push_back(std::move(*batch));
  }
  return result;
}

bool Unit::wait_for_numbers(std::size_t count, std::chrono::milliseconds longest) {
  std::size_t messages = 0;
  std::size_t numbers = 0;
  return eventually(
      [&] {
        if (recipient().received() == messages) return numbers >= count;
        messages = recipient().received();
        numbers = opened().numbers.size();
        return numbers >= count;
      },
      longest);
}

Account Unit::account() const {
  const SystemClock clock;
  auto store = Store::open({state_.string(), 64U << 20, 4U << 20}, clock);
  must(store.has_value(), "store");
  return (*store)->account();
}

Unit::Page Unit::get(const std::string& path) const {
  httplib::Client client("127.0.0.1", status_port_);
  const auto response = client.Get(path.c_str());
  if (!response) return {};
  return {response->status, response->body};
}

std::string Unit::position_payload(std::uint64_t number) {
  vehicle::v1::Position position;
  position.set_latitude_e7(350'000'000 + static_cast<std::int32_t>(number % 1000) * 1000);
  position.set_longitude_e7(1'390'000'000);
  position.set_altitude_m(12.5F);
  position.set_heading_deg(90);
  position.set_speed_kmh(static_cast<float>(number % 100));
  position.set_satellites(9);
  position.set_time_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count());
  position.set_road_class(vehicle::v1::PRIMARY);
  position.set_road_link(number);
  return position.SerializeAsString();
}

}  // namespace sudare::testkit
