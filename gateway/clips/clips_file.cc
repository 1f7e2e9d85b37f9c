// A file: what is done with it for whom, and whether it stays.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/clips/spool_clips.h"

namespace sudare {
namespace {

// A file that can't be opened or deleted, or a purpose that may not be served: where nothing tells
// sooner that it is otherwise now.
constexpr std::int64_t kTryAgainMs = 60'000;

}  // namespace

std::vector<PurposeIndex> SpoolClips::wanted(v1::Clips::Trigger trigger) const {
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

void SpoolClips::begin(const Candidate& candidate) {
  look_now_ = true;                          // something else may be next
  const std::string name = *candidate.name;  // the spool may forget the file meanwhile
  SpoolFile& file = *candidate.file;
  const std::int64_t now = clock_.monotonic_ms();
  if (file.done) return delete_file(name, FileState(file.state));
  auto opened = spool_.open(name);
  if (!opened) {
    if (opened.error().code == ErrorCode::kIo) {
      log_error("clip_unreadable", opened.error());
      file.not_before_ms = now + kTryAgainMs;
    }
    return;
  }
  const PendingEvent& event = candidate.event;
  if (event.trigger == v1::Clips::TRIGGER_UNSPECIFIED) {
    return begin_without_event(candidate, opened->state);
  }
  const std::vector<PurposeIndex> purposes = wanted(event.trigger);
  std::int64_t again_ms = 0;
  for (const PurposeIndex purpose : purposes) {
    const std::string& purpose_name = policy_->purposes[purpose].name;
    const std::string tag = tags_->of_file(name, opened->state, purpose_name);
    if (ledger_.find(tag)) continue;
    std::int64_t wait_until_ms = now + kTryAgainMs;
    const auto failure = failures_.find(tag);
    const bool pauses = failure != failures_.end() && failure->second.not_before_ms > now;
    if (pauses) {
      wait_until_ms = failure->second.not_before_ms;
    } else if (const ClipGate gate = gate_(purpose); gate.open) {
      return start(candidate, purpose, tag, std::move(*opened));
    } else if (gate.fate == Fate::kNotConsented || time_.day() - event.day > kClipEventDaysMax) {
      (void)settle(tag, purpose_name, ClipOutcome::kNotTaken, gate.fate, gate.reason);
      return;
    } else {
      // No valid policy, clock or keys for now.
      gated_.insert(purpose);
      file.gated = true;
    }
    again_ms = again_ms == 0 ? wait_until_ms : std::min(again_ms, wait_until_ms);
  }
  if (again_ms == 0) return finish(candidate, opened->state, purposes);
  file.not_before_ms = again_ms;
}

void SpoolClips::begin_without_event(const Candidate& candidate, const FileState& state) {
  const std::string name = *candidate.name;
  const std::string tag = tags_->of_file(name, state, "");
  const auto known = ledger_.find(tag);
  if (known == ClipOutcome::kKept) return keep_file(name, state);
  if (known == ClipOutcome::kDelete) return delete_file(name, state);
  if (known || settle(tag, "", ClipOutcome::kRejected, Fate::kRejected, Reason::kNoEvent)) {
    finish(candidate, state, {});
  }
}

ClipOrder SpoolClips::order_for(PurposeIndex purpose, const PendingEvent& event) const {
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

void SpoolClips::start(const Candidate& candidate, PurposeIndex purpose, const std::string& tag,
                       Spool::Opened opened) {
  const FileState state = opened.state;
  auto job = ClipJob::start(options_.program, order_for(purpose, candidate.event),
                            std::move(opened), clock_);
  if (!job) {
    log_error("clip_not_started", job.error());
    return failed(tag, policy_->purposes[purpose].name, "not_started");
  }
  job_.emplace(Work{*candidate.name, tag, state, sealer_.piece_epoch(purpose), std::move(*job)});
  job_waits_ = false;
}

// KEEP wins; nothing is deleted that nobody took or refused, or that failed. Without an event only
// what came while it was watched is known to be new: the tag of what was there before may be
// another one than it was, since FAT's times follow the time zone of the mount.
bool SpoolClips::to_keep(const Candidate& candidate, const FileState& state,
                         const std::vector<PurposeIndex>& wanted) const {
  bool keep = false;
  bool any = false;
  if (candidate.event.trigger == v1::Clips::TRIGGER_UNSPECIFIED) {
    for (const PurposePlan& plan : policy_->purposes) {
      if (!plan.clips) continue;
      any = true;
      keep = keep || !plan.clips->delete_rejected;
    }
    return keep || !any || !candidate.file->closed || events_->crowded_out();
  }
  for (const PurposeIndex purpose : wanted) {
    const PurposePlan& plan = policy_->purposes[purpose];
    const auto outcome = ledger_.find(tags_->of_file(*candidate.name, state, plan.name));
    if (!outcome || *outcome == ClipOutcome::kNotTaken) continue;
    any = true;
    const bool released = *outcome == ClipOutcome::kReleased;
    keep = keep || *outcome == ClipOutcome::kFailed ||
           !(released ? plan.clips->delete_afterwards : plan.clips->delete_rejected);
  }
  return keep || !any;
}

// Every purpose that wants it has it, or refused it.
void SpoolClips::finish(const Candidate& candidate, const FileState& state,
                        const std::vector<PurposeIndex>& wanted) {
  const std::string name = *candidate.name;
  const bool keep = to_keep(candidate, state, wanted);
  events_->remove(name, changes_);
  if (keep) {
    keep_file(name, state);
  } else {
    delete_file(name, state);
  }
}

void SpoolClips::drop_tags(const std::string& name, const FileState& state) {
  ledger_.drop(tags_->of_file(name, state, ""), changes_);
  for (const PurposePlan& plan : policy_->purposes) {
    if (plan.clips) ledger_.drop(tags_->of_file(name, state, plan.name), changes_);
  }
}

// One tag says it all, where there is room for it.
void SpoolClips::keep_file(const std::string& name, const FileState& state) {
  drop_tags(name, state);
  if (!ledger_.full()) {
    const std::string tag = tags_->of_file(name, state, "");
    changes_.push_back(ClipLedger::entry(tag, ClipOutcome::kKept));
    ledger_.written(tag, ClipOutcome::kKept);
  } else {
    ++counted_.files_not_remembered;
    if (!std::exchange(ledger_full_, true)) {
      log_event(LogLevel::kError, "clip_ledger_full", {{"files", ledger_.size()}});
    }
  }
  spool_.files().erase(name);
}

void SpoolClips::delete_file(const std::string& name, const FileState& state) {
  const Status removed = spool_.remove(name, state);
  if (removed) ++counted_.files_deleted;
  if (removed || removed.error().code != ErrorCode::kIo) return drop_tags(name, state);
  ++counted_.deletions_failed;
  const auto found = spool_.files().find(name);
  if (found == spool_.files().end()) return;
  SpoolFile& file = found->second;
  file.not_before_ms = clock_.monotonic_ms() + kTryAgainMs;
  if (std::exchange(file.done, true)) return;
  log_error("clip_not_deleted", removed.error());
  const std::string tag = tags_->of_file(name, state, "");
  changes_.push_back(ClipLedger::entry(tag, ClipOutcome::kDelete));
  ledger_.written(tag, ClipOutcome::kDelete);
}

bool SpoolClips::settle(const std::string& tag, const std::string& purpose, ClipOutcome outcome,
                        Fate fate, Reason reason) {
  CommitGroup group;
  group.account.take(purpose, fate, reason);
  group.state.push_back(ClipLedger::entry(tag, outcome));
  if (const auto done = store_.commit(group); !done) {
    failed_to_store(done.error());
    return false;
  }
  ledger_.written(tag, outcome);
  failures_.erase(tag);
  pauses_ms_.erase(tag);
  ++counted_.rejected[static_cast<std::size_t>(reason)];
  return true;
}

}  // namespace sudare
