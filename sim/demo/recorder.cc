#include "sim/demo/recorder.h"

#include <poll.h>

#include <fstream>
#include <utility>

#include "base/clock.h"
#include "gateway/mqtt/connection.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kSubscribeMsMax = 10'000;
constexpr int kPollMs = 50;
constexpr std::int64_t kTendMs = 1000;

}  // namespace

struct Recorder::Session final : MqttEvents {
  explicit Session(Recorder& owner) : recorder(owner), out(owner.file_, std::ios::binary) {}

  void on_connected(bool /*session_present*/) override {
    if (!connection->subscribe({"#"})) refused = true;
  }
  void on_refused(int /*reason*/) override { refused = true; }
  void on_subscribed(const std::vector<int>& reasons) override {
    constexpr int kFailureLeast = 0x80;
    subscribed = !reasons.empty() && reasons.front() < kFailureLeast;
    refused = !subscribed;
  }
  void on_message(std::string_view topic, std::string_view payload, bool /*retained*/) override {
    out << topic << '\n' << payload << '\n';
    if (recorder.taken_) recorder.taken_(topic, payload);
    ++recorder.messages_;
    recorder.bytes_ += topic.size() + payload.size();
  }

  // One round of the connection; false where it ended.
  bool round(const Clock& clock) {
    pollfd entry{connection->fd(), POLLIN, 0};
    if (connection->wants_write()) entry.events |= POLLOUT;
    poll(&entry, 1, kPollMs);
    for (;;) {
      const Result<bool> more = connection->read();
      if (!more) return false;
      if (!*more) break;
    }
    if (clock.monotonic_ms() - tended_ms > kTendMs) {
      tended_ms = clock.monotonic_ms();
      if (!connection->tend()) return false;
    }
    return connection->write().has_value();
  }

  Recorder& recorder;
  std::ofstream out;
  std::unique_ptr<MqttConnection> connection;
  std::int64_t tended_ms = 0;
  bool subscribed = false;
  bool refused = false;
};

Parsed<std::unique_ptr<Recorder>> Recorder::start(const MqttPeer& broker,
                                                  const std::filesystem::path& directory,
                                                  Taken taken) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  std::unique_ptr<Recorder> recorder(new Recorder);
  recorder->file_ = directory / "messages";
  recorder->taken_ = std::move(taken);
  auto session = std::make_unique<Session>(*recorder);
  MqttOptions options;
  options.peer = broker;
  options.receive_maximum = 1000;
  auto connection = MqttConnection::start(options, *session);
  if (!connection) return input_error(connection.error(), "recording a broker's traffic");
  session->connection = *std::move(connection);
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + kSubscribeMsMax;
  while (!session->subscribed && !session->refused && clock.monotonic_ms() < until_ms) {
    if (!session->round(clock)) break;
  }
  if (!session->subscribed) return input_error({}, 0, "a broker refuses a subscription of #");
  recorder->thread_ =
      std::thread([self = recorder.get(), held = std::move(session)] { self->serve(*held); });
  return recorder;
}

void Recorder::serve(Session& session) {
  const SystemClock clock;
  while (!stop_) {
    if (session.round(clock)) continue;
    broken_ = true;
    break;
  }
  session.out.close();
  if (session.out.fail()) broken_ = true;
}

void Recorder::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

Recorder::~Recorder() { stop(); }

}  // namespace sudare::sim
