#include "gateway/minimize/minimizer.h"

#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "crypto/crypto_init.h"
#include "gateway/minimize/hold_back.h"
#include "gateway/minimize/json_writer.h"
#include "gateway/minimize/protobuf_writer.h"
#include "gateway/minimize/release_state.h"
#include "gateway/minimize/reveal.h"
#include "gateway/minimize/time_bucket.h"
#include "gateway/minimize/topic.h"
#include "gateway/minimize/walk.h"

namespace sudare {
namespace {

constexpr std::string_view kCellKey = "cell-key";

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

// The rules that need the whole record. kNone: it may leave.
Reason kept_back(const ReleaseState& state, const RecordBody& kept) {
  if (kept.items.empty()) return Reason::kNothingLeft;
  if (state.rules.plan.on_move && !state.positions.moved()) return Reason::kNotMoved;
  return Reason::kNone;
}

SecretBytes<32> random_key() {
  SecretBytes<32> key;
  random_bytes(key.bytes());
  return key;
}

}  // namespace

struct Minimizer::State {
  State(const Policy& policy_of_all, const FieldKeys& field_keys)
      : policy(policy_of_all), keys(field_keys), cell_key(random_key()) {}

  void add_source(const SourcePlan& source);
  void carry_over(State& previous);
  [[nodiscard]] ReleaseState* find(std::string_view name);

  // One record for one release, as far as it doesn't matter what else waits.
  [[nodiscard]] Outcome begin(ReleaseState& state, const Record& record, FieldTrace* trace);
  [[nodiscard]] Outcome finish(ReleaseState& state, const Record& record, const RecordBody& kept,
                               std::int64_t time_ms);
  [[nodiscard]] Outcome hold_back(ReleaseState& state, const Record& record, HoldBack& hold,
                                  ReleaseSink& sink, FieldTrace* trace);
  [[nodiscard]] Outcome aggregate(ReleaseState& state, const Record& record);
  void settle(PurposeIndex purpose, const FixVerdict& verdict, Reason reason, ReleaseSink& sink);

  void write(const ReleaseState& state, const Record& record, const RecordBody& kept,
             std::int64_t time_ms);

