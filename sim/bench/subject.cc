#include "sim/bench/subject.h"

#include <google/protobuf/text_format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "sim/bench/load.h"
#include "sim/car/vehicle.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"
#include "sudare/v1/policy.pb.h"

namespace sudare::sim::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStartMsMax = 20'000;
constexpr std::int64_t kStopMsMax = 5000;
// The queue of a million records, and more.
constexpr std::uint64_t kQuotaBytes = 4'294'967'296;

std::string store_text(std::uint64_t quota_bytes) {
  if (quota_bytes == 0) quota_bytes = kQuotaBytes;
  return "store { quota_bytes: " + std::to_string(quota_bytes) +
         " essential_reserve_bytes: " + std::to_string(quota_bytes / 16) + " }\n";
}

// What both brokers of both subjects have: nothing is dropped for want of room in a queue, no delay
// in TCP, no log of connections.
std::string broker_text(std::uint16_t port) {
  std::string text = "listener " + std::to_string(port) +
                     " 127.0.0.1\nallow_anonymous true\n"
                     "max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n"
                     "connection_messages false\nlog_dest stderr\nlog_type error\n"
                     "log_type warning\n";
  // A broker that root starts would become another user, who can't read this directory.
  if (geteuid() == 0) text += "user root\n";
  return text;
}

Parsed<Broker> broker_at(std::uint16_t port, MqttVersion version) {
  MqttPeer peer;
  peer.version = version;
  peer.endpoint = {"127.0.0.1", port, false};
  auto broker = Broker::find(peer);
  if (!broker) return input_error(broker.error(), "a broker");
  return *std::move(broker);
}

bool answers(const Broker& broker) {
  struct Connected final : ClientEvents {
    void on_connected(bool /*session_present*/) override { connected = true; }
    bool connected = false;
  } events;
  auto client = Client::start(broker, {}, events);
  if (!client) return false;
  for (int i = 0; i < 100 && !events.connected; ++i) {
    if (!client->exchange(1)) return false;
    sleep_ms(2);
  }
  client->disconnect();
  (void)client->flush();
  return events.connected;
}

Parsed<std::string> with_linger(const fs::path& file, const std::string& text,
                                std::uint32_t linger_ms) {
  sudare::v1::Policy policy;
  if (!google::protobuf::TextFormat::ParseFromString(text, &policy)) {
    return input_error(file, 0, "is no policy", "sudare policy check says where");
  }
  for (auto& purpose : *policy.mutable_purpose()) {
    if (purpose.linger_ms() > 0) purpose.set_linger_ms(linger_ms);
  }
  std::string changed;
  google::protobuf::TextFormat::PrintToString(policy, &changed);
  return changed;
}

}  // namespace

const char* name_of(SubjectKind kind) {
  return kind == SubjectKind::kBridge ? "bridge" : "gateway";
}

Parsed<std::unique_ptr<Subject>> Subject::start(const Parts& parts, const SubjectOptions& options) {
  std::unique_ptr<Subject> subject(new Subject(parts, options));
  for (const auto& step : {&Subject::prepare, &Subject::start_cloud, &Subject::start_local,
                           &Subject::start_gateway, &Subject::wait_connected}) {
    if (auto done = (*subject.*step)(); !done) return tl::unexpected<InputError>(done.error());
  }
  return subject;
}

