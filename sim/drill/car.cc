#include "sim/drill/car.h"

#include <unistd.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "fleet/provision/provision.h"
#include "sim/car/vehicle.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"
#include "sim/profile.h"
#include "sim/stop.h"
#include "sim/traffic/encode.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "sudare/vehicle/v1/status.pb.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStateMsMax = 30'000;
constexpr std::int64_t kStopMsMax = 5000;

class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(std::int64_t days_ago) : back_ms_(days_ago * kMsPerDay) {}
  [[nodiscard]] std::int64_t wall_ms() const override { return real_.wall_ms() - back_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return real_.monotonic_ms(); }

 private:
  SystemClock real_;
  std::int64_t back_ms_;
};

std::string url_of(const MqttPeer& peer) {
  return (peer.endpoint.tls ? "mqtts://127.0.0.1:" : "mqtt://127.0.0.1:") +
         std::to_string(peer.endpoint.port);
}

}  // namespace

Car::Car(const Setting& setting, CarOptions options)
    : setting_(setting),
      options_(std::move(options)),
      directory_(setting.place().in(options_.name)) {}

Car::~Car() {
  for (auto* child : {&gateway_, &broker_}) {
    if (*child) (*child)->stop(kStopMsMax);
  }
}

Parsed<std::unique_ptr<Car>> Car::make(const Setting& setting, const CarOptions& options) {
  std::unique_ptr<Car> car(new Car(setting, options));
  for (std::uint16_t* port : {&car->local_port_, &car->status_port_}) {
    auto found = free_port();
    if (!found) return tl::unexpected<InputError>(found.error());
    *port = *found;
  }
  for (const auto& step : {&Car::write_files, &Car::provision}) {
    if (auto done = (*car.*step)(); !done) return tl::unexpected<InputError>(done.error());
  }
  return car;
}

Parsed<Done> Car::write_files() {
  for (const fs::path& directory : {directory_, state(), broker_files(), record().parent_path()}) {
    std::error_code error;
    fs::create_directory(directory, error);
    fs::permissions(directory, fs::perms::owner_all, error);
    if (error) return input_error(directory, 0, error.message());
  }
  std::string broker = "listener " + std::to_string(local_port_) +
                       " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                       "log_dest stderr\nlog_type error\nconnection_messages false\n";
  if (geteuid() == 0) broker += "user root\n";
  if (options_.bridge_port != 0) {
    broker += "persistence true\npersistence_location " + broker_files().string() +
              "/\nconnection uplink\naddress 127.0.0.1:" + std::to_string(options_.bridge_port) +
              "\ntopic # out 1 \"\" cars/" + identity_of_seed(options_.seed).vin +
              "/\ncleansession false\nnotifications false\ntry_private false\nrestart_timeout 1\n";
  }
  if (auto done = write_text(directory_ / "broker.conf", broker); !done) return done;
  const MqttPeer& cloud = options_.cloud;
  std::string config = "state_directory: \"" + state().string() + "\"\npolicy_file: \"" +
                       setting_.place().in("policy.textproto").string() +
                       "\"\nlocal { url: \"mqtt://127.0.0.1:" + std::to_string(local_port_) +
                       "\" }\ncloud { url: \"" + url_of(cloud) + "\" backoff_ms_max: 1000";
  if (cloud.endpoint.tls) {
    config += " tls { ca_file: \"" + cloud.ca_file + "\" cert_file: \"" + cloud.cert_file +
              "\" key_file: \"" + cloud.key_file + "\" }";
  }
  config += " }\nstatus { listen: \"127.0.0.1:" + std::to_string(status_port_) + "\" }\n";
  return write_text(directory_ / "gateway.textproto", config);
}

