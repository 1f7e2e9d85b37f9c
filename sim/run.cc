#include "sim/run.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/clock.h"
#include "sim/stop.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kDrainMsMax = 10'000;
constexpr std::int64_t kProgressMs = 250;
constexpr std::int64_t kConsentMs = 1000;

// Until the gateway has the driver's word, as far as the tester can tell.
void settle_consents(Publisher& publisher, const Pace& pace) {
  publisher.drain(kDrainMsMax);
  if (pace.after_consents) {
    pace.after_consents();
  } else {
    publisher.work(kConsentMs);
  }
}

// When each message is due, on the machine's monotonic clock.
class Schedule {
 public:
  Schedule(const Pace& pace, std::int64_t start_ms) : pace_(pace), start_ms_(start_ms) {}

  [[nodiscard]] std::int64_t due_ms(const Outgoing& message) {
    if (sent_ > 0) {
      const std::int64_t step_ms = std::max<std::int64_t>(0, message.time_ms - last_time_ms_);
      car_ms_ += std::min(step_ms, pace_.pause_ms_max);
    }
    last_time_ms_ = message.time_ms;
    const double n = static_cast<double>(sent_++);
    if (pace_.messages_per_second > 0) {
      return start_ms_ + std::llround(n * 1000 / pace_.messages_per_second);
    }
    if (pace_.speed <= 0) return start_ms_;
    return start_ms_ + std::llround(static_cast<double>(car_ms_) / pace_.speed);
  }

 private:
  const Pace& pace_;
  std::int64_t start_ms_;
  std::int64_t last_time_ms_ = 0;
  std::int64_t car_ms_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace

Parsed<RunSummary> run(MessageSource& messages, const PublisherOptions& options, const Pace& pace,
                       TruthWriter* truth, Progress* progress) {
  const SystemClock clock;
  RunSummary summary;
  auto connected = Publisher::connect(options, [&](std::uint64_t sequence) {
    ++summary.acknowledged;
    if (truth != nullptr) truth->acknowledged(sequence);
  });
  if (!connected) return tl::unexpected<InputError>(connected.error());
  Publisher& publisher = **connected;
  const std::int64_t start_ms = clock.monotonic_ms();
  std::optional<Schedule> schedule;
  bool consents = false;
  std::int64_t next_progress_ms = start_ms;
  std::int64_t first_time_ms = 0;
  while (summary.sent < pace.count_max && !stop_requested()) {
    const auto message = messages.next();
    if (!message) break;
    if (summary.sent == 0) first_time_ms = message->time_ms;
    const std::int64_t car_ms = message->time_ms - first_time_ms;
    if (static_cast<double>(car_ms) > pace.duration_seconds * 1000) break;
    if (consents && !message->retained) settle_consents(publisher, pace);
    consents = message->retained;
    if (!consents && !schedule) schedule.emplace(pace, clock.monotonic_ms());
    const std::int64_t due_ms = schedule ? schedule->due_ms(*message) : start_ms;
    for (std::int64_t now_ms = clock.monotonic_ms(); now_ms < due_ms && !stop_requested();
         now_ms = clock.monotonic_ms()) {
      if (progress != nullptr) progress->show(summary, message->time_ms);
      publisher.work(std::min(due_ms - now_ms, kProgressMs));
    }
    if (stop_requested()) break;
    const std::uint64_t sequence = ++summary.sent;
    if (truth != nullptr) truth->message(sequence, *message, clock.wall_ms());
    if (!publisher.publish(sequence, message->topic, message->payload, message->retained)) {
      --summary.sent;  // stopped before it went out
      break;
    }
    summary.payload_bytes += message->payload.size();
    summary.positions += message->positions.size();
    summary.car_ms = car_ms;
    if (progress != nullptr && clock.monotonic_ms() >= next_progress_ms) {
      next_progress_ms = clock.monotonic_ms() + kProgressMs;
      progress->show(summary, message->time_ms);
    }
  }
  summary.stopped = stop_requested();
  publisher.drain(kDrainMsMax);
  summary.reconnects = publisher.reconnects();
  summary.resent = publisher.resent();
  summary.took_ms = clock.monotonic_ms() - start_ms;
  return summary;
}

}  // namespace sudare::sim
