#include "gateway/pipeline.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "gateway/detect/detector.h"
#include "gateway/minimize/release_state.h"

namespace sudare {
namespace {

// A failure of a library may pass (memory); one that stays is the purpose's own.
constexpr int kFailedPlansMax = 3;

// How old the released cells on disk may be while the car drives. They are for what is released
// once per cell, after a restart; after a crash in mid-trip a cell may be released again. A
// transaction for each cell of a drive would be most of what wears the flash.
constexpr std::int64_t kCellsEveryMs = 60'000;

Reason reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTooLarge: return Reason::kTooLarge;
    case ErrorCode::kTooDeep: return Reason::kTooDeep;
    default: return Reason::kMalformed;
  }
}

void add_row(FateCounts& counts, Fate fate, Reason reason) {
  ++counts.taken;
  ++counts.by_fate[static_cast<std::size_t>(fate)];
  if (reason != Reason::kNone) ++counts.by_reason[static_cast<std::size_t>(reason)];
}

void move_held(FateCounts& counts, Fate to, Reason reason, std::uint64_t rows) {
  const auto count = static_cast<std::int64_t>(rows);
  counts.by_fate[static_cast<std::size_t>(Fate::kHeldBack)] -= count;
  counts.by_fate[static_cast<std::size_t>(to)] += count;
  if (reason != Reason::kNone) counts.by_reason[static_cast<std::size_t>(reason)] += rows;
}

}  // namespace

Pipeline::Pipeline(PolicyInUse policy, Store& store, TrustedTime& time, const Clock& clock)
    : policy_(std::move(policy)), store_(store), time_(time), clock_(clock) {}
Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::create(PolicyInUse policy, Store& store,
                                                   TrustedTime& time, const Clock& clock,
                                                   const std::string& consent_topic,
                                                   const std::string& network_topic) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(policy), store, time, clock));
  const Policy& rules = *pipeline->policy_.policy;
  TRY(pipeline->consent_, Consent::load(store, rules, consent_topic));
  TRY(pipeline->car_, CarCheck::load(store));
  TRY(pipeline->receipts_, Receipts::load(store, {}, ""));
  TRY(pipeline->epochs_, Epochs::load(store, time, rules));
  TRY(pipeline->sealer_, Sealer::create(rules, *pipeline->epochs_, store, clock));
  TRY(pipeline->send_rules_, SendRules::load(store, rules, time, network_topic));
  pipeline->decoder_ = std::make_unique<Decoder>(rules);
  pipeline->minimizer_ = std::make_unique<Minimizer>(rules, *pipeline->epochs_, nullptr);
  TRY(std::vector<StateEntry> remembered, store.states(kMinimizeModule));
  pipeline->minimizer_->restore(remembered);
  wipe_values(remembered);
  pipeline->counts_.resize(rules.purposes.size());
  pipeline->begin_round();
  return pipeline;
}

Status Pipeline::watch_clips(const ClipOptions& options) {
  TRY(clips_, Clips::create(options, *policy_.policy, store_, *sealer_, time_, clock_,
                            [this](PurposeIndex purpose) { return gates_[purpose]; }));
  return Done{};
}

Status Pipeline::use_receipts(const std::vector<ReceiptProducer>& producers,
                              const std::string& topic) {
  TRY(receipts_, Receipts::load(store_, producers, topic));
  return Done{};
}

// --- gates

void Pipeline::begin_round() {
  day_ = time_.day();
  sealer_->use_day(day_);
  Reason restriction = Reason::kNone;
  if (car_->stopped()) {
    restriction = Reason::kUnitMoved;
  } else if (policy_.essential_only) {
    restriction = Reason::kNoPolicy;
  } else if (!policy_.policy->valid_on(day_)) {
    // A clock that nothing confirms may be wrong by decades: that is not the policy's fault.
    restriction = time_.confirmed() ? Reason::kPolicyExpired : Reason::kClockUnknown;
  }
  if (restriction != restriction_) {
    log_event(restriction == Reason::kNone ? LogLevel::kInfo : LogLevel::kWarning,
              "policy_restriction", {{"reason", restriction}});
  }
  restriction_ = restriction;
  set_gates();
}

