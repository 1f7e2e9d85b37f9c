// The unit's clock against the tester's, from the times of receipt that the unit releases.
//
// A record released with time T and a time bucket of b (1 ms where times are exact) was received
// between T and T + b by the unit's clock. By the tester's clock that was after its sending s and
// before the arrival a of its batch in the cloud. So the offset lies in [T - a, T + b - s]; what
// all records leave is certain. Mostly a unit receives a message soon after it was sent: that gives
// the narrower [T - s - kReceiptMsMax, T + b - s] for an estimate, where records do not contradict
// it.
#pragma once

#include <cstdint>
#include <vector>

namespace sudare::sim {

// From sending to receipt: a local network, a broker, a gateway that writes to its disk.
inline constexpr std::int64_t kReceiptMsMax = 100;

struct ReceiptTime {
  std::int64_t released_ms = 0;  // by the unit's clock
  std::uint32_t bucket_ms = 1;
  std::int64_t sent_ms = 0;  // by the tester's clock, as the next
  std::int64_t arrived_ms = 0;
};

struct ClockOffset {
  std::uint64_t records = 0;  // 0: not measured
  bool consistent = true;     // false: no offset fits all records; the rest says nothing
  std::int64_t least_ms = 0;  // unit minus tester: certain
  std::int64_t most_ms = 0;
  std::int64_t estimate_ms = 0;
};

// Pure.
[[nodiscard]] ClockOffset clock_offset(const std::vector<ReceiptTime>& times);

}  // namespace sudare::sim
