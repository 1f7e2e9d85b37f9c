#include "gateway/clips/spool_clips.h"

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

std::int64_t sooner(std::int64_t a, std::int64_t b) { return std::min(a, b); }

}  // namespace

SpoolClips::SpoolClips(const ClipOptions& options, const Policy& policy, Store& store,
                       Sealer& sealer, TrustedTime& time, const Clock& clock,
                       std::function<ClipGate(PurposeIndex)> gate, ClipTags tags)
    : options_(options),
      policy_(&policy),
      store_(store),
      sealer_(sealer),
      time_(time),
      clock_(clock),
      gate_(std::move(gate)),
      tags_(std::make_unique<const ClipTags>(std::move(tags))),
      spool_(options.directory, clock,
             [this](const std::string& name, const FileState& state, bool closed) {
               return standing(name, state, closed);
             }) {}

Result<std::unique_ptr<SpoolClips>> SpoolClips::create(const ClipOptions& options,
                                                       const Policy& policy, Store& store,
                                                       Sealer& sealer, TrustedTime& time,
                                                       const Clock& clock,
                                                       std::function<ClipGate(PurposeIndex)> gate) {
  TRY(ClipTags tags, ClipTags::load(store));
  std::unique_ptr<SpoolClips> clips(new SpoolClips(options, policy, store, sealer, time, clock,
                                                   std::move(gate), std::move(tags)));
  TRY(clips->events_, ClipEvents::load(store, *clips->tags_, clock, time.day(), clips->changes_));
  TRY(clips->ledger_, ClipLedger::load(store));
  return clips;
}

Result<std::unique_ptr<Clips>> Clips::create(const ClipOptions& options, const Policy& policy,
                                             Store& store, Sealer& sealer, TrustedTime& time,
                                             const Clock& clock,
                                             std::function<ClipGate(PurposeIndex)> gate) {
  return SpoolClips::create(options, policy, store, sealer, time, clock, std::move(gate));
}

// --- what the rest of the gateway says

void SpoolClips::event(const Personal<ClipNotice>& notice) {
  const Status taken = events_->take(notice.reveal(ClipStage::key()), time_.day(), changes_);
  if (!taken) {
    ++counted_.events_refused;
    return;
  }
  look_now_ = true;
}

void SpoolClips::take_changes(std::vector<StateEntry>& out) {
  out.insert(out.end(), std::make_move_iterator(changes_.begin()),
             std::make_move_iterator(changes_.end()));
  changes_.clear();
}

void SpoolClips::gates_changed() {
  if (job_ && !gate_(job_->job.piece().purpose()).open) start_anew();
  const bool any_open = std::any_of(gated_.begin(), gated_.end(),
                                    [this](PurposeIndex purpose) { return gate_(purpose).open; });
  if (any_open) wake_gated();
}

void SpoolClips::wake_gated() {
  gated_.clear();
  for (auto& [name, file] : spool_.files()) {
    if (std::exchange(file.gated, false)) file.not_before_ms = 0;
  }
  look_now_ = true;
}

void SpoolClips::use_policy(const Policy& policy) {
  policy_ = &policy;
  if (job_) start_anew();
  wake_gated();
}

std::int64_t SpoolClips::next_ms() const {
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

bool SpoolClips::turn() {
  (void)clip::reap_left_behind();
  ledger_.begin_pass();
  const std::uint64_t looks = spool_.looks();
  if (spool_.tend()) look_now_ = true;
  if (spool_.looks() != looks) forget_gone();
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
void SpoolClips::drop_held() {
  CommitGroup group;
  group.drop_held = true;
  if (const auto done = store_.commit(group); !done) failed_to_store(done.error());
}

void SpoolClips::look() {
  look_now_ = false;
  next_look_ms_ = clock_.monotonic_ms() + kLookMsMax;
  expire_events();
  if (const auto candidate = next_candidate()) begin(*candidate);
}

// What the ledger and the events say of a file that is there. Once the ledger is full, what it does
// not know may be known no more: only what is new for sure is looked at.
Standing SpoolClips::standing(const std::string& name, const FileState& state, bool closed) {
  const auto outcome =
      ledger_.empty() ? std::nullopt : ledger_.saw(tags_->of_file(name, state, ""));
  if (outcome == ClipOutcome::kKept) return Standing::kSettled;
  if (outcome == ClipOutcome::kDelete) return Standing::kDone;
  if (events_->find(name) != nullptr) return Standing::kExpected;
  return ledger_.full() && !closed ? Standing::kSettled : Standing::kOther;
}

// Events whose clip never came.
void SpoolClips::expire_events() {
  if (!spool_.all_known()) return;
  std::optional<std::set<std::string>> there;
  const auto kept = [&](const std::string& tag) {
    if (!there) {
      there.emplace();
      for (const auto& [name, file] : spool_.files()) there->insert(tags_->of_event(name));
    }
    return there->contains(tag);
  };
  counted_.events_expired += events_->expire(options_.event_wait_ms, kept, changes_);
}

// The tags of files that are gone, after a look through the directory. An empty one is where a card
// was taken out: what it held may come back.
void SpoolClips::forget_gone() {
  if (!spool_.all_known() || spool_.found() == 0) return;
  std::set<std::string> tags;
  for (const auto& [name, file] : spool_.files()) {
    tags.insert(tags_->of_file(name, file.state, ""));
    for (const PurposePlan& purpose : policy_->purposes) {
      if (purpose.clips) tags.insert(tags_->of_file(name, file.state, purpose.name));
    }
  }
  ledger_.retain(tags, changes_);
  ledger_full_ = ledger_full_ && ledger_.full();
  const auto gone = [&tags](const auto& entry) { return !tags.contains(entry.first); };
  std::erase_if(failures_, gone);
  std::erase_if(pauses_ms_, gone);
}

// The oldest that something can be done with; where there is none, when to look again.
std::optional<SpoolClips::Candidate> SpoolClips::next_candidate() {
  const std::int64_t now = clock_.monotonic_ms();
  std::optional<Candidate> oldest;
  const std::string* late = nullptr;
  for (auto& [name, file] : spool_.files()) {
    if (file.not_before_ms > now) {
      next_look_ms_ = sooner(next_look_ms_, file.not_before_ms);
      continue;
    }
    if (file.done) return Candidate{&name, &file, {}};
    const PendingEvent* const event = events_->find(name);
    file.expected = event != nullptr;
    if (event == nullptr) {
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

ClipStatus SpoolClips::status() const {
  ClipStatus status = counted_;
  status.on = true;
  status.spool_there = spool_.there();
  status.spool_too_full = spool_.cut();
  for (const auto& [name, file] : spool_.files()) {
    ++(file.done ? status.files_to_delete : status.files_waiting);
  }
  for (const auto& [tag, failure] : failures_) status.failing += failure.attempts > 1 ? 1 : 0;
  status.processes_left_behind = clip::reap_left_behind();
  status.files_remembered = ledger_.size();
  status.events_waiting = events_->size();
  status.in_work = job_.has_value();
  status.work_bytes = job_ ? job_->job.bytes() : 0;
  return status;
}

}  // namespace sudare
