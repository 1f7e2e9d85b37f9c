#include "clip/run/clip_run.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace sudare::clip {

Result<ClipRun> ClipRun::start(const Program& program, const Options& options, int clip,
                               std::chrono::milliseconds longest, const Clock& clock) {
  // Above 2, whatever number the caller's has.
  const OwnedFd input(fcntl(clip, F_DUPFD_CLOEXEC, 3));
  if (!input.open()) return fail(ErrorCode::kIo, "clip: not an open file", errno);
  TRY(Pipe output, make_pipe());

  ClipRun run;
  run.clock_ = &clock;
  run.end_ms_ = clock.monotonic_ms() + longest.count();
  if (options.mode == Mode::kMinimize) {
    TRY(Pipe between, make_pipe());
    // Both ends are the children's, and verify waits.
    fcntl(between.read_end.get(), F_SETFL, 0);
    TRY(Child minimize,
        Child::start(program, arguments_of(options), input.get(), between.write_end.get()));
    run.children_.push_back(std::move(minimize));
    Options verify_options;
    verify_options.mode = Mode::kVerify;
    verify_options.profile = options.profile;
    verify_options.sound = options.sound;
    TRY(Child verify, Child::start(program, arguments_of(verify_options), between.read_end.get(),
                                   output.write_end.get()));
    run.children_.push_back(std::move(verify));
  } else {
    TRY(Child inspect,
        Child::start(program, arguments_of(options), input.get(), output.write_end.get()));
    run.children_.push_back(std::move(inspect));
  }
  run.output_ = std::move(output.read_end);
  return run;
}

bool ClipRun::children_ended() const {
  return std::all_of(children_.begin(), children_.end(),
                     [](const Child& child) { return child.ended(); });
}

int ClipRun::descriptor() const {
  if (output_.open()) return output_.get();
  for (const Child& child : children_) {
    if (!child.ended()) return child.errors();
  }
  return -1;
}

std::chrono::milliseconds ClipRun::time_left() const {
  const std::int64_t left_ms =
      timed_out_ ? kDyingPollMs : std::max<std::int64_t>(0, end_ms_ - clock_->monotonic_ms());
  const bool dying = std::any_of(children_.begin(), children_.end(),
                                 [](const Child& child) { return child.dying(); });
  return std::chrono::milliseconds(dying ? std::min(left_ms, kDyingPollMs) : left_ms);
}

std::size_t ClipRun::read(std::span<std::byte> into) {
  if (ended_) return 0;
  const std::int64_t now_ms = clock_->monotonic_ms();
  if (!timed_out_ && now_ms >= end_ms_) {
    timed_out_ = true;
    for (Child& child : children_) child.kill();
  }
  for (Child& child : children_) child.look_after(now_ms);
  std::size_t taken = 0;
  if (output_.open()) {
    const ssize_t count = ::read(output_.get(), into.data(), into.size());
    if (count > 0) taken = static_cast<std::size_t>(count);
    // Whatever else ends it is as good as the end: the children's ends decide.
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) output_.reset();
  }
  // One that was left behind may hold the other end of the pipe for long.
  const bool left_behind = std::any_of(children_.begin(), children_.end(),
                                       [](const Child& child) { return child.left_behind(); });
  if (left_behind && taken == 0 && children_ended()) output_.reset();
  if (!output_.open() && children_ended()) {
    ended_ = true;
    std::optional<ProcessEnd> verify;
    if (children_.size() > 1) verify = children_[1].end();
    result_ = decide(children_[0].end(), verify, timed_out_);
  }
  return taken;
}

bool ClipRun::ended() const { return ended_; }

ClipResult decide(const ProcessEnd& worker, const std::optional<ProcessEnd>& verify,
                  bool timed_out) {
  ClipResult result;
  result.timed_out = timed_out;
  result.worker = worker;
  if (verify) result.verify = *verify;
  if (timed_out) return result;
  const auto take = [&result](const Report& report) {
    result.outcome = report.outcome;
    result.reason = report.reason;
  };
  // A worker that could not write has nothing to say of the clip where verify was killed.
  const bool no_output = worker.report && worker.report->reason == Reason::kOutput;
  if (!worker.report || (no_output && verify && !verify->report)) {
    result.crashed = true;
    return result;
  }
  // Where verify stopped reading, that is why the worker could not write.
  const bool cut_off = no_output && verify && verify->report->outcome != Outcome::kOk;
  if (!verify || (worker.report->outcome != Outcome::kOk && !cut_off)) {
    take(*worker.report);  // verify was given no whole clip: what it says means nothing
  } else if (verify->report) {
    take(*verify->report);
  } else {
    result.crashed = true;
  }
  return result;
}

}  // namespace sudare::clip