void Pipeline::set_gates() {
  gates_.resize(policy_.policy->purposes.size());
  for (std::size_t i = 0; i < gates_.size(); ++i) {
    const auto purpose = static_cast<PurposeIndex>(i);
    gates_[i] = gate_of(purpose);
    // Positions that are not seen can't be judged later: the trip begins anew when it opens again.
    if (!gates_[i].open) minimizer_->give_up(purpose, Reason::kRestart, *this);
    // What is on disk stays as it was sealed; what is not is sealed to nobody. Whatever else closes
    // the gate: a policy and its certificates mostly end on one day.
    if (!sealer_->has_recipient(purpose)) {
      withdraw_uncommitted(purpose, Fate::kRejected, Reason::kNoRecipient);
    }
  }
  if (clips_) clips_->gates_changed();
}

Pipeline::Gate Pipeline::gate_of(PurposeIndex purpose) const {
  const PurposePlan& plan = policy_.policy->purposes[purpose];
  if (restriction_ != Reason::kNone && !plan.essential) {
    return {false, Fate::kRejected, restriction_};
  }
  if (!consent_->allowed(purpose)) return {false, Fate::kNotConsented, Reason::kNone};
  if (!sealer_->has_recipient(purpose)) return {false, Fate::kRejected, Reason::kNoRecipient};
  if (!sealer_->can_seal(purpose)) return {false, Fate::kRejected, Reason::kNoPseudonym};
  return {true, Fate::kQueued, Reason::kNone};
}

// --- a message

void Pipeline::take(const Message& message, bool too_large) {
  if (receipts_->is_receipt(message)) return;
  const auto found = decoder_->source_of(message);
  const SourcePlan* const source = found ? &policy_.policy->sources[*found] : nullptr;
  // It comes over the urgent session, too; here, a producer's filter covers its topic.
  if (source != nullptr && source->urgent && message.over_normal) return;
  // One that the broker retained says nothing of when it was sent, or how often.
  const Receipts::Verdict verdict =
      message.retained ? Receipts::Verdict::kTake : receipts_->take(message);
  if (consent_->is_consent(message)) return take_consent(message);
  if (send_rules_->is_network(message)) return take_network(message);
  ++stats_.messages;
  dirty_ = true;
  if (source == nullptr) return add_row(counts_of_none_, Fate::kRejected, Reason::kUnknownTopic);
  if (verdict == Receipts::Verdict::kSeen) {
    return count_all(*source, Fate::kDuplicate, Reason::kNone);
  }
  if (verdict == Receipts::Verdict::kTooFar) {
    return count_all(*source, Fate::kRejected, Reason::kTooFarAhead);
  }
  // An old fix that the broker kept would release where the car stood when it was made.
  if (message.retained) {
    look_at_retained(message, *source, *found);
    return count_all(*source, Fate::kRejected, Reason::kRetained);
  }
  if (too_large) return count_all(*source, Fate::kRejected, Reason::kTooLarge);
  take_source(message, *source, *found);
}

void Pipeline::take_consent(const Message& message) {
  const auto change = consent_->apply(message, waiting_.state);
  if (!change) {
    ++stats_.consent_refused;
    log_event(LogLevel::kWarning, "consent_refused", {{"error", change.error().code}});
    return;
  }
  if (!change->changed) return;
  ++stats_.consent_changes;
  at_once_ = true;
  log_event(LogLevel::kInfo, "consent_changed",
            {{"named", change->purpose.has_value()}, {"granted", change->granted}});
  if (!change->granted) {
    // Also where the policy no longer names the purpose: rows of it may still be in the outbox.
    if (change->purpose) {
      withdraw_uncommitted(*change->purpose, Fate::kNotConsented, Reason::kNone);
    }
    waiting_.withdrawn.push_back(change->name);
  }
  set_gates();
}

void Pipeline::take_network(const Message& message) {
  if (!send_rules_->apply(message)) return;
  log_event(LogLevel::kInfo, "network_changed", {{"network", send_rules_->network()}});
}

// Which car it is is true for as long as the broker retains it, where other values are old.
void Pipeline::look_at_retained(const Message& message, const SourcePlan& source,
                                SourceIndex index) {
  if (source.car_identity && decoder_->decode(message, index, record_)) look_at_car(true);
}

