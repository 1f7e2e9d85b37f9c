// Which rows are on their way to the cloud, and how many more may go. Not about connections or
// threads.
//
// The window starts small at each connection and grows with each acknowledgement, so that a unit
// that comes back with a full queue does not push it into a network or a broker that is just coming
// back itself.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "gateway/stages.h"

namespace sudare {

// Bytes published and unacknowledged: those that the socket does not take wait in memory.
inline constexpr std::size_t kUplinkOutstandingBytesMax = 1024 * 1024;

class SendWindow {
 public:
  explicit SendWindow(std::size_t rows_max) : rows_max_(rows_max) {}

  // 0 until a quarter of the window is free: a look at the outbox for each single row would cost
  // more than the row.
  [[nodiscard]] std::size_t room_rows() const {
    const std::size_t known = sent_.size() + acknowledged_.size() + put_off_.size();
    const std::size_t window = std::min(rows_, bound_);
    if (known >= rows_max_ || sent_.size() >= window) return 0;
    const std::size_t free = window - sent_.size();
    return free * 4 < window ? 0 : std::min(free, rows_max_ - known);
  }
  [[nodiscard]] std::size_t room_bytes() const {
    return bytes_ >= kUplinkOutstandingBytesMax ? 0 : kUplinkOutstandingBytesMax - bytes_;
  }
  // Rows that must not be read from the outbox again.
  [[nodiscard]] std::vector<RowId> known() const;
  [[nodiscard]] std::size_t outstanding() const { return sent_.size(); }

  // What the broker of this connection takes, until reset().
  void bound(std::size_t rows) { bound_ = rows; }
  void sent(int mid, RowId id, std::size_t bytes);
  // The row that was acknowledged; nothing for a number that is not ours. It stays known until
  // deleted().
  std::optional<RowId> acknowledged(int mid);
  // The broker refused it: not again for a while, which doubles with each refusal.
  void refused(int mid, std::int64_t now_ms);
  // It can't be sent as it is (larger than the broker takes): likewise.
  void put_off(RowId id, std::int64_t now_ms);
  // It is damaged: not again until deleted().
  void set_aside(RowId id) { acknowledged_.insert(id); }
  void deleted(const std::vector<RowId>& ids);
  // The connection is gone: what was not acknowledged is free to be sent again.
  void reset();
  // Rows whose time has come may be read again. Whether there are any.
  bool retry_due(std::int64_t now_ms);

 private:
  static constexpr std::size_t kRowsAtStart = 8;
  static constexpr std::int64_t kRetryMsLeast = 1000;
  static constexpr std::int64_t kRetryMsMost = 3'600'000;

  struct Sent {
    RowId id = 0;
    std::size_t bytes = 0;
  };

  std::size_t rows_max_;
  std::size_t rows_ = kRowsAtStart;
  std::size_t bound_ = std::numeric_limits<std::size_t>::max();
  std::size_t bytes_ = 0;
  std::map<int, Sent> sent_;  // by message id
  std::set<RowId> acknowledged_;
  std::map<RowId, std::int64_t> put_off_;    // until when, monotonic
  std::map<RowId, std::int64_t> delays_ms_;  // of rows that were refused at least once
};

}  // namespace sudare