Parsed<Done> Car::provision() {
  const CarIdentity car = identity_of_seed(options_.seed);
  if (options_.provisioned_days_ago > 0) return provision_in_the_past();
  const nlohmann::json identity = {{"vin", car.vin},
                                   {"frame_number", car.frame_number},
                                   {"terminal_number", car.navigation_terminal}};
  // It names the car, and is no part of what lies on it.
  const fs::path file = setting_.place().in("keys") / (options_.name + ".json");
  if (auto done = write_text(file, identity.dump()); !done) return done;
  auto done = run_tool({setting_.tools().sudare(), "provision", "--state", state(), "--identity",
                        file, "--relink-recipient", setting_.public_key("relink"), "-o", record()},
                       setting_.place().in("tool.log"));
  std::error_code ignored;
  fs::remove(file, ignored);
  if (!done) return tl::unexpected<InputError>(done.error());
  return Done{};
}

// The tool would need another clock; what it calls takes one.
Parsed<Done> Car::provision_in_the_past() {
  const CarIdentity car = identity_of_seed(options_.seed);
  ProvisionOptions options;
  options.state_directory = state();
  options.identity = {car.vin, car.frame_number, car.navigation_terminal};
  options.authorities = {setting_.keys("relink").front().recipient()};
  const auto done =
      sudare::provision(options, ShiftedClock(options_.provisioned_days_ago),
                        [&](const std::vector<std::string>& shares) -> Status {
                          if (write_text(record(), shares.front())) return sudare::Done{};
                          return fail(ErrorCode::kIo, "drill: the record can't be written");
                        });
  if (!done) return input_error(done.error(), "provisioning");
  return Done{};
}

PublisherOptions Car::local() const {
  PublisherOptions options;
  options.broker.endpoint = {"127.0.0.1", local_port_, false};
  return options;
}

Parsed<Done> Car::start_broker() {
  auto child = Child::start({mosquitto_program(), "-c", directory_ / "broker.conf"},
                            directory_ / "broker.log");
  if (!child) return tl::unexpected<InputError>(child.error());
  broker_ = std::make_unique<Child>(*std::move(child));
  const bool ready = wait_until(
      [&] { return !broker_->running() || Publisher::connect(local(), [](std::uint64_t) {}); },
      kStateMsMax);
  if (ready && broker_->running()) return Done{};
  return input_error({}, 0, "the in-vehicle broker does not start\n" + tail_of(broker_->output()));
}

Parsed<Done> Car::start_gateway(bool connected) {
  auto child = Child::start(
      {setting_.tools().gateway(), "--config", directory_ / "gateway.textproto"}, log());
  if (!child) return tl::unexpected<InputError>(child.error());
  gateway_ = std::make_unique<Child>(*std::move(child));
  const bool ready = wait_until(
      [&] {
        if (!gateway_->running()) return true;
        const auto now = metrics();
        return now && now->sum("sudare_local_connected") == 2 &&
               now->sum("sudare_local_subscribed") == 1 &&
               (!connected || now->sum("sudare_uplink_connected") == 1);
      },
      kStateMsMax);
  if (stop_requested()) return input_error({}, 0, "stopped");
  if (ready && gateway_->running()) return Done{};
  return input_error({}, 0, "sudare-gateway does not start\n" + tail_of(gateway_->output()));
}

void Car::stop_gateway() { gateway_->stop(kStopMsMax); }

void Car::kill_gateway() {
  gateway_->signal(SIGKILL);
  while (gateway_->running()) sleep_ms(1);
}

Parsed<Done> Car::save_broker_queue() {
  const fs::path file = broker_files() / "mosquitto.db";
  std::error_code ignored;
  fs::remove(file, ignored);
  broker_->signal(SIGUSR1);
  // It writes beside it and renames.
  if (wait_until([&] { return fs::exists(file); }, kStateMsMax)) return Done{};
  return input_error(file, 0, "the in-vehicle broker does not write its queue");
}

std::uint64_t Car::taken() const {
  const auto now = metrics();
  return now ? now->sum("sudare_local_messages_total") : 0;
}

Parsed<Done> Car::wait_taken(std::uint64_t messages) const {
  if (wait_for_none([&] { return left_of(messages, taken()); }, kStateMsMax)) return Done{};
  if (stop_requested()) return input_error({}, 0, "stopped");
  return input_error({}, 0, "the gateway does not take what the car says\n" + tail_of(log()));
}