void Pipeline::look_at_car(bool retained) {
  const bool stopped = car_->stopped();
  if (car_->look(record_.car, retained)) return stop_in_another_car();
  if (car_->stopped() == stopped) return;
  log_event(LogLevel::kWarning, "unit_in_doubt", {{"in_doubt", !stopped}});
  begin_round();
  at_once_ = true;
}

// What is in memory came from that car, or from this one by another's consent: nobody gets it. What
// is committed is withheld, and goes with the next provisioning.
void Pipeline::stop_in_another_car() {
  log_event(LogLevel::kError, "unit_moved", {{"differs", kCarDiffersMax}});
  begin_round();
  for (std::size_t i = 0; i < gates_.size(); ++i) {
    if (policy_.policy->purposes[i].essential) continue;
    withdraw_uncommitted(static_cast<PurposeIndex>(i), Fate::kRejected, Reason::kUnitMoved);
  }
  at_once_ = true;
}

bool Pipeline::car_checked() const {
  const auto& sources = policy_.policy->sources;
  return car_->checked() &&
         std::any_of(sources.begin(), sources.end(), [](const SourcePlan& source) {
           return static_cast<bool>(source.car_identity);
         });
}

void Pipeline::take_source(const Message& message, const SourcePlan& source, SourceIndex index) {
  const auto any_open = [&] {
    return std::any_of(source.releases.begin(), source.releases.end(),
                       [this](const ReleasePlan& plan) { return gates_[plan.purpose].open; });
  };
  // Whether the car is driven, what time it is, and which clip is an event's matter also where
  // nothing of the message may leave: without a confirmed clock, pseudonyms don't change.
  const bool clip_event = clips_ && source.clip_event;
  const bool for_itself =
      source.ignition_node != kNoNode || source.gnss_time || clip_event || source.car_identity;
  if (!any_open() && !for_itself) return release(source);
  const Status decoded = decoder_->decode(message, index, record_);
  if (!decoded) return count_all(source, Fate::kRejected, reason_of(decoded.error().code));
  stats_.unknown_enums += record_.unknown_enums;
  if (record_.ignition_known) {
    epochs_->driving(record_.ignition_on);
    minimizer_->driving(record_.ignition_on, *this);
    if (!record_.ignition_on) cells_due_ms_ = 0;  // a parked car repeats nothing
  }
  if (clip_event) clips_->event(record_.clip);
  if (source.gnss_time && record_.event_time) time_.observe(TimeSource::kGnss, record_.time_ms);
  if (source.car_identity) look_at_car(false);
  if (any_open()) detect(*policy_.policy, record_);  // what the car said may have opened them
  release(source);
}

void Pipeline::release(const SourcePlan& source) {
  if (source.releases.empty()) {
    return add_row(counts_of_none_, Fate::kDropped, Reason::kNoRule);
  }
  for (std::size_t i = 0; i < source.releases.size(); ++i) {
    const PurposeIndex purpose = source.releases[i].purpose;
    if (!gates_[purpose].open) {
      count(purpose, gates_[purpose].fate, gates_[purpose].reason);
      continue;
    }
    const Outcome outcome = minimizer_->minimize(record_, i, *this);
    if (outcome.release == nullptr) {
      count(purpose, outcome.fate, outcome.reason);
      continue;
    }
    sealer_->add(*outcome.release);
    count(purpose, Fate::kQueued, Reason::kNone);
    at_once_ = at_once_ || policy_.policy->purposes[purpose].essential;
  }
}

// A row of its own: with `at_once`, a message is two rows of its purpose, a coarse and a fine one.
void Pipeline::at_once(const Release& release) {
  sealer_->add(release);
  count(release.purpose(), Fate::kQueued, Reason::kNone);
  at_once_ = true;
}

void Pipeline::cleared(const Release& release) {
  sealer_->add(release);
  move_held(counts_[release.purpose()], Fate::kQueued, Reason::kNone, 1);
  dirty_ = true;
}

