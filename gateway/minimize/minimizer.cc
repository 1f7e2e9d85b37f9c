#include "gateway/minimize/minimizer.h"

#include <cassert>
#include <utility>
#include <vector>

#include "gateway/minimize/json_writer.h"
#include "gateway/minimize/position_tracker.h"
#include "gateway/minimize/protobuf_writer.h"
#include "gateway/minimize/rate.h"
#include "gateway/minimize/reveal.h"
#include "gateway/minimize/rules.h"
#include "gateway/minimize/time_bucket.h"
#include "gateway/minimize/topic.h"
#include "gateway/minimize/walk.h"

namespace sudare {
namespace {

// One release: its rules, and what they remember.
struct ReleaseState {
  ReleaseState(const SourcePlan& source, const ReleasePlan& plan)
      : rules(source, plan), positions(rules) {}

  Rules rules;
  RateLimit rate;
  PositionTracker positions;
};

Outcome dropped(Reason reason) {
  Outcome outcome;
  outcome.reason = reason;
  return outcome;
}

// The time that the batch's record carries; 0 where the policy gives the purpose no time.
std::optional<std::int64_t> released_time(const ReleasePlan& plan, std::int64_t time_ms) {
  if (plan.exact_time) return time_ms;
  if (plan.bucket_ms == 0) return 0;
  return bucket_milliseconds(time_ms, plan.bucket_ms);
}

}  // namespace

struct Minimizer::State {
  State(const Policy& policy_of_all, const FieldKeys& field_keys)
      : policy(policy_of_all), keys(field_keys) {}

  void carry_over(const State& previous);
  [[nodiscard]] const ReleaseState* find(std::string_view topic_filter, std::string_view purpose,
                                         v1::Cell cell) const;

  const Policy& policy;
  const FieldKeys& keys;
  std::vector<std::vector<ReleaseState>> releases;  // by source, as in the policy
  Walk walk;
  // Written into, then copied: a release holds memory for what it says, no more.
  std::string topic;
  std::string payload;
};

const ReleaseState* Minimizer::State::find(std::string_view topic_filter, std::string_view purpose,
                                           v1::Cell cell) const {
  for (const std::vector<ReleaseState>& source : releases) {
    for (const ReleaseState& candidate : source) {
      const Rules& rules = candidate.rules;
      if (rules.source.topic_filter == topic_filter && rules.plan.cell == cell &&
          policy.purposes[rules.plan.purpose].name == purpose) {
        return &candidate;
      }
    }
  }
  return nullptr;
}

void Minimizer::State::carry_over(const State& previous) {
  for (std::vector<ReleaseState>& source : releases) {
    for (ReleaseState& release : source) {
      const ReleasePlan& plan = release.rules.plan;
      const ReleaseState* const before = previous.find(
          release.rules.source.topic_filter, policy.purposes[plan.purpose].name, plan.cell);
      if (before == nullptr) continue;
      release.rate = before->rate;
      release.positions.carry_over(release.rules, before->positions, before->rules);
    }
  }
}

Minimizer::Minimizer(const Policy& policy, const FieldKeys& keys, const Minimizer* previous)
    : state_(std::make_unique<State>(policy, keys)) {
  state_->releases.resize(policy.sources.size());
  for (std::size_t i = 0; i < policy.sources.size(); ++i) {
    const SourcePlan& source = policy.sources[i];
    state_->releases[i].reserve(source.releases.size());
    for (const ReleasePlan& plan : source.releases) state_->releases[i].emplace_back(source, plan);
  }
  if (previous != nullptr) state_->carry_over(*previous->state_);
}

Minimizer::~Minimizer() = default;

Outcome Minimizer::minimize(const Record& record, std::size_t release, FieldTrace* trace) {
  assert(record.source < state_->releases.size());
  assert(release < state_->releases[record.source].size());
  ReleaseState& state = state_->releases[record.source][release];
  const SourcePlan& source = state.rules.source;
  const ReleasePlan& plan = state.rules.plan;
  if (!state.rate.is_due(record.time_ms, plan.min_interval_ms)) return dropped(Reason::kTooSoon);
  const auto time_ms = released_time(plan, record.time_ms);
  if (!time_ms) return dropped(Reason::kBadTime);

  const RecordBody& body = record.body.reveal(MinimizeStage::key());
  const SecretBytes<32>* const key = state_->keys.field_key(plan.purpose);
  state.positions.begin();
  if (!state_->walk.run(state.rules, body, state.positions, key, trace)) {
    return dropped(Reason::kBadPosition);
  }
  const RecordBody& kept = state_->walk.kept();
  if (kept.items.empty()) return dropped(Reason::kNothingLeft);
  if (plan.on_move && !state.positions.moved()) return dropped(Reason::kNotMoved);

  state_->topic.clear();
  state_->payload.clear();
  write_topic(source, plan, body, key, state_->topic);
  if (source.codec == Codec::kProtobuf) {
    write_protobuf(source, kept, state_->payload);
  } else {
    write_json(source, kept, state_->payload);
  }
  Release::Content content;
  content.topic = state_->topic;
  content.time_ms = *time_ms;
  content.codec = source.codec;
  content.payload = state_->payload;
  state.rate.released(record.time_ms);
  state.positions.commit();
  Outcome outcome;
  outcome.release.emplace(MinimizeStage::passkey(), plan.purpose, std::move(content));
  return outcome;
}

Literal literal_of(FieldFate fate) {
  switch (fate) {
    case FieldFate::kKept: return "kept";
    case FieldFate::kCoarsened: return "coarsened";
    case FieldFate::kGeneralized: return "generalized";
    case FieldFate::kPseudonymized: return "pseudonymized";
    case FieldFate::kCellCentre: return "cell_centre";
    case FieldFate::kBucketed: return "bucketed";
    case FieldFate::kDropped: return "dropped";
    case FieldFate::kDetected: return "detected";
    case FieldFate::kUnknownEnum: return "unknown_enum";
    case FieldFate::kBadValue: return "bad_value";
  }
  return "unknown";
}

}  // namespace sudare
