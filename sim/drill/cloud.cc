#include "sim/drill/cloud.h"

#include <unistd.h>

#include "base/clock.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"
#include "sim/stop.h"

namespace sudare::sim::drill {

namespace {

constexpr std::int64_t kStartMsMax = 20'000;
constexpr std::int64_t kStopMsMax = 5000;

}  // namespace

Parsed<std::unique_ptr<Cloud>> Cloud::make(const Workplace& place, const std::string& name,
                                           const std::vector<std::string>& senders, bool tls) {
  std::unique_ptr<Cloud> cloud(new Cloud(place, name, tls));
  if (auto written = cloud->write_config(senders); !written) {
    return tl::unexpected<InputError>(written.error());
  }
  return cloud;
}

Parsed<Done> Cloud::write_config(const std::vector<std::string>& senders) {
  std::error_code error;
  std::filesystem::create_directory(directory_, error);
  std::filesystem::create_directory(place_.in(name_ + "-traffic"), error);
  const std::string certificates = place_.in("cloud-broker");
  std::string text;
  for (const std::string& sender : senders) {
    auto port = free_port();
    if (!port) return tl::unexpected<InputError>(port.error());
    ports_[sender] = *port;
    text += "listener " + std::to_string(*port) + " 127.0.0.1\nmount_point " + sender + "/\n";
    if (!tls_) continue;
    text += "cafile " + certificates + "/ca.crt\ncertfile " + certificates +
            "/broker.crt\nkeyfile " + certificates +
            "/broker.key\ntls_version tlsv1.3\nrequire_certificate true\n";
  }
  auto port = free_port();
  if (!port) return tl::unexpected<InputError>(port.error());
  director_port_ = *port;
  text += "listener " + std::to_string(director_port_) + " 127.0.0.1\n";
  // Nothing that came may be missing from what is handed over.
  text +=
      "allow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
      "persistence true\npersistence_location " +
      directory_.string() +
      "/\nlog_dest stderr\nlog_type error\nlog_type warning\nconnection_messages false\n";
  // A broker that root starts would become another user, who can't read this directory.
  if (geteuid() == 0) text += "user root\n";
  return write_text(directory_ / "broker.conf", text);
}

Parsed<Done> Cloud::start() {
  auto child = Child::start({mosquitto_program(), "-c", directory_ / "broker.conf"},
                            directory_ / "broker.log");
  if (!child) return tl::unexpected<InputError>(child.error());
  broker_ = std::make_unique<Child>(*std::move(child));
  MqttPeer director;
  director.endpoint = {"127.0.0.1", director_port_, false};
  const auto traffic = place_.in(name_ + "-traffic") / std::to_string(++starts_);
  const bool ready = wait_until(
      [&] {
        if (!broker_->running()) return true;
        auto started = Recorder::start(
            director, traffic,
            [this](std::string_view topic, std::string_view payload) { take(topic, payload); });
        if (started) recorder_ = *std::move(started);
        return recorder_ != nullptr;
      },
      kStartMsMax);
  if (ready && recorder_ != nullptr) return Done{};
  if (stop_requested()) return input_error({}, 0, "stopped");
  return input_error({}, 0, name_ + " does not start\n" + tail_of(broker_->output()));
}

void Cloud::stop() {
  if (recorder_) {
    recorder_->stop();
    whole_ = whole_ && !recorder_->broken();
    recorder_.reset();
  }
  if (broker_) broker_->stop(kStopMsMax);
  broker_.reset();
}

void Cloud::take(std::string_view topic, std::string_view payload) {
  const std::size_t slash = topic.find('/');
  if (slash == std::string_view::npos) return;  // of the director's own listener: nobody's
  constexpr std::int64_t kMsPerSecond = 1000;
  const std::lock_guard lock(mutex_);
  bucket_.push_back({std::string(topic.substr(slash + 1)), std::string(payload),
                     SystemClock().wall_ms() / kMsPerSecond, std::string(topic.substr(0, slash))});
}

MqttPeer Cloud::peer(const std::string& sender) const {
  MqttPeer peer;
  if (tls_) peer = place_.cloud_broker("unit");
  peer.endpoint = {"127.0.0.1", ports_.at(sender), tls_};
  return peer;
}

Bucket Cloud::bucket() const {
  const std::lock_guard lock(mutex_);
  return bucket_;
}

std::size_t Cloud::count() const {
  const std::lock_guard lock(mutex_);
  return bucket_.size();
}

}  // namespace sudare::sim::drill
