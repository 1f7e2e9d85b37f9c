#include "gateway/seal/sealer.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "crypto/crypto_init.h"
#include "gateway/seal/batch_writer.h"
#include "gateway/seal/record_numbers.h"
#include "gateway/seal/reveal.h"

namespace sudare {
namespace {

// Records that will leave as one age file.
struct Batch {
  RecordBuffer records;
  std::int64_t opened_ms = 0;   // monotonic
  bool closed = false;          // takes no more; stays so when a commit fails
  bool at_once = false;         // waits for no time bucket
  std::uint64_t first = 0;      // number of its first record; as of the last plan()
  std::uint32_t committed = 0;  // records that are on disk in fragments
  std::uint32_t planned = 0;    // records that will be, when the last plan() is on disk
  bool planned_whole = false;   // the last plan() has the whole batch
  std::vector<RowId> fragments;
  RowId planned_fragment = 0;
};

struct PurposeState {
  std::string numbers_key;
  RecordNumbers numbers;         // as on disk
  RecordNumbers planned;         // as the last plan() leaves them
  std::vector<Batch> batches;    // oldest first; only the last may be open
  bool numbers_changed = false;  // by withdraw()

  [[nodiscard]] std::uint64_t pending() const {
    std::uint64_t records = 0;
    for (const Batch& batch : batches) records += batch.records.count() - batch.committed;
    return records;
  }
};

// A bucketed time would be betrayed by a batch that leaves as soon as it is full: it waits until a
// random point of the next bucket.
std::int64_t send_time_ms(const PurposePlan& purpose, bool at_once, const Clock& clock) {
  if (purpose.essential || at_once || purpose.bucket_ms == 0) return 0;
  const std::int64_t bucket_ms = purpose.bucket_ms;
  const std::int64_t into_bucket_ms = ((clock.wall_ms() % bucket_ms) + bucket_ms) % bucket_ms;
  return clock.monotonic_ms() + bucket_ms - into_bucket_ms + randombytes_uniform(purpose.bucket_ms);
}

}  // namespace

struct Sealer::State {
  State(const Policy& first_policy, Epochs& all_epochs, const Store& outbox,
        const Clock& system_clock)
      : policy(&first_policy), epochs(all_epochs), store(outbox), clock(system_clock) {}

  void load_purposes();
  // Numbers of another epoch or owner do not go on: a purpose starts again at 0.
  void begin_epoch(PurposeIndex index);
  void close_due(PurposeIndex index, bool close_all);
  Status plan_purpose(PurposeIndex index, SealPlan& plan);
  Status seal(PurposeIndex index, const BatchPart& part, bool at_once, SealPlan& plan);
  Status plan_batches(PurposeIndex index, SealPlan& plan);
  Status plan_end(PurposeIndex index, SealPlan& plan);
  [[nodiscard]] BatchPart part_of(PurposeIndex index) const;
  // Of the current epoch; what a batch will report is added to the plan.
  Status find_missing(PurposeIndex index, std::vector<MissingRecords>& missing,
                      SealPlan& plan) const;
  [[nodiscard]] bool has_recipient(PurposeIndex index) const {
    const PurposePlan& plan = policy->purposes[index];
    return !plan.recipients.empty() || !plan.recipients_on(day).empty();
  }
  [[nodiscard]] bool closes_at_once(const PurposePlan& purpose) const {
    return purpose.essential || purpose.linger_ms == 0;
  }