void Pipeline::discarded(PurposeIndex purpose, Reason reason, std::uint64_t rows) {
  const bool withdrawn = gates_.size() > purpose && gates_[purpose].fate == Fate::kNotConsented;
  if (withdrawn) move_held(counts_[purpose], Fate::kNotConsented, Reason::kNone, rows);
  else move_held(counts_[purpose], Fate::kDropped, reason, rows);
  dirty_ = true;
}

// --- the account since the last commit

void Pipeline::count(PurposeIndex purpose, Fate fate, Reason reason) {
  add_row(counts_[purpose], fate, reason);
}

// One fate for every purpose of the source, except that a closed gate comes first.
void Pipeline::count_all(const SourcePlan& source, Fate fate, Reason reason) {
  if (source.releases.empty()) return add_row(counts_of_none_, fate, reason);
  for (const ReleasePlan& plan : source.releases) {
    const Gate& gate = gates_[plan.purpose];
    if (gate.open) count(plan.purpose, fate, reason);
    else count(plan.purpose, gate.fate, gate.reason);
  }
}

Account Pipeline::counted() const {
  Account account;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const bool moved = counts_[i].by_fate != FateCounts().by_fate;
    if (counts_[i].taken == 0 && !moved) continue;
    account.purposes[policy_.policy->purposes[i].name] = counts_[i];
  }
  if (counts_of_none_.taken > 0) account.purposes[""] = counts_of_none_;
  return account;
}

// --- commit

void Pipeline::delivered(const std::vector<RowId>& ids) {
  waiting_.delivered.insert(waiting_.delivered.end(), ids.begin(), ids.end());
}

void Pipeline::damaged(const std::vector<RowId>& ids) {
  waiting_.damaged.insert(waiting_.damaged.end(), ids.begin(), ids.end());
}

void Pipeline::published(const std::map<std::string, std::uint64_t>& bytes) {
  send_rules_->published(bytes, waiting_.state);
}

std::int64_t Pipeline::next_commit_in_ms() const { return sealer_->next_close_in_ms(); }

// A purpose that can't be sealed must not hold up the others for good: after some attempts its
// uncommitted rows are put aside and counted, and the plan is made without them.
Result<SealPlan> Pipeline::plan(bool close_all) {
  auto plan = sealer_->plan(close_all);
  if (plan) return plan;
  log_error("seal_failed", plan.error());
  const auto purpose = static_cast<std::size_t>(plan.error().detail);
  if (++failed_plans_ < kFailedPlansMax || purpose >= counts_.size()) return plan;
  withdraw_uncommitted(static_cast<PurposeIndex>(purpose), Fate::kRejected, Reason::kSealFailed);
  return sealer_->plan(close_all);
}

// Rows of purposes that a former policy named may be in the outbox too.
void Pipeline::add_not_essential(std::vector<std::string>& names) const {
  std::set<std::string> all;
  for (const auto& [name, counts] : store_.account().purposes) {
    if (!name.empty()) all.insert(name);
  }
  for (const PurposePlan& plan : policy_.policy->purposes) all.insert(plan.name);
  for (const PurposePlan& plan : policy_.policy->purposes) {
    if (plan.essential) all.erase(plan.name);
  }
  names.insert(names.end(), all.begin(), all.end());
}