Parsed<Done> Car::drive(const DriveOptions& drive) {
  const std::int64_t length_ms = std::llround(drive.car_seconds * 1000);
  v1::Profile profile = default_profile();
  TrafficOptions traffic;
  traffic.consents = setting_.place().purposes();
  VehicleTime time;
  // The last message is of now.
  time.start_ms = SystemClock().wall_ms() - length_ms +
                  std::llround(static_cast<double>(length_ms) / drive.speed);
  Vehicle vehicle(profile, options_.seed, time, traffic);
  auto truth = TruthWriter::create(directory_ / ("truth-" + std::to_string(truths_++)));
  if (!truth) return tl::unexpected<InputError>(truth.error());
  for (const Planted& planted : planted_identifiers(vehicle.identity())) (*truth)->planted(planted);
  Pace pace;
  pace.speed = drive.speed;
  pace.duration_seconds = drive.car_seconds;
  const std::uint64_t before = taken();
  pace.after_consents = [&] { (void)wait_taken(before + setting_.place().purposes().size()); };
  auto summary = sim::run(vehicle.messages(), local(), pace, truth->get(), nullptr);
  if (!summary) return tl::unexpected<InputError>(summary.error());
  if (!(*truth)->close()) return input_error({}, 0, "the ground truth could not be written");
  if (summary->stopped) return input_error({}, 0, "stopped");
  const auto sent = read_truth(directory_ / ("truth-" + std::to_string(truths_ - 1)));
  if (!sent) return tl::unexpected<InputError>(sent.error());
  std::uint64_t subscribed = 0;
  for (const TruthMessage& message : sent->messages) {
    subscribed += message.retained || setting_.subscribes(message.topic) ? 1 : 0;
  }
  return wait_taken(before + subscribed);
}

Parsed<Done> Car::stand_still() {
  const std::int64_t now_ms = SystemClock().wall_ms();
  vehicle::VehicleStatus status;  // ignition off: proto3 leaves out 0
  status.set_time_ms(now_ms);
  vehicle::Position position;
  position.set_time_ms(now_ms);
  position.set_latitude_e7(351'160'000);
  position.set_longitude_e7(1'372'680'000);
  auto publisher = Publisher::connect(local(), [](std::uint64_t) {});
  if (!publisher) return tl::unexpected<InputError>(publisher.error());
  const std::uint64_t before = taken();
  const bool sent =
      (*publisher)
          ->publish(1, "vehicle/status", encode(status, PayloadCodec::kProtobuf, 0), false) &&
      (*publisher)
          ->publish(2, "vehicle/position", encode(position, PayloadCodec::kProtobuf, 0), false);
  if (!sent) return input_error({}, 0, "stopped");
  (*publisher)->drain(kStateMsMax);
  return wait_taken(before + 2);
}

Parsed<Done> Car::wait_drained() {
  std::uint64_t queued = kLeftUnknown;
  const auto left = [&] {
    const auto now = metrics();
    queued = now ? now->sum("sudare_rows", {{"fate", "queued"}}) : kLeftUnknown;
    return queued;
  };
  if (wait_for_none(left, kStateMsMax)) return Done{};
  if (stop_requested()) return input_error({}, 0, "stopped");
  const std::string what =
      queued == kLeftUnknown ? "it does not answer" : std::to_string(queued) + " rows are queued";
  return input_error({}, 0,
                     "the gateway does not deliver what it holds: " + what + "\n" + tail_of(log()));
}

Parsed<Truth> Car::truth() const {
  Truth all;
  for (int i = 0; i < truths_; ++i) {
    auto one = read_truth(directory_ / ("truth-" + std::to_string(i)));
    if (!one) return one;
    all.planted = std::move(one->planted);
    for (TruthMessage& message : one->messages) all.messages.push_back(std::move(message));
  }
  return all;
}

}  // namespace sudare::sim::drill
