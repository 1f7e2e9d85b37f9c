#include "gateway/upload/outgoing.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace sudare {
namespace {

// After the outbox could not be read: a disk that fails does not heal within milliseconds.
constexpr std::int64_t kReadAgainMs = 2000;
// A look without need, should a wake-up ever have been missed.
constexpr std::int64_t kIdleLookMs = 30'000;
// Rows of one look at the outbox: bounds the memory of the look.
constexpr std::size_t kRowsPerLook = 64;
// A reason code of MQTT 5 from here on is a failure; the broker has not taken the message.
constexpr int kFailureReason = 0x80;

// "sudare/1/traffic/7f": names the purpose and a shard, and nothing about the car.
std::string cloud_topic(const OutboxRow& row) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string topic = "sudare/1/" + row.purpose + "/";
  topic += kHex[row.shard >> 4];
  topic += kHex[row.shard & 15];
  return topic;
}

}  // namespace

void Outgoing::fill(Uplink& uplink) {
  const std::int64_t now = clock_.monotonic_ms();
  if (window_.retry_due(now)) next_look_ms_ = 0;
  while (now >= next_look_ms_ && window_.room_rows() > 0 && window_.room_bytes() > 0) {
    const std::size_t rows_max = std::min(window_.room_rows(), kRowsPerLook);
    std::vector<std::string> withheld = uplink.withheld();
    withheld.insert(withheld.end(), allowance_.exhausted().begin(), allowance_.exhausted().end());
    const auto rows = reader_->ready(window_.known(), rows_max, window_.room_bytes(), withheld);
    if (!rows) return unreadable(rows.error());
    for (const RowId id : reader_->take_damaged()) {
      window_.set_aside(id);
      fresh_.damaged.push_back(id);
    }
    for (const OutboxRow& row : *rows) {
      // Again: consent may have ended since the outbox was read.
      withheld = uplink.withheld();
      if (std::find(withheld.begin(), withheld.end(), row.purpose) != withheld.end()) continue;
      if (!allowance_.take(row.purpose, row.bytes.size())) continue;
      if (!publish(row, uplink)) return;
    }
    if (!rows->empty()) continue;
    exhausted_ = true;
    const auto next = reader_->next_ready_in_ms();
    if (!next) return unreadable(next.error());
    next_look_ms_ =
        now + (*next < 0 ? kIdleLookMs : std::clamp<std::int64_t>(*next, 1, kIdleLookMs));
  }
}

void Outgoing::unreadable(const Error& error) {
  log_error("outbox_unreadable", error);
  next_look_ms_ = clock_.monotonic_ms() + kReadAgainMs;
}

bool Outgoing::publish(const OutboxRow& row, Uplink& uplink) {
  const std::string topic = cloud_topic(row);
  const auto mid = uplink.publish(topic, row.bytes);
  if (!mid) {
    log_error("publish_failed", mid.error());
    window_.put_off(row.id, clock_.monotonic_ms());
    return true;
  }
  window_.sent(*mid, row.id, row.bytes.size());
  ++counted_.published;
  counted_.published_bytes += topic.size() + row.bytes.size();
  // At once, so that no more than one row waits in memory beside what the socket holds.
  return uplink.flush();
}

void Outgoing::answered(int mid, int reason) {
  if (reason >= kFailureReason) {
    ++counted_.refused;
    log_event(LogLevel::kWarning, "cloud_refused_batch", {{"reason_code", reason}});
    window_.refused(mid, clock_.monotonic_ms());
    return;
  }
  const auto id = window_.acknowledged(mid);
  if (!id) return;
  ++counted_.acknowledged;
  fresh_.delivered.push_back(*id);
}

void Outgoing::lost() {
  window_.reset();
  look();
}

UploadHandoff Outgoing::take_fresh() {
  fresh_.published = allowance_.take_fresh();
  return std::exchange(fresh_, {});
}

void Outgoing::count_in(UploadStatus& status) const {
  status.published = counted_.published;
  status.published_bytes = counted_.published_bytes;
  status.acknowledged = counted_.acknowledged;
  status.refused = counted_.refused;
  status.outstanding = window_.outstanding();
}

}  // namespace sudare
