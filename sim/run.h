// Sends a car's messages to a broker at the pace that the tester wants, and keeps the ground truth.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "sim/mqtt/publisher.h"
#include "sim/traffic/traffic.h"
#include "sim/truth.h"

namespace sudare::sim {

struct Pace {
  double speed = 1;                // seconds of the car in a second; 0: as fast as the broker takes
  double messages_per_second = 0;  // instead, evenly; 0: not used
  std::uint64_t count_max = std::numeric_limits<std::uint64_t>::max();
  double duration_seconds = std::numeric_limits<double>::infinity();  // of the car's time
  std::int64_t pause_ms_max =
      std::numeric_limits<std::int64_t>::max();  // longer ones are cut short
  // Called once between the driver's consents, which come first, and the car's first message. A
  // gateway collects urgent topics in a session of their own: without a pause, an alarm may
  // overtake the consent that it needs. Empty: waits a second.
  std::function<void()> after_consents;
};

struct RunSummary {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t positions = 0;
  std::int64_t car_ms = 0;  // from the first message to the last
  std::int64_t took_ms = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t resent = 0;
  bool stopped = false;  // by a signal
};

// How a run goes on; called a few times a second and at the end.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void show(const RunSummary& so_far, std::int64_t car_time_ms) = 0;
};

// A publisher whose settled messages are counted as acknowledged, and the run over it. Returns when
// the messages end, a limit is reached or stop_requested(), after waiting up to 10 s for what is
// not settled. `truth` and `progress` may be null.
[[nodiscard]] Parsed<RunSummary> run(MessageSource& messages, const PublisherOptions& publisher,
                                     const Pace& pace, TruthWriter* truth, Progress* progress);

}  // namespace sudare::sim