std::vector<std::string> Pipeline::withheld() const {
  std::vector<std::string> names = consent_->withdrawn();
  names.insert(names.end(), waiting_.withdrawn.begin(), waiting_.withdrawn.end());
  const std::vector<std::string> metered = send_rules_->withheld();
  names.insert(names.end(), metered.begin(), metered.end());
  if (car_->stopped()) add_not_essential(names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void Pipeline::withdraw_uncommitted(PurposeIndex purpose, Fate fate, Reason reason) {
  const bool consent_ended = fate == Fate::kNotConsented;
  const std::uint64_t rows = consent_ended ? sealer_->withdraw(purpose) : sealer_->give_up(purpose);
  FateCounts& counts = counts_[purpose];
  counts.by_fate[static_cast<std::size_t>(Fate::kQueued)] -= static_cast<std::int64_t>(rows);
  counts.by_fate[static_cast<std::size_t>(fate)] += static_cast<std::int64_t>(rows);
  if (reason != Reason::kNone) counts.by_reason[static_cast<std::size_t>(reason)] += rows;
}

Result<bool> Pipeline::commit(bool close_all) {
  // While commits fail there are no rounds; nothing is sealed to whom only yesterday named.
  if (time_.day() != day_) begin_round();
  // Nothing is held back over the end of a process or a policy.
  for (std::size_t i = 0; close_all && i < counts_.size(); ++i) {
    minimizer_->give_up(static_cast<PurposeIndex>(i), Reason::kRestart, *this);
  }
  time_.take_changes(waiting_.state);
  receipts_->take_changes(waiting_.state);
  car_->take_changes(waiting_.state);
  const std::int64_t now_ms = clock_.monotonic_ms();
  const bool cells_due = close_all || now_ms >= cells_due_ms_;
  const std::size_t before = waiting_.state.size();
  minimizer_->take_changes(cells_due, waiting_.state);
  if (cells_due && waiting_.state.size() > before) cells_due_ms_ = now_ms + kCellsEveryMs;
  if (clips_) clips_->take_changes(waiting_.state);
  const bool waits = dirty_ || at_once_ || !waiting_.delivered.empty() ||
                     !waiting_.damaged.empty() || !waiting_.withdrawn.empty() ||
                     !waiting_.state.empty();
  if (!waits && !close_all && sealer_->next_close_in_ms() != 0) return false;
  auto planned = plan(close_all);
  if (!planned) {
    ++stats_.failed_commits;
    return tl::unexpected<Error>(planned.error());
  }
  CommitGroup group;
  group.add = std::move(planned->add);
  group.replaced = std::move(planned->replaced);
  group.reported = std::move(planned->reported);
  group.released = std::move(planned->released);
  group.state = std::move(planned->state);
  group.state.insert(group.state.end(), waiting_.state.begin(), waiting_.state.end());
  group.delivered = waiting_.delivered;
  group.damaged = waiting_.damaged;
  group.withdrawn = waiting_.withdrawn;
  group.account = counted();
  const bool uploadable = !group.released.empty() ||
                          std::any_of(group.add.begin(), group.add.end(),
                                      [](const Sealed& row) { return !row.meta().fragment; });
  const auto summary = store_.commit(group);
  wipe_values(group.state);
  if (!summary) {
    ++stats_.failed_commits;
    return tl::unexpected<Error>(summary.error());
  }
  committed();
  return uploadable;
}

void Pipeline::committed() {
  sealer_->committed();
  receipts_->committed();
  ++stats_.commits;
  waiting_ = Waiting();
  std::fill(counts_.begin(), counts_.end(), FateCounts());
  counts_of_none_ = FateCounts();
  failed_plans_ = 0;
  dirty_ = at_once_ = false;
}

// --- another policy

Status Pipeline::use_policy(PolicyInUse policy) {
  TRY(commit(true));
  const Policy& rules = *policy.policy;
  consent_->use_policy(rules);
  epochs_->use_policy(rules);
  decoder_ = std::make_unique<Decoder>(rules);
  minimizer_ = std::make_unique<Minimizer>(rules, *epochs_, minimizer_.get());
  sealer_->use_policy(rules);
  send_rules_->use_policy(rules);
  counts_.assign(rules.purposes.size(), FateCounts());
  if (clips_) clips_->use_policy(rules);
  policy_ = std::move(policy);  // the one before ends here; nothing refers to it any more
  begin_round();
  return Done{};
}

std::vector<std::string> Pipeline::topic_filters() const {
  std::vector<std::string> filters = {consent_->topic_filter()};
  if (std::string network = send_rules_->topic_filter(); !network.empty()) {
    filters.push_back(std::move(network));
  }
  for (const SourcePlan& source : policy_.policy->sources) {
    if (!source.urgent) filters.push_back(source.topic_filter);
  }
  return receipts_->with_topics_of_producers(std::move(filters));
}

std::vector<std::string> Pipeline::urgent_topic_filters() const {
  std::vector<std::string> filters;
  for (const SourcePlan& source : policy_.policy->sources) {
    if (source.urgent) filters.push_back(source.topic_filter);
  }
  return filters;
}

}  // namespace sudare
