#include "tests/faults/network/fill_outbox.h"

#include <stdexcept>

#include "base/clock.h"
#include "gateway/config/load_config.h"
#include "gateway/pipeline.h"
#include "gateway/pipeline_policy.h"

namespace sudare::faults {
namespace {

constexpr std::uint64_t kMessagesPerCommit = 5000;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error("fill: " + std::string(result.error().what.view()));
  return std::move(*result);
}

}  // namespace

std::uint64_t fill_outbox(const testkit::Unit& unit, std::uint64_t rows) {
  const ConfigLoad config = load_config_file(unit.config_file());
  if (!config.plan) throw std::runtime_error("fill: configuration");
  const GatewayConfigPlan& plan = *config.plan;
  const SystemClock clock;
  auto store = must(
      Store::open({plan.state_directory, plan.quota_bytes, plan.essential_reserve_bytes}, clock));
  auto time = must(TrustedTime::load(*store, clock, 0));
  auto load = PolicyFiles(plan).load(clock.wall_ms() / kMsPerDay, {});
  if (!load.policy) throw std::runtime_error("fill: policy");
  auto pipeline = must(Pipeline::create({std::move(load.policy), false}, *store, *time, clock,
                                        plan.consent_topic, plan.network_topic));
  Message message;
  message.topic.set("test/json");
  std::uint64_t number = 0;
  while (store->status().rows < rows) {
    pipeline->begin_round();
    for (std::uint64_t i = 0; i < kMessagesPerCommit; ++i) {
      message.payload.set(testkit::Unit::number_payload(number++));
      message.received_ms = clock.wall_ms();
      pipeline->take(message, false);
    }
    (void)must(pipeline->commit(false));
  }
  (void)must(pipeline->commit(true));
  return number;
}

}  // namespace sudare::faults
