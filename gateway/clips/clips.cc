#include "gateway/clips/clips.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/log.h"
#include "gateway/clips/reveal.h"

namespace sudare {
namespace {

// Files that wait are looked at this often without need, should an event ever have been missed.
constexpr std::int64_t kLookMsMax = 10'000;
// A file that can't be opened, or a program that can't be started.
constexpr std::int64_t kTryAgainMs = 60'000;

std::int64_t sooner(std::int64_t a, std::int64_t b) { return std::min(a, b); }

}  // namespace

Clips::Clips(const ClipOptions& options, const Policy& policy, Store& store, Sealer& sealer,
             TrustedTime& time, const Clock& clock, std::function<ClipGate(PurposeIndex)> gate,
             ClipTags tags)
    : options_(options),
      policy_(&policy),
      store_(store),
      sealer_(sealer),
      time_(time),
      clock_(clock),
      gate_(std::move(gate)),
      tags_(std::make_unique<const ClipTags>(std::move(tags))),
      spool_(options.directory, clock) {}

Result<std::unique_ptr<Clips>> Clips::create(const ClipOptions& options, const Policy& policy,
                                             Store& store, Sealer& sealer, TrustedTime& time,
                                             const Clock& clock,
                                             std::function<ClipGate(PurposeIndex)> gate) {
  TRY(ClipTags tags, ClipTags::load(store));
  std::unique_ptr<Clips> clips(
      new Clips(options, policy, store, sealer, time, clock, std::move(gate), std::move(tags)));
  TRY(clips->events_, ClipEvents::load(store, *clips->tags_, clock, time.day(), clips->changes_));
  TRY(clips->ledger_, ClipLedger::load(store));
  return clips;
}

// --- what the rest of the gateway says

void Clips::event(const Personal<ClipNotice>& notice) {
  const Status taken = events_->take(notice.reveal(ClipStage::key()), time_.day(), changes_);
  if (!taken) {
    ++counted_.events_refused;
    return;
  }
  look_now_ = true;
}

void Clips::take_changes(std::vector<StateEntry>& out) {
  out.insert(out.end(), std::make_move_iterator(changes_.begin()),
             std::make_move_iterator(changes_.end()));
  changes_.clear();
}

void Clips::gates_changed() {
  if (job_ && !gate_(job_->job.piece().purpose()).open) start_anew();
}

void Clips::use_policy(const Policy& policy) {
  policy_ = &policy;
  if (job_) start_anew();
  look_now_ = true;
}

std::int64_t Clips::next_ms() const {
  const std::int64_t now = clock_.monotonic_ms();
  const std::int64_t pause = std::max<std::int64_t>(not_before_ms_ - now, 0);
  std::int64_t next = spool_.next_ms();
  // The job's output is polled; but not for what was read already.
  if (job_ && !job_waits_) return sooner(next, pause);
  if (job_) return sooner(next, std::max<std::int64_t>(pause, job_->job.time_left().count()));
  if (store_.held_rows() > 0 || look_now_) return sooner(next, pause);
  return sooner(next, std::max(pause, next_look_ms_ - now));
}

// --- one turn

bool Clips::turn() {
  if (spool_.tend()) look_now_ = forget_now_ = true;
  const std::int64_t now = clock_.monotonic_ms();
  if (now < not_before_ms_) return false;
  if (job_) return step();
  if (store_.held_rows() > 0) {
    drop_held();
  } else if (look_now_ || now >= next_look_ms_) {
    look();
  }
  return false;
}

// Of a clip that stopped; and nothing else is begun before they are gone.
void Clips::drop_held() {
  CommitGroup group;
  group.drop_held = true;
  if (const auto done = store_.commit(group); !done) failed_to_store(done.error());
}

void Clips::look() {
  look_now_ = false;
  next_look_ms_ = clock_.monotonic_ms() + kLookMsMax;
  forget_gone();
  if (const auto candidate = next_candidate()) begin(*candidate);
}

// The tags of files that are gone, and events whose clip never came.
void Clips::forget_gone() {
  if (!spool_.looked_through()) return;
  std::set<std::string> events;
  for (const auto& [name, file] : spool_.files()) {
    if (!file.settled) events.insert(tags_->of_event(name));
  }
  const auto kept = [&events](const std::string& tag) { return events.contains(tag); };
  counted_.events_expired += events_->expire(options_.event_wait_ms, kept, changes_);
  if (!forget_now_) return;
  forget_now_ = false;
  std::set<std::string> tags;
  for (const auto& [name, file] : spool_.files()) {
    tags.insert(tags_->of_file(name, file.state, ""));
    for (const PurposePlan& purpose : policy_->purposes) {
      if (purpose.clips) tags.insert(tags_->of_file(name, file.state, purpose.name));
    }
  }
  ledger_.retain(tags, changes_);
  const auto gone = [&tags](const auto& entry) { return !tags.contains(entry.first); };
  std::erase_if(attempts_, gone);
  std::erase_if(pauses_ms_, gone);
}

// By an earlier run of the gateway: whatever the policy says by now.
bool Clips::is_kept(const std::string& name, const FileState& state) const {
  return !ledger_.empty() && ledger_.find(tags_->of_file(name, state, "")) == ClipOutcome::kKept;
}

// The oldest that something can be done with; where there is none, when to look again.
std::optional<Clips::Candidate> Clips::next_candidate() {
  const std::int64_t now = clock_.monotonic_ms();
  std::optional<Candidate> oldest;
  const std::string* late = nullptr;
  for (auto& [name, file] : spool_.files()) {
    if (file.settled) continue;
    if (file.not_before_ms > now) {
      next_look_ms_ = sooner(next_look_ms_, file.not_before_ms);
      continue;
    }
    const PendingEvent* const event = events_->find(name);
    if (event == nullptr && is_kept(name, file.state)) {
      file.settled = true;
    } else if (event == nullptr) {
      const std::int64_t due = file.seen_ms + options_.event_wait_ms;
      if (due <= now) late = &name;
      else next_look_ms_ = sooner(next_look_ms_, due);
    } else if (!oldest || file.seen_ms < oldest->file->seen_ms) {
      oldest = Candidate{&name, &file, *event};
    }
  }
  if (oldest || late == nullptr) return oldest;
  return Candidate{late, &spool_.files().at(*late), {}};
}

// --- a file

std::vector<PurposeIndex> Clips::wanted(v1::Clips::Trigger trigger) const {
  std::vector<PurposeIndex> all;
  for (std::size_t i = 0; i < policy_->purposes.size(); ++i) {
    const auto& clips = policy_->purposes[i].clips;
    if (clips && clips->wants(trigger)) all.push_back(static_cast<PurposeIndex>(i));
  }
  std::stable_sort(all.begin(), all.end(), [this](PurposeIndex a, PurposeIndex b) {
    return policy_->purposes[a].priority > policy_->purposes[b].priority;
  });
  return all;
}

void Clips::begin(const Candidate& candidate) {
  look_now_ = true;  // something else may be next
  auto opened = spool_.open(*candidate.name);
  if (!opened) {
    if (opened.error().code == ErrorCode::kIo) {
      log_error("clip_unreadable", opened.error());
      candidate.file->not_before_ms = clock_.monotonic_ms() + kTryAgainMs;
    }
    return;
  }
  const std::string& name = *candidate.name;
  if (candidate.event.trigger == v1::Clips::TRIGGER_UNSPECIFIED) {
    const std::string tag = tags_->of_file(name, opened->state, "");
    const auto known = ledger_.find(tag);
    if (known == ClipOutcome::kKept) {
      candidate.file->settled = true;
    } else if (known ||
               settle(tag, "", ClipOutcome::kRejected, Fate::kRejected, Reason::kNoEvent)) {
      finish(candidate, opened->state, {});
    }
    return;
  }
  const std::vector<PurposeIndex> purposes = wanted(candidate.event.trigger);
  for (const PurposeIndex purpose : purposes) {
    const std::string& purpose_name = policy_->purposes[purpose].name;
    std::string tag = tags_->of_file(name, opened->state, purpose_name);
    if (ledger_.find(tag)) continue;
    const ClipGate gate = gate_(purpose);
    if (!gate.open) {
      (void)settle(tag, purpose_name, ClipOutcome::kNotTaken, gate.fate, gate.reason);
      return;
    }
    return start(candidate, purpose, std::move(tag), std::move(*opened));
  }
  finish(candidate, opened->state, purposes);
}

ClipOrder Clips::order_for(PurposeIndex purpose, const PendingEvent& event) const {
  const ClipPlan& plan = *policy_->purposes[purpose].clips;
  ClipOrder order;
  order.purpose = purpose;
  order.piece_bytes = plan.chunk_bytes;
  const bool sketch = plan.profile == v1::Clips::SKETCH;
  order.options.mode = clip::Mode::kMinimize;
  order.options.profile = sketch ? clip::Profile::kSketch : clip::Profile::kOriginalPicture;
  order.options.sound = plan.sound;
  const std::int64_t moment = event.moment_ms;
  const std::int64_t from_ms = std::max<std::int64_t>(0, moment - plan.before_ms);
  // At the very start of a clip, of which nothing after the event is wanted, one picture.
  order.options.window = clip::Window{from_ms, std::max(from_ms + 1, moment + plan.after_ms)};
  const auto add = [&order](const BurnedInPlan& text) {
    order.options.fill.push_back({text.left, text.top, text.width, text.height});
  };
  for (const BurnedInPlan& text : plan.burned_in) {
    const bool its_own = !event.model_tag.empty() && !text.recorder_model.empty() &&
                         tags_->of_model(text.recorder_model) == event.model_tag;
    if (its_own) add(text);
  }
  const bool known_model = !order.options.fill.empty();
  for (const BurnedInPlan& text : plan.burned_in) {
    if (!known_model && text.recorder_model.empty()) add(text);
  }
  order.profile = sketch ? v1::ClipManifest::SKETCH : v1::ClipManifest::ORIGINAL_PICTURE;
  order.trigger = static_cast<v1::ClipManifest::Trigger>(event.trigger);
  return order;
}

void Clips::start(const Candidate& candidate, PurposeIndex purpose, std::string tag,
                  Spool::Opened opened) {
  const FileState state = opened.state;
  auto job = ClipJob::start(options_.program, order_for(purpose, candidate.event),
                            std::move(opened), clock_);
  if (!job) {
    log_error("clip_not_started", job.error());
    candidate.file->not_before_ms = clock_.monotonic_ms() + kTryAgainMs;
    return;
  }
  job_.emplace(
      Work{*candidate.name, std::move(tag), state, sealer_.piece_epoch(purpose), std::move(*job)});
  job_waits_ = false;
}

// Every purpose that wants it has it, or refused it. Nothing is deleted that nobody took or
// refused, and KEEP wins.
void Clips::finish(const Candidate& candidate, const FileState& state,
                   const std::vector<PurposeIndex>& wanted) {
  const std::string name = *candidate.name;
  bool keep = false;
  bool any = false;
  for (const PurposeIndex purpose : wanted) {
    const PurposePlan& plan = policy_->purposes[purpose];
    const auto outcome = ledger_.find(tags_->of_file(name, state, plan.name));
    if (!outcome || *outcome == ClipOutcome::kNotTaken) continue;
    any = true;
    const bool released = *outcome == ClipOutcome::kReleased;
    keep = keep || !(released ? plan.clips->delete_afterwards : plan.clips->delete_rejected);
  }
  if (wanted.empty() && candidate.event.trigger == v1::Clips::TRIGGER_UNSPECIFIED) {
    for (const PurposePlan& plan : policy_->purposes) {
      if (!plan.clips) continue;
      any = true;
      keep = keep || !plan.clips->delete_rejected;
    }
  }
  candidate.file->settled = true;
  candidate.file->state = state;
  events_->remove(name, changes_);
  if (keep || !any) {
    const std::string tag = tags_->of_file(name, state, "");
    changes_.push_back(ClipLedger::entry(tag, ClipOutcome::kKept));
    ledger_.written(tag, ClipOutcome::kKept);
    return;
  }
  if (const Status removed = spool_.remove(name, state); !removed) {
    log_error("clip_not_deleted", removed.error());
    return;
  }
  ++counted_.files_deleted;
  forget_now_ = true;
}

bool Clips::settle(const std::string& tag, const std::string& purpose, ClipOutcome outcome,
                   Fate fate, Reason reason) {
  CommitGroup group;
  group.account.take(purpose, fate, reason);
  group.state.push_back(ClipLedger::entry(tag, outcome));
  if (const auto done = store_.commit(group); !done) {
    failed_to_store(done.error());
    return false;
  }
  ledger_.written(tag, outcome);
  attempts_.erase(tag);
  pauses_ms_.erase(tag);
  ++counted_.rejected[static_cast<std::size_t>(reason)];
  return true;
}

ClipStatus Clips::status() const {
  ClipStatus status = counted_;
  status.on = true;
  status.spool_there = spool_.looked_through();
  status.files_waiting = static_cast<std::uint64_t>(
      std::count_if(spool_.files().begin(), spool_.files().end(),
                    [](const auto& file) { return !file.second.settled; }));
  status.events_waiting = events_->size();
  status.in_work = job_.has_value();
  status.work_bytes = job_ ? job_->job.bytes() : 0;
  return status;
}

}  // namespace sudare
