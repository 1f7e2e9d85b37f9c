// At most one record per interval of event time.
#pragma once

#include <cstdint>
#include <optional>

namespace sudare {

// What one release remembers. 16 bytes; any thread may own one.
class RateLimit {
 public:
  // Whether a record of `time_ms` may be released. A clock that steps back starts the interval anew
  // from there: it delays one record by at most an interval, and never blocks for ever. Doesn't
  // count the record as released. min_interval_ms 0: always.
  [[nodiscard]] bool is_due(std::int64_t time_ms, std::uint32_t min_interval_ms);
  void released(std::int64_t time_ms) { since_ms_ = time_ms; }

 private:
  std::optional<std::int64_t> since_ms_;
};

}  // namespace sudare