  const Policy* policy;
  Epochs& epochs;
  const Store& store;
  const Clock& clock;
  BatchWriter writer;
  std::vector<PurposeState> purposes;  // by PurposeIndex
  std::vector<RowId> released;         // fragments of batches that were given up, until committed()
  std::map<std::string, RecordNumbers> last_numbers;  // of all purposes, also of earlier policies
  RowId next_row = 0;
  std::int64_t day = std::numeric_limits<std::int64_t>::min();
};

Sealer::Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sealer::~Sealer() = default;

Result<std::unique_ptr<Sealer>> Sealer::create(const Policy& policy, Epochs& epochs,
                                               const Store& store, const Clock& clock) {
  TRY(crypto_init());
  auto state = std::make_unique<State>(policy, epochs, store, clock);
  TRY(state->last_numbers, load_record_numbers(store));
  state->load_purposes();
  return std::unique_ptr<Sealer>(new Sealer(std::move(state)));
}

void Sealer::State::load_purposes() {
  purposes.clear();
  purposes.resize(policy->purposes.size());
  for (std::size_t i = 0; i < purposes.size(); ++i) {
    PurposeState& purpose = purposes[i];
    purpose.numbers_key =
        record_numbers_key(policy->purposes[i].name, rotation_of(policy->purposes[i]));
    const auto found = last_numbers.find(purpose.numbers_key);
    if (found != last_numbers.end()) purpose.numbers = found->second;
    begin_epoch(static_cast<PurposeIndex>(i));
  }
}

void Sealer::State::begin_epoch(PurposeIndex index) {
  PurposeState& purpose = purposes[index];
  const std::uint32_t epoch = epochs.epoch(index);
  if (purpose.numbers.generation != epochs.generation() || purpose.numbers.epoch != epoch) {
    purpose.numbers = {epochs.generation(), epoch, 0, false};
  }
  purpose.planned = purpose.numbers;
}

void Sealer::use_day(std::int64_t unix_day) { state_->day = unix_day; }

bool Sealer::has_recipient(PurposeIndex purpose) const { return state_->has_recipient(purpose); }

bool Sealer::can_seal(PurposeIndex purpose) const {
  const PurposePlan& plan = state_->policy->purposes[purpose];
  return state_->has_recipient(purpose) &&
         (plan.pseudonym == PseudonymKind::kNone || state_->epochs.key(purpose) != nullptr);
}

void Sealer::add(const Release& release) {
  const Release::Content& content = release.reveal(SealStage::key());
  std::vector<Batch>& batches = state_->purposes[release.purpose()].batches;
  const std::size_t capacity = record_capacity_bytes(state_->policy->purposes[release.purpose()]);
  if (!batches.empty() && batches.back().records.bytes() + record_bytes(content) > capacity) {
    batches.back().closed = true;
  }
  // News does not share a batch with what waits for its bucket.
  if (!batches.empty() && batches.back().at_once != release.at_once()) {
    batches.back().closed = true;
  }
  if (batches.empty() || batches.back().closed) {
    batches.emplace_back().opened_ms = state_->clock.monotonic_ms();
    batches.back().at_once = release.at_once();
  }
  batches.back().records.append(content);
}

void Sealer::State::close_due(PurposeIndex index, bool close_all) {
  std::vector<Batch>& batches = purposes[index].batches;
  if (batches.empty()) return;
  const PurposePlan& purpose = policy->purposes[index];
  const bool lingered = clock.monotonic_ms() - batches.back().opened_ms >= purpose.linger_ms;
  if (close_all || lingered || batches.back().at_once || closes_at_once(purpose) ||
      epochs.ends(index)) {
    batches.back().closed = true;
  }
}

Status Sealer::State::find_missing(PurposeIndex index, std::vector<MissingRecords>& missing,
                                   SealPlan& plan) const {
  const PurposePlan& purpose = policy->purposes[index];
  if (purpose.pseudonym == PseudonymKind::kNone) return Done{};
  TRY(missing, store.missing(purpose.name, rotation_of(purpose), epochs.epoch(index)));
  if (missing.size() > kReportedRangesMax) missing.resize(kReportedRangesMax);
  plan.reported.insert(plan.reported.end(), missing.begin(), missing.end());
  return Done{};
}

Status Sealer::State::seal(PurposeIndex index, const BatchPart& part, bool at_once,
                           SealPlan& plan) {
  const PurposePlan& purpose = policy->purposes[index];
  auto file = writer.write(purpose, part);
  if (!file) return fail(file.error().code, file.error().what, index);
  SealedMeta meta;
  meta.id = next_row++;
  meta.purpose = purpose.name;
  if (part.key != nullptr) {
    meta.shard = part.key->pseudonym[0];
  } else {
    random_bytes({&meta.shard, 1});
  }
  meta.epoch_days = rotation_of(purpose);
  meta.epoch = part.epoch;
  meta.records = part.range;
  meta.fragment = part.fragment;
  meta.held = part.piece != nullptr;
  meta.essential = purpose.essential;
  meta.priority = purpose.priority;
  meta.not_before_ms = send_time_ms(purpose, at_once, clock);
  meta.keep_hours = purpose.keep_hours;
  plan.add.emplace_back(SealStage::passkey(), std::move(meta), std::move(*file));
  return Done{};
}

BatchPart Sealer::State::part_of(PurposeIndex index) const {
  BatchPart part;
  part.key = epochs.key(index);
  part.epoch = epochs.epoch(index);
  part.day = day;
  return part;
}

Status Sealer::State::plan_batches(PurposeIndex index, SealPlan& plan) {
  PurposeState& purpose = purposes[index];
  std::vector<MissingRecords> missing;
  if (!purpose.batches.empty() && purpose.batches.front().closed) {
    TRY(find_missing(index, missing, plan));
  }
  for (Batch& batch : purpose.batches) {
    if (batch.committed == 0) batch.first = purpose.planned.next;
    batch.planned = batch.records.count();
    batch.planned_whole = batch.closed;
    purpose.planned.next = batch.first + batch.planned;
    purpose.planned.tell_end = true;
    if (!batch.closed && batch.planned == batch.committed) continue;
    BatchPart part = part_of(index);
    part.records = &batch.records;
    part.from = batch.closed ? 0 : batch.committed;
    part.range = {batch.first + part.from, batch.planned - part.from};
    part.fragment = !batch.closed;
    part.end_of_epoch = epochs.ends(index) && &batch == &purpose.batches.back();
    if (&batch == &purpose.batches.front()) part.missing = &missing;
    batch.planned_fragment = next_row;
    TRY(seal(index, part, batch.at_once, plan));
    if (batch.closed) {
      plan.replaced.insert(plan.replaced.end(), batch.fragments.begin(), batch.fragments.end());
    }
  }
  return Done{};
}

// Without an open batch to say it in, an empty one says that the epoch ends: else the recipient
// could not tell a complete epoch from one whose last batches were lost.
Status Sealer::State::plan_end(PurposeIndex index, SealPlan& plan) {
  std::vector<MissingRecords> missing;
  TRY(find_missing(index, missing, plan));
  BatchPart part = part_of(index);
  part.range = {purposes[index].planned.next, 0};
  part.end_of_epoch = true;
  part.missing = &missing;
  return seal(index, part, false, plan);
}

Status Sealer::State::plan_purpose(PurposeIndex index, SealPlan& plan) {
  PurposeState& purpose = purposes[index];
  purpose.planned = purpose.numbers;
  TRY(plan_batches(index, plan));
  if (epochs.ends(index)) {
    // Nobody can be told where nobody may receive: the recipients see a gap.
    if (purpose.batches.empty() && purpose.numbers.tell_end && has_recipient(index)) {
      TRY(plan_end(index, plan));
    }
    purpose.planned.tell_end = false;
  }
  if (!(purpose.planned == purpose.numbers) || purpose.numbers_changed) {
    plan.state.push_back(record_numbers_entry(purpose.numbers_key, purpose.planned));
  }
  return Done{};
}

Result<SealPlan> Sealer::plan(bool close_all) {
  SealPlan plan;
  State& state = *state_;
  state.next_row = state.store.next_row_id();
  // First, so that the whole plan sees one day: a batch must not stay open across a step.
  state.epochs.advance(plan.state);
  plan.released = state.released;
  for (std::size_t i = 0; i < state.purposes.size(); ++i) {
    const auto index = static_cast<PurposeIndex>(i);
    state.close_due(index, close_all);
    const Status planned = state.plan_purpose(index, plan);
    if (!planned) {
      wipe_values(plan.state);
      return tl::unexpected<Error>(planned.error());
    }
  }
  return plan;
}

void Sealer::committed() {
  State& state = *state_;
  for (PurposeState& purpose : state.purposes) {
    std::erase_if(purpose.batches, [](const Batch& batch) { return batch.planned_whole; });
    for (Batch& batch : purpose.batches) {
      if (batch.planned > batch.committed) batch.fragments.push_back(batch.planned_fragment);
      batch.committed = batch.planned;
    }
    purpose.numbers = purpose.planned;
    purpose.numbers_changed = false;
    state.last_numbers[purpose.numbers_key] = purpose.numbers;
  }
  state.released.clear();
  state.epochs.advanced();
  for (std::size_t i = 0; i < state.purposes.size(); ++i) {
    state.begin_epoch(static_cast<PurposeIndex>(i));
  }
}

std::uint64_t Sealer::withdraw(PurposeIndex purpose) {
  PurposeState& state = state_->purposes[purpose];
  const std::uint64_t uncommitted = state.pending();
  state.batches.clear();
  state.numbers.tell_end = false;
  state.planned = state.numbers;
  state.numbers_changed = true;
  return uncommitted;
}

std::uint64_t Sealer::give_up(PurposeIndex purpose) {
  PurposeState& state = state_->purposes[purpose];
  const std::uint64_t uncommitted = state.pending();
  for (const Batch& batch : state.batches) {
    state_->released.insert(state_->released.end(), batch.fragments.begin(), batch.fragments.end());
  }
  state.batches.clear();
  state.planned = state.numbers;
  return uncommitted;
}

Result<SealPlan> Sealer::seal_piece(const ClipPiece& piece) {
  State& state = *state_;
  const PurposeIndex index = piece.purpose();
  const ClipPiece::Content& content = piece.reveal(SealStage::key());
  SealPlan plan;
  std::vector<MissingRecords> missing;
  state.next_row = state.store.next_row_id();
  BatchPart part = state.part_of(index);
  part.piece = &content;
  part.range = {state.purposes[index].numbers.next + content.index, 1};
  if (content.manifest) {
    TRY(state.find_missing(index, missing, plan));
    part.missing = &missing;
    RecordNumbers numbers = state.purposes[index].numbers;
    numbers.next += content.index + 1U;
    numbers.tell_end = true;
    plan.state.push_back(record_numbers_entry(state.purposes[index].numbers_key, numbers));
  }
  TRY(state.seal(index, part, true, plan));
  return plan;
}

void Sealer::clip_committed(PurposeIndex purpose, std::uint32_t pieces) {
  PurposeState& state = state_->purposes[purpose];
  state.numbers.next += pieces;
  state.numbers.tell_end = true;
  state.planned = state.numbers;
  state_->last_numbers[state.numbers_key] = state.numbers;
}

Sealer::PieceEpoch Sealer::piece_epoch(PurposeIndex purpose) const {
  return {state_->epochs.generation(), state_->epochs.epoch(purpose),
          state_->policy->purposes[purpose].recipients_on(state_->day)};
}

std::uint64_t Sealer::pending_records() const {
  std::uint64_t records = 0;
  for (const PurposeState& purpose : state_->purposes) records += purpose.pending();
  return records;
}

std::int64_t Sealer::next_close_in_ms() const {
  if (state_->epochs.due()) return 0;
  const std::int64_t now_ms = state_->clock.monotonic_ms();
  std::int64_t soonest_ms = -1;
  for (std::size_t i = 0; i < state_->purposes.size(); ++i) {
    const auto& batches = state_->purposes[i].batches;
    if (batches.empty()) continue;
    const PurposePlan& purpose = state_->policy->purposes[i];
    if (batches.front().closed || batches.back().at_once || state_->closes_at_once(purpose)) {
      return 0;
    }
    const std::int64_t left_ms =
        std::max<std::int64_t>(0, batches.back().opened_ms + purpose.linger_ms - now_ms);
    if (soonest_ms < 0 || left_ms < soonest_ms) soonest_ms = left_ms;
  }
  return soonest_ms;
}

void Sealer::use_policy(const Policy& policy) {
  assert(std::all_of(state_->purposes.begin(), state_->purposes.end(),
                     [](const PurposeState& purpose) { return purpose.batches.empty(); }));
  state_->policy = &policy;
  state_->load_purposes();
}

}  // namespace sudare
