#include "gateway/collect/collector.h"

#include <algorithm>

#include "base/limits.h"

namespace sudare {
namespace {

// Normal messages between two looks at the urgent session: well under a millisecond of work.
constexpr std::size_t kSlice = 64;

// After EINTR nothing is known about any of them.
void forget(std::vector<pollfd>& waited) {
  for (pollfd& one : waited) one.revents = 0;
}

}  // namespace

Collector::Collector(const CollectOptions& options, const Clock& clock)
    : clock_(clock),
      normal_(options, options.client_id, clock, *this),
      urgent_(options, options.client_id + "-urgent", clock, *this) {}

void Collector::set_filters(std::vector<std::string> normal, std::vector<std::string> urgent) {
  urgent_used_ = !urgent.empty();
  normal_.set_filters(std::move(normal));
  urgent_.set_filters(std::move(urgent));
}

void Collector::wait(std::int64_t timeout_ms, bool reading, std::vector<pollfd>& others) {
  if (!reading) {
    if (poll(others.data(), others.size(), static_cast<int>(timeout_ms)) < 0) forget(others);
    return;
  }
  urgent_.tend();
  normal_.tend();
  const std::int64_t due = std::min(normal_.next_ms(), urgent_.next_ms());
  std::int64_t longest = timeout_ms < 0 ? due : std::min(timeout_ms, due);
  if (normal_.together()) longest = std::min(longest, kTogetherMs);
  const bool leftover = normal_.readable() || urgent_.readable();
  const std::size_t first = others.size();
  others.push_back(urgent_.wants());
  others.push_back(normal_.wants());
  if (poll(others.data(), others.size(), leftover ? 0 : static_cast<int>(longest)) < 0) {
    forget(others);
  }
  urgent_.polled(others[first].revents);
  normal_.polled(others[first + 1].revents);
  if (normal_.together()) normal_.look();
  others.resize(first);
}

ReadResult Collector::read(const ReadBound& bound, const Take& take) {
  ReadResult result;
  take_ = &take;
  round_messages_ = round_bytes_ = 0;
  // One look at the clock per round: the round lasts milliseconds at most.
  message_.received_ms = clock_.wall_ms();
  std::size_t normal_messages = 0;
  const auto room = [&] { return round_messages_ < bound.messages && round_bytes_ < bound.bytes; };
  do {
    result.urgent = read_session(urgent_, bound, bound.messages) > 0 || result.urgent;
    normal_messages += read_session(normal_, bound, kSlice);
  } while (room() && normal_.readable());
  normal_.read_in_a_row(normal_messages);
  result.messages = round_messages_;
  result.bytes = round_bytes_;
  take_ = nullptr;
  messages_ += round_messages_;
  bytes_ += round_bytes_;
  return result;
}

std::size_t Collector::read_session(LocalSession& session, const ReadBound& bound,
                                    std::size_t most) {
  const std::size_t before = round_messages_;
  reading_normal_ = &session == &normal_;
  while (session.readable() && round_messages_ - before < most &&
         round_messages_ < bound.messages && round_bytes_ < bound.bytes) {
    if (!session.read_one()) break;
  }
  return round_messages_ - before;
}

void Collector::incoming(const Incoming& incoming) {
  ++round_messages_;
  round_bytes_ += incoming.payload.size();
  const bool too_large = incoming.cut || incoming.payload.size() > kPayloadBytesMax ||
                         incoming.topic.size() > kTopicBytesMax;
  message_.topic.assign(incoming.topic.substr(0, kTopicBytesMax));
  message_.payload.assign(too_large ? std::string_view() : incoming.payload);
  message_.sequence.assign(incoming.sequence.substr(0, kTopicBytesMax));
  message_.retained = incoming.retained;
  message_.over_normal = reading_normal_;
  (*take_)(message_, too_large);
}

void Collector::acknowledge() {
  urgent_.acknowledge();
  normal_.acknowledge();
}

bool Collector::publish(std::string_view topic, std::string_view payload) {
  return normal_.publish(topic, payload);
}

void Collector::disconnect(std::int64_t ms_max) {
  urgent_.disconnect(ms_max / 2);
  normal_.disconnect(ms_max / 2);
}

CollectStatus Collector::status() const {
  CollectStatus status;
  status.normal_connected = normal_.connected();
  status.urgent_connected = urgent_.connected() || !urgent_used_;
  status.subscribed = normal_.subscribed() && (urgent_.subscribed() || !urgent_used_);
  status.refused_filters = normal_.refused_filters() + urgent_.refused_filters();
  status.connects = normal_.connects() + urgent_.connects();
  status.messages = messages_;
  status.bytes = bytes_;
  return status;
}

}  // namespace sudare
