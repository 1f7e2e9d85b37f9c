// The cost of each fix by itself: decoded beforehand, minimised under the clock.
#include <algorithm>
#include <chrono>
#include <utility>

#include "fleet/preview/preview_keys.h"
#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"
#include "gateway/minimize/minimizer.h"
#include "sim/attack/measure_units.h"
#include "sim/car/vehicle.h"
#include "sim/profile.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

constexpr std::size_t kFixes = 20'000;  // five days; 200 of them are slower than the percentile
constexpr const char* kPositionTopic = "vehicle/position";

class Forget final : public ReleaseSink {
 public:
  void at_once(const Release& /*release*/) override {}
  void cleared(const Release& /*release*/) override {}
  void discarded(PurposeIndex /*purpose*/, Reason /*reason*/, std::uint64_t /*rows*/) override {}
};

// The subject's rules, one car.
class Bench {
 public:
  explicit Bench(const Tested& tested)
      : policy_(*tested.policy),
        purpose_(tested.purpose),
        keys_(policy_),
        decoder_(policy_),
        minimizer_(policy_, keys_, nullptr) {}

  // Nothing where the purpose gets nothing of this message.
  void run(const Outgoing& outgoing, std::vector<double>& microseconds) {
    Message message;
    message.topic.set(outgoing.topic);
    message.payload.set(outgoing.payload);
    message.received_ms = outgoing.time_ms;
    const auto source = decoder_.source_of(message);
    if (!source || !decoder_.decode(message, *source, record_)) return;
    detect(policy_, record_);
    keys_.use_time(outgoing.time_ms);
    if (record_.ignition_known) minimizer_.driving(record_.ignition_on, sink_);
    const SourcePlan& plan = policy_.sources[*source];
    for (std::size_t i = 0; i < plan.releases.size(); ++i) {
      if (plan.releases[i].purpose != purpose_) continue;
      const auto start = std::chrono::steady_clock::now();
      const Outcome outcome = minimizer_.minimize(record_, i, sink_);
      const auto took = std::chrono::steady_clock::now() - start;
      (void)outcome;
      microseconds.push_back(std::chrono::duration<double, std::micro>(took).count());
    }
  }

 private:
  const Policy& policy_;
  PurposeIndex purpose_;
  PreviewKeys keys_;
  Decoder decoder_;
  Minimizer minimizer_;
  Forget sink_;
  Record record_;
};

}  // namespace

Parsed<Done> measure_cost(const Tested& tested, Run& run) {
  Bench bench(tested);
  Vehicle vehicle(default_profile(), run.options.seed, VehicleTime{}, TrafficOptions{});
  std::vector<double> microseconds;
  for (std::size_t fixes = 0; fixes < kFixes && !stop_requested();) {
    const auto outgoing = vehicle.messages().next();
    if (!outgoing) break;
    if (outgoing->topic != kPositionTopic) continue;
    bench.run(*outgoing, microseconds);
    ++fixes;
  }
  if (stop_requested()) return stopped();
  if (microseconds.empty()) return Done{};  // the subject has no rule for positions of its own
  std::sort(microseconds.begin(), microseconds.end());
  const double p99 = microseconds[microseconds.size() * 99 / 100];
  add_goals({cost_goal(p99, microseconds.size())}, tested.subject.name, run.report);
  return Done{};
}

}  // namespace sudare::sim::attack