Subject::~Subject() {
  for (auto* child : {&gateway_, &local_broker_, &cloud_broker_}) {
    if (*child) (*child)->stop(kStopMsMax);
  }
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

const Keys* Subject::keys() const {
  return options_.kind == SubjectKind::kBridge ? nullptr : &keys_;
}

Parsed<Done> Subject::prepare() {
  std::string shape = parts_.directory / "subject-XXXXXX";
  if (mkdtemp(shape.data()) == nullptr) return input_error(shape, 0, std::strerror(errno));
  directory_ = fs::absolute(shape);
  for (std::uint16_t* port : {&local_port_, &uplink_port_, &recipient_port_, &status_port_}) {
    auto found = free_port();
    if (!found) return tl::unexpected<InputError>(found.error());
    *port = *found;
  }
  // A broker of MQTT 5 with default settings takes 20 messages at a time.
  auto local = broker_at(local_port_, MqttVersion::k311);
  if (!local) return tl::unexpected<InputError>(local.error());
  local_ = *std::move(local);
  auto cloud = broker_at(recipient_port_, MqttVersion::k5);
  if (!cloud) return tl::unexpected<InputError>(cloud.error());
  cloud_ = *std::move(cloud);
  if (auto written = write_brokers(); !written) return written;
  return options_.kind == SubjectKind::kGateway ? write_gateway() : Parsed<Done>(Done{});
}

Parsed<Done> Subject::write_brokers() const {
  std::string cloud = broker_text(uplink_port_) + "listener " + std::to_string(recipient_port_) +
                      " 127.0.0.1\nallow_anonymous true\n";
  if (options_.cloud_keeps) {
    cloud += "persistence true\npersistence_location " + directory_.string() + "/\n";
  }
  std::string local = broker_text(local_port_);
  // MQTT 3.1.1, which is the default: it is as fast as 5, has a byte less per message, and the
  // bridge of 2.0.11 can't connect with 5 and an unbounded window.
  if (options_.kind == SubjectKind::kBridge && !options_.unconnected) {
    if (options_.bridge_defaults) {
      replace_all(local, "max_inflight_messages 0\nmax_queued_messages 0\n", "");
    }
    local += "connection uplink\naddress 127.0.0.1:" + std::to_string(uplink_port_) +
             "\ntopic vehicle/# out 1\ncleansession false\nnotifications false\n"
             "try_private false\nrestart_timeout 1\n";
  }
  if (auto written = write_text(directory_ / "cloud.conf", cloud); !written) return written;
  return write_text(directory_ / "local.conf", local);
}

Parsed<Done> Subject::write_gateway() {
  const fs::path& file = options_.policy.empty() ? parts_.policy : options_.policy;
  auto policy =
      policy_with_recipients(file, [&](const std::string& purpose) -> Parsed<std::string> {
        auto& keys = keys_[purpose];
        keys.push_back(age::open_side::Identity::generate());
        return keys.back().recipient().to_string();
      });
  if (!policy) return tl::unexpected<InputError>(policy.error());
  if (options_.linger_ms > 0) policy = with_linger(file, *policy, options_.linger_ms);
  if (!policy) return tl::unexpected<InputError>(policy.error());
  if (auto done = write_text(directory_ / "policy.textproto", *policy); !done) return done;
  std::string config = "state_directory: \"state\"\npolicy_file: \"policy.textproto\"\n";
  // As the bridge: what is compared is not a protocol's version.
  config += "local { url: \"mqtt://127.0.0.1:" + std::to_string(local_port_) +
            "\" version: MQTT_3_1_1 }\n";
  config += "cloud { url: \"mqtt://127.0.0.1:" + std::to_string(uplink_port_) +
            "\" backoff_ms_max: 1000 }\n";
  config += "status { listen: \"127.0.0.1:" + std::to_string(status_port_) + "\" }\n";
  if (options_.commit_interval_ms > 0) {
    config += "commit { interval_ms: " + std::to_string(options_.commit_interval_ms) + " }\n";
  }
  config += store_text(options_.quota_bytes);
  if (auto done = write_text(directory_ / "gateway.textproto", config); !done) return done;
  const std::string identity = "{\"vin\": \"" + identity_of_seed(1).vin + "\"}";
  if (auto done = write_text(directory_ / "identity.json", identity); !done) return done;
  const auto authority = age::open_side::Identity::generate().recipient().to_string();
  auto done = run_tool({parts_.programs / "sudare", "provision", "--state", directory_ / "state",
                        "--identity", directory_ / "identity.json", "--relink-recipient", authority,
                        "-o", directory_ / "relink.age"},
                       directory_ / "provision.log");
  if (!done) return tl::unexpected<InputError>(done.error());
  return Done{};
}

Parsed<Child> Subject::start_program(const std::string& name,
                                     std::vector<std::string> arguments) const {
  return Child::start(std::move(arguments), directory_ / (name + ".log"));
}

Parsed<Done> Subject::start_cloud() {
  auto child = start_program("cloud", {mosquitto_program(), "-c", directory_ / "cloud.conf"});
  if (!child) return tl::unexpected<InputError>(child.error());
  cloud_broker_ = std::make_unique<Child>(*std::move(child));
  if (!wait_until([&] { return !cloud_broker_->running() || answers(cloud_); }, kStartMsMax) ||
      !cloud_broker_->running()) {
    return input_error({}, 0,
                       "the cloud broker does not start\n" + tail_of(cloud_broker_->output()));
  }
  return Done{};
}

Parsed<Done> Subject::start_local() {
  auto child = start_program("local", {mosquitto_program(), "-c", directory_ / "local.conf"});
  if (!child) return tl::unexpected<InputError>(child.error());
  local_broker_ = std::make_unique<Child>(*std::move(child));
  if (!wait_until([&] { return !local_broker_->running() || answers(local_); }, kStartMsMax) ||
      !local_broker_->running()) {
    return input_error({}, 0,
                       "the in-vehicle broker does not start\n" + tail_of(local_broker_->output()));
  }
  return Done{};
}

Parsed<Done> Subject::start_gateway() {
  if (options_.kind == SubjectKind::kBridge) return Done{};
  std::vector<std::string> arguments = {parts_.programs / "sudare-gateway", "--config",
                                        directory_ / "gateway.textproto"};
  if (options_.slow_disk) {
    const std::vector<std::string> with = {"env", "LD_PRELOAD=" + parts_.slow_sync.string()};
    arguments.insert(arguments.begin(), with.begin(), with.end());
  }
  auto child = start_program("gateway", arguments);
  if (!child) return tl::unexpected<InputError>(child.error());
  gateway_ = std::make_unique<Child>(*std::move(child));
  return Done{};
}

Parsed<Done> Subject::wait_connected() {
  if (options_.unconnected) return Done{};
  if (options_.kind == SubjectKind::kBridge) return wait_bridge();
  const bool ready = wait_until(
      [&] {
        if (!gateway_->running()) return true;
        const auto now = metrics();
        return now && now->sum("sudare_local_connected") == 2 &&
               now->sum("sudare_local_subscribed") == 1 && now->sum("sudare_uplink_connected") == 1;
      },
      kStartMsMax);
  if (ready && gateway_->running()) return Done{};
  return input_error({}, 0, "sudare-gateway does not start\n" + tail_of(gateway_->output()));
}

// A bridge shows nothing: a probe that arrives is the proof.
Parsed<Done> Subject::wait_bridge() {
  Series probe = Series::emergencies(1, 1'700'000'000'000);
  Ledger ledger(1);
  auto recipient = Recipient::start(cloud_, nullptr, {}, false);
  if (!recipient) return tl::unexpected<InputError>(recipient.error());
  const bool ready = wait_until(
      [&] {
        (void)run_load(local_, probe, ledger, {.first = 0, .count = 1, .stop = {}});
        sleep_ms(20);
        return (*recipient)->messages() > 0;
      },
      kStartMsMax);
  if (!ready) return input_error({}, 0, "the bridge does not connect");
  return Done{};
}

Usage Subject::broker_usage() const { return usage_of(local_broker_->pid()); }
Usage Subject::gateway_usage() const { return gateway_ ? usage_of(gateway_->pid()) : Usage{}; }
Usage Subject::cloud_usage() const { return usage_of(cloud_broker_->pid()); }
Usage Subject::unit_usage() const { return gateway_ ? gateway_usage() : broker_usage(); }
std::optional<PortBytes> Subject::uplink() const { return bytes_of_port(uplink_port_); }
Parsed<Metrics> Subject::metrics() const { return fetch_metrics(status_port_); }

void Subject::stop_cloud() { cloud_broker_->stop(kStopMsMax); }

void Subject::kill_unit() {
  Child& unit = gateway_ ? *gateway_ : *local_broker_;
  unit.signal(SIGKILL);
  while (unit.running()) sleep_ms(1);
}

Parsed<Done> Subject::start_unit() {
  return options_.kind == SubjectKind::kBridge ? start_local() : start_gateway();
}

}  // namespace sudare::sim::bench