  const Policy& policy;
  const FieldKeys& keys;
  SecretBytes<32> cell_key;
  bool cell_key_stored = false;
  std::vector<std::vector<std::unique_ptr<ReleaseState>>> releases;  // by source, as in the policy
  std::vector<std::unique_ptr<HoldBack>> holds;  // by purpose; null: nothing is held back
  Walk walk;
  RecordBody totals;  // of a window that has ended
  Release release{MinimizeStage::passkey(), 0, {}};
};

// --- set-up and what is kept

void Minimizer::State::add_source(const SourcePlan& source) {
  auto& all = releases.emplace_back();
  for (const ReleasePlan& plan : source.releases) {
    const std::string name = policy.purposes[plan.purpose].name + "/" + source.topic_filter;
    all.push_back(std::make_unique<ReleaseState>(source, plan, name));
    std::unique_ptr<HoldBack>& hold = holds[plan.purpose];
    if (!plan.hold_back || hold != nullptr) continue;
    hold = std::make_unique<HoldBack>(TripEndsRules{plan.hold_back.ring, plan.hold_back.rest_ms});
  }
}

ReleaseState* Minimizer::State::find(std::string_view name) {
  for (auto& source : releases) {
    for (auto& candidate : source) {
      if (candidate->name == name) return candidate.get();
    }
  }
  return nullptr;
}

void Minimizer::State::carry_over(State& previous) {
  cell_key = SecretBytes<32>::from(std::as_const(previous.cell_key).bytes().first<32>());
  cell_key_stored = previous.cell_key_stored;
  for (auto& source : releases) {
    for (auto& release : source) {
      ReleaseState* const before = previous.find(release->name);
      if (before != nullptr) release->carry_over(*before);
    }
  }
}

Minimizer::Minimizer(const Policy& policy, const FieldKeys& keys, const Minimizer* previous)
    : state_(std::make_unique<State>(policy, keys)) {
  state_->holds.resize(policy.purposes.size());
  for (const SourcePlan& source : policy.sources) state_->add_source(source);
  if (previous != nullptr) state_->carry_over(*previous->state_);
}

Minimizer::~Minimizer() = default;

void Minimizer::restore(const std::vector<StateEntry>& entries) {
  for (const StateEntry& entry : entries) {
    if (entry.key == kCellKey && entry.value.size() == 32) {
      std::copy(entry.value.begin(), entry.value.end(), state_->cell_key.bytes().begin());
      state_->cell_key_stored = true;
      continue;
    }
    for (auto& source : state_->releases) {
      for (auto& release : source) release->restore(entry);
    }
  }
}

void Minimizer::take_changes(bool cells, std::vector<StateEntry>& out) {
  const std::size_t before = out.size();
  for (auto& source : state_->releases) {
    for (auto& release : source) release->take_changes(state_->cell_key, cells, out);
  }
  if (out.size() == before || std::exchange(state_->cell_key_stored, true)) return;
  const auto key = std::as_const(state_->cell_key).bytes();
  out.push_back({kMinimizeModule, std::string(kCellKey), std::string(key.begin(), key.end())});
}

// --- what waits

void Minimizer::State::settle(PurposeIndex purpose, const FixVerdict& verdict, Reason reason,
                              ReleaseSink& sink) {
  HoldBack& hold = *holds[purpose];
  if (hold.waiting.size() == 0) return;
  while (hold.waiting.pop_up_to(
      verdict.cleared,
      release.refill(MinimizeStage::passkey(), MinimizeStage::key(), purpose, false))) {
    sink.cleared(release);
  }
  if (!verdict.lost) return;
  const std::size_t lost = hold.waiting.clear();
  if (lost > 0) sink.discarded(purpose, reason, lost);
}

void Minimizer::driving(bool on, ReleaseSink& sink) {
  if (on) return;
  for (std::size_t i = 0; i < state_->holds.size(); ++i) {
    if (state_->holds[i] == nullptr) continue;
    const FixVerdict verdict = state_->holds[i]->ends.end_trip();
    state_->settle(static_cast<PurposeIndex>(i), verdict, Reason::kTripEnd, sink);
  }
}

void Minimizer::give_up(PurposeIndex purpose, Reason reason, ReleaseSink& sink) {
  HoldBack* const hold = state_->holds[purpose].get();
  if (hold == nullptr) return;
  hold->ends.forget();
  FixVerdict verdict;
  verdict.lost = true;
  state_->settle(purpose, verdict, reason, sink);
}

// --- a record

Outcome Minimizer::minimize(const Record& record, std::size_t release, ReleaseSink& sink,
                            FieldTrace* trace) {
  assert(record.source < state_->releases.size());
  assert(release < state_->releases[record.source].size());
  ReleaseState& state = *state_->releases[record.source][release];
  const ReleasePlan& plan = state.rules.plan;
  if (plan.hold_back) {
    return state_->hold_back(state, record, *state_->holds[plan.purpose], sink, trace);
  }
  if (!state.rate.is_due(record.time_ms, plan.min_interval_ms)) return dropped(Reason::kTooSoon);
  return state_->begin(state, record, trace);
}

Outcome Minimizer::State::begin(ReleaseState& state, const Record& record, FieldTrace* trace) {
  const auto time_ms = released_time(state.rules.plan, record.time_ms);
  if (!time_ms) return dropped(Reason::kBadTime);
  state.positions.begin(cell_key);
  const SecretBytes<32>* const key = keys.field_key(state.rules.plan.purpose);
  if (!walk.run(state.rules, record.body.reveal(MinimizeStage::key()), state.positions, key,
                trace)) {
    return dropped(Reason::kBadPosition);
  }
  if (state.aggregate) return aggregate(state, record);
  return finish(state, record, walk.kept(), *time_ms);
}

Outcome Minimizer::State::finish(ReleaseState& state, const Record& record, const RecordBody& kept,
                                 std::int64_t time_ms) {
  const Reason reason = kept_back(state, kept);
  if (reason != Reason::kNone) return dropped(reason);
  write(state, record, kept, time_ms);
  state.rate.released(record.time_ms);
  state.positions.commit();
  Outcome outcome;
  outcome.release = &release;
  return outcome;
}

Outcome Minimizer::State::aggregate(ReleaseState& state, const Record& record) {
  std::int64_t ended_ms = 0;
  const bool ended = state.aggregate->add(record.time_ms, walk.kept(), totals, ended_ms);
  state.aggregate_changed = true;
  if (!ended) return dropped(Reason::kAggregated);
  const auto time_ms = released_time(state.rules.plan, ended_ms);
  if (!time_ms) return dropped(Reason::kBadTime);
  return finish(state, record, totals, *time_ms);
}

// Every position counts for the trip, also one that the rate does not let out.
Outcome Minimizer::State::hold_back(ReleaseState& state, const Record& record, HoldBack& hold,
                                    ReleaseSink& sink, FieldTrace* trace) {
  const PurposeIndex purpose = state.rules.plan.purpose;
  if (state.coarse) {
    ReleaseState& coarse = *state.coarse;
    const bool due = coarse.rate.is_due(record.time_ms, coarse.rules.plan.min_interval_ms);
    const Outcome early = due ? begin(coarse, record, nullptr) : dropped(Reason::kTooSoon);
    if (early.release != nullptr) sink.at_once(*early.release);
  }
  const auto time_ms = released_time(state.rules.plan, record.time_ms);
  if (!time_ms) return dropped(Reason::kBadTime);
  state.positions.begin(cell_key);
  const SecretBytes<32>* const key = keys.field_key(purpose);
  if (!walk.run(state.rules, record.body.reveal(MinimizeStage::key()), state.positions, key,
                trace) ||
      state.positions.positions() > 1) {
    return dropped(Reason::kBadPosition);
  }
  const auto at = state.positions.only_position();
  if (!at) return dropped(Reason::kBadPosition);
  const FixVerdict verdict = hold.ends.fix(*at, record.time_ms);
  settle(purpose, verdict, Reason::kTripEnd, sink);
  if (!verdict.waits) return dropped(Reason::kTripEnd);
  if (!state.rate.is_due(record.time_ms, state.rules.plan.min_interval_ms)) {
    return dropped(Reason::kTooSoon);
  }
  const Reason reason = kept_back(state, walk.kept());
  if (reason != Reason::kNone) return dropped(reason);
  write(state, record, walk.kept(), *time_ms);
  const bool taken = hold.waiting.push(verdict.number, release.reveal(MinimizeStage::key()));
  if (!taken) return dropped(Reason::kHeldTooLong);
  state.rate.released(record.time_ms);
  state.positions.commit();
  Outcome outcome;
  outcome.fate = Fate::kHeldBack;
  return outcome;
}

void Minimizer::State::write(const ReleaseState& state, const Record& record,
                             const RecordBody& kept, std::int64_t time_ms) {
  const SourcePlan& source = state.rules.source;
  const ReleasePlan& plan = state.rules.plan;
  Release::Content& content =
      release.refill(MinimizeStage::passkey(), MinimizeStage::key(), plan.purpose, state.at_once);
  content.topic.clear();
  content.payload.clear();
  const RecordBody& body = record.body.reveal(MinimizeStage::key());
  write_topic(source, plan, body, keys.field_key(plan.purpose), content.topic);
  if (source.codec == Codec::kProtobuf) {
    write_protobuf(source, kept, content.payload);
  } else {
    write_json(source, kept, content.payload);
  }
  content.time_ms = time_ms;
  content.codec = source.codec;
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
