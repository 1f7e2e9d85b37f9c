// The control of tests/faults: the gateway's stages in the wrong order, acknowledging messages
// before they are on disk. Only a test's program; the gateway has no such switch.
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "gateway/collect/collector.h"
#include "gateway/config/load_config.h"
#include "gateway/pipeline.h"
#include "gateway/pipeline_policy.h"

int main(int argc, char** argv) {
  if (argc != 3 || std::strcmp(argv[1], "--config") != 0) return 2;
  const sudare::ConfigLoad config = sudare::load_config_file(argv[2]);
  if (!config.plan) return 1;
  const sudare::GatewayConfigPlan& plan = *config.plan;
  const sudare::SystemClock clock;
  auto store = sudare::Store::open(
      {plan.state_directory, plan.quota_bytes, plan.essential_reserve_bytes}, clock);
  if (!store) return 1;
  auto time = sudare::TrustedTime::load(**store, clock, 0);
  if (!time) return 1;
  auto load = sudare::PolicyFiles(plan).load(clock.wall_ms() / sudare::kMsPerDay, {});
  if (!load.policy) return 1;
  auto pipeline = sudare::Pipeline::create({std::move(load.policy), false}, **store, **time, clock,
                                           plan.consent_topic, plan.network_topic);
  if (!pipeline) return 1;
  sudare::Collector collector({plan.local.peer, plan.local.client_id, 86'400, {}}, clock);
  collector.set_filters((*pipeline)->topic_filters(), (*pipeline)->urgent_topic_filters());
  const sudare::Collector::Take take = [&](const sudare::Message& message, bool too_large) {
    (*pipeline)->take(message, too_large);
  };
  // Of few messages, so that it acknowledges soon, however slow it is.
  constexpr sudare::ReadBound kRound{20, 1U << 20};
  // Every so often, and not at once what was acknowledged last.
  constexpr std::int64_t kCommitEveryMs = 100;
  constexpr int kCommitEveryRounds = 10;
  std::int64_t committed_ms = clock.monotonic_ms();
  int rounds = 0;
  std::vector<pollfd> none;
  while (true) {
    collector.wait(10, true, none);
    (*pipeline)->begin_round();
    (void)collector.read(kRound, take);
    collector.acknowledge();  // too early: nothing of it is on disk
    const bool soon = clock.monotonic_ms() - committed_ms < kCommitEveryMs;
    if (++rounds < kCommitEveryRounds || soon) continue;
    if (!(*pipeline)->commit(false)) return 1;
    committed_ms = clock.monotonic_ms();
    rounds = 0;
  }
}
