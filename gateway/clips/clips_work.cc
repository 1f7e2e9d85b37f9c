// The clip in work: its pieces, and how it ends.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/clips/spool_clips.h"

namespace sudare {
namespace {

// What fails by the unit's fault, or nobody knows whose, is tried again: at once, since a crash may
// be chance, then after pauses that grow. All ten take four hours, in which an update may help; a
// restart begins anew.
constexpr int kAttemptsMax = 10;
constexpr std::int64_t kFailedAgainMsLeast = 10'000;
constexpr std::int64_t kFailedAgainMsMost = 3'600'000;
constexpr std::int64_t kFailedAgainTimes = 4;
// After a commit failed, or the store had no room: deliveries make some, an outage may last days.
constexpr std::int64_t kStoreAgainMs = 5'000;
constexpr std::int64_t kRoomAgainMsLeast = 10'000;
constexpr std::int64_t kRoomAgainMsMost = 600'000;

// Whether a report of the worker speaks of the clip: else of memory, sandbox, card or libav.
bool of_the_clip(clip::Reason reason) {
  return reason >= clip::Reason::kContainer && reason <= clip::Reason::kClipBytes;
}

// What verify found, exit status 3.
bool of_the_result(clip::Reason reason) {
  return reason >= clip::Reason::kBox && reason <= clip::Reason::kMarker;
}

}  // namespace

bool SpoolClips::step() {
  ClipJob& job = job_->job;
  // What was stored so far carries another pseudonym, or is another owner's.
  if (!(sealer_.piece_epoch(job.piece().purpose()) == job_->epoch) ||
      !gate_(job.piece().purpose()).open) {
    start_anew();
    return false;
  }
  const ClipJob::Step step = job.step();
  job_waits_ = step == ClipJob::Step::kWaiting;
  switch (step) {
    case ClipJob::Step::kWaiting: return false;
    case ClipJob::Step::kPiece: return store_piece(false);
    case ClipJob::Step::kLast: return store_piece(true);
    case ClipJob::Step::kRejected:
    case ClipJob::Step::kFindings:
    case ClipJob::Step::kFailed: refused(step); return false;
  }
  return false;
}

bool SpoolClips::store_piece(bool last) {
  const ClipJob& job = job_->job;
  const PurposeIndex purpose = job.piece().purpose();
  auto sealed = sealer_.seal_piece(job.piece());
  if (!sealed) {
    log_error("clip_not_sealed", sealed.error());
    failed(std::string(job_->tag), policy_->purposes[purpose].name, "not_sealed");
    stop(0);
    return false;
  }
  CommitGroup group;
  group.add = std::move(sealed->add);
  if (last) {
    group.release_held = true;
    group.reported = std::move(sealed->reported);
    group.state = std::move(sealed->state);
    group.state.push_back(ClipLedger::entry(job_->tag, ClipOutcome::kReleased));
    group.account.take(policy_->purposes[purpose].name, Fate::kQueued, Reason::kNone, job.pieces());
  }
  if (const auto done = store_.commit(group); !done) {
    failed_to_store(done.error());
    return false;
  }
  if (!last) {
    job_->job.stored();
    return false;
  }
  sealer_.clip_committed(purpose, job.pieces());
  released(job.pieces(), job.bytes());
  return true;
}

void SpoolClips::released(std::uint32_t pieces, std::uint64_t bytes) {
  ledger_.written(job_->tag, ClipOutcome::kReleased);
  failures_.erase(job_->tag);
  pauses_ms_.erase(job_->tag);
  ++counted_.released;
  counted_.released_pieces += pieces;
  counted_.released_bytes += bytes;
  log_event(LogLevel::kInfo, "clip_released", {{"pieces", pieces}, {"bytes", bytes}});
  job_.reset();
  look_now_ = true;
}

void SpoolClips::refused(ClipJob::Step step) {
  const std::string tag = job_->tag;
  const std::string purpose = policy_->purposes[job_->job.piece().purpose()].name;
  const clip::Reason why = job_->job.reason();
  const bool rejected =
      step == ClipJob::Step::kRejected && of_the_clip(why) && job_->job.rejected_by_worker();
  const bool findings = step == ClipJob::Step::kFindings && of_the_result(why);
  if (!rejected && !findings) {
    failed(tag, purpose, literal_of(why));
    return stop(0);
  }
  log_event(LogLevel::kWarning, "clip_refused", {{"reason", why}});
  const Reason reason = rejected ? Reason::kClipRefused : Reason::kClipFindings;
  if (settle(tag, purpose, ClipOutcome::kRejected, Fate::kRejected, reason)) stop(0);
}

void SpoolClips::failed(const std::string& tag, const std::string& purpose, Literal why) {
  Failure& failure = failures_[tag];
  ++failure.attempts;
  if (failure.attempts >= kAttemptsMax) {
    log_event(LogLevel::kError, "clip_given_up", {{"reason", why}});
    (void)settle(tag, purpose, ClipOutcome::kFailed, Fate::kRejected, Reason::kClipFailed);
    return;
  }
  ++counted_.retried;
  if (failure.attempts == 1) return;
  if (failure.attempts == 2) {
    ++counted_.failed;
    log_event(LogLevel::kError, "clip_failed", {{"reason", why}});
  }
  failure.pause_ms =
      std::clamp(failure.pause_ms * kFailedAgainTimes, kFailedAgainMsLeast, kFailedAgainMsMost);
  failure.not_before_ms = clock_.monotonic_ms() + failure.pause_ms;
}

// Nothing changed. What the clip has on disk goes, and it is tried again.
void SpoolClips::failed_to_store(const Error& error) {
  const std::int64_t now = clock_.monotonic_ms();
  const bool held_row =
      job_ && (error.code == ErrorCode::kFull || error.code == ErrorCode::kTooLarge);
  if (!held_row) {
    log_error("clip_commit_failed", error);
    not_before_ms_ = now + kStoreAgainMs;
    ++counted_.started_anew;
    if (job_) stop(kStoreAgainMs);
    return;
  }
  const std::string tag = job_->tag;
  const std::string purpose = policy_->purposes[job_->job.piece().purpose()].name;
  if (error.code == ErrorCode::kTooLarge) {
    log_error("clip_too_large", error);
    stop(0);
    // A larger quota would have helped: the file stays.
    (void)settle(tag, purpose, ClipOutcome::kFailed, Fate::kRejected, Reason::kClipTooLarge);
    return;
  }
  ++counted_.no_room;
  std::int64_t& pause_ms = pauses_ms_[tag];
  pause_ms = std::clamp(pause_ms * 2, kRoomAgainMsLeast, kRoomAgainMsMost);
  if (pause_ms == kRoomAgainMsLeast) log_error("clip_no_room", error);
  stop(pause_ms);
}

void SpoolClips::start_anew() {
  ++counted_.started_anew;
  stop(0);
}

// The processes end here. turn() drops the held rows before anything else begins.
void SpoolClips::stop(std::int64_t again_in_ms) {
  if (!job_) return;  // a failed commit stopped it already
  const auto file = spool_.files().find(job_->file);
  if (file != spool_.files().end() && again_in_ms > 0) {
    file->second.not_before_ms = clock_.monotonic_ms() + again_in_ms;
  }
  job_.reset();
  look_now_ = true;
}

}  // namespace sudare
