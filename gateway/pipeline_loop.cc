#include "gateway/pipeline_loop.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/limits.h"
#include "base/log.h"
#include "crypto/secret_bytes.h"
#include "gateway/mqtt/hardware_key.h"
#include "gateway/pipeline_start.h"

namespace sudare {
namespace {

// The loop looks at everything at least this often: the day, linger times, the status page.
constexpr std::int64_t kTurnMsMax = 1000;
// Of the shutdown time, kept for closing connections and the store.
constexpr std::int64_t kShutdownReserveMs = 500;
// A broker on the same unit reads a thousand acknowledgements within some 20 ms; one that gets no
// processor needs longer, and what it does not read comes again: after a transfer to the new owner.
constexpr std::int64_t kDisconnectMsMax = 800;
constexpr std::int64_t kSnapshotEveryMs = 100;
constexpr std::int64_t kReachEveryMs = 5'000;

std::int64_t sooner(std::int64_t a, std::int64_t b) { return b < 0 ? a : std::min(a, b); }

}  // namespace

bool Gateway::run() {
  use_filters();
  tell_withheld();
  manager_.ready();
  while (!ending_) turn();
  return shut_down();
}

void Gateway::turn() {
  wait();
  handle_signals();
  take_handoff();
  if (ending_) return;
  read();
  const std::int64_t now = clock_.monotonic_ms();
  const bool due = urgent_ || pipeline_->commit_at_once() || pace_.due_in_ms(now) == 0 ||
                   pipeline_->next_commit_in_ms() == 0;
  if (due && !pace_.held_back(now)) commit(false);
  turn_clips();
  tell_receipts();
  tell_withheld();  // the network or the day may be another
  tell_allowances();
  look_at_reach();
  look_at_offer();
  publish_snapshot(false);
  manager_.alive(now);
}

void Gateway::wait() {
  const std::int64_t now = clock_.monotonic_ms();
  std::int64_t timeout = sooner(kTurnMsMax, pace_.due_in_ms(now));
  if (!pace_.held_back(now)) timeout = sooner(timeout, pipeline_->next_commit_in_ms());
  timeout = sooner(timeout, offers_.due_in_ms(now));
  const bool room = pace_.room_messages() > 0 && pace_.room_bytes() > 0;
  waited_.assign({pollfd{signal_fd_, POLLIN, 0}, pollfd{uploader_->handoff_fd(), POLLIN, 0}});
  if (Clips* const clips = pipeline_->clips(); clips != nullptr && !pace_.held_back(now)) {
    timeout = sooner(timeout, clips->next_ms());
    waited_.push_back({clips->spool_fd(), POLLIN, 0});
    waited_.push_back({clips->job_fd(), POLLIN, 0});
  }
  collector_.wait(timeout, room, waited_);
}

// While commits fail, a clip's would fail too.
void Gateway::turn_clips() {
  Clips* const clips = pipeline_->clips();
  if (clips == nullptr || pace_.held_back(clock_.monotonic_ms())) return;
  if (clips->turn()) uploader_->wake();
}

void Gateway::read() {
  const ReadBound bound{pace_.room_messages(), pace_.room_bytes()};
  if (bound.messages == 0 || bound.bytes == 0) return;
  pipeline_->begin_round();
  const ReadResult result = collector_.read(bound, take_);
  urgent_ = urgent_ || result.urgent;
  pace_.took(result.messages, result.bytes, clock_.monotonic_ms());
}

void Gateway::take_handoff() {
  if (waited_[1].revents == 0) return;
  UploadHandoff handoff = uploader_->take();
  pipeline_->delivered(handoff.delivered);
  pipeline_->damaged(handoff.damaged);
  pipeline_->published(handoff.published);
  take_offers(std::move(handoff.policies));
  handed_over_.insert(handed_over_.end(), handoff.delivered.begin(), handoff.delivered.end());
  handed_over_.insert(handed_over_.end(), handoff.damaged.begin(), handoff.damaged.end());
  if (!handed_over_.empty() || !handoff.published.empty()) pace_.settle(clock_.monotonic_ms());
}

void Gateway::handle_signals() {
  if (waited_[0].revents == 0) return;
  signalfd_siginfo info{};
  while (::read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGHUP) reload();
    else ending_ = true;
  }
}

void Gateway::commit(bool close_all) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = pipeline_->commit(close_all);
  if (!done) {
    pace_.failed(clock_.monotonic_ms());
    ++failed_commits_;
    if ((failed_commits_ & (failed_commits_ - 1)) == 0) log_error("commit_failed", done.error());
    return;
  }
  const auto took = std::chrono::steady_clock::now() - start;
  commits_.add(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  committed(*done);
}

// Everything that was read is on disk, or counted: now, and not before, the in-vehicle broker hears
// of it.
void Gateway::committed(bool uploadable) {
  collector_.acknowledge();
  tell_withheld();
  pace_.committed();
  urgent_ = false;
  uploader_->deleted(handed_over_);
  handed_over_.clear();
  if (uploadable) uploader_->wake();
  if (failed_commits_ > 0) {
    log_event(LogLevel::kInfo, "commit_recovered", {{"failed", failed_commits_}});
  }
  failed_commits_ = 0;
  last_commit_ms_ = clock_.monotonic_ms();
}

// A withdrawal stops the uploader at once, also where a full disk keeps the rows from being
// deleted.
void Gateway::tell_withheld() {
  std::vector<std::string> names = pipeline_->withheld();
  if (names == withheld_) return;
  withheld_ = names;
  uploader_->withhold(std::move(names));
}

void Gateway::tell_allowances() {
  std::map<std::string, std::uint64_t> allowances = pipeline_->allowances();
  if (allowances == allowances_) return;
  allowances_ = allowances;
  uploader_->allow(std::move(allowances));
}

// QoS 0: one that is lost is published again when its producer sends again. A broker that comes
// back may have lost what it retained.
void Gateway::tell_receipts() {
  const CollectStatus status = collector_.status();
  if (!status.normal_connected) return;
  Receipts& receipts = pipeline_->receipts();
  if (status.connects != receipt_connects_) receipts.publish_all();
  receipt_connects_ = status.connects;
  for (const Receipt& one : receipts.due()) {
    const std::string topic = plan_.receipt_topic + "/" + std::string(one.producer);
    if (!collector_.publish(topic, std::to_string(one.received))) return;
  }
}

void Gateway::use_filters() {
  collector_.set_filters(pipeline_->topic_filters(), pipeline_->urgent_topic_filters());
}

// A name server, a certificate, a card or a token that changed is worth a start, which takes less
// than a second; without it the gateway would work on and never connect again.
void Gateway::look_at_reach() {
  const std::int64_t now = clock_.monotonic_ms();
  if (now < reach_due_ms_) return;
  reach_due_ms_ = now + kReachEveryMs;
  if (const std::uint32_t refused = hardware_pins_refused(); refused != pins_refused_) {
    pins_refused_ = refused;
    log_event(LogLevel::kError, "key_pin_refused");
  }
  const bool token_lost = hardware_key_lost();
  if (!token_lost && (!reach_ || !reach_->lost())) return;
  if (token_lost) log_event(LogLevel::kError, "key_token_lost");
  else log_event(LogLevel::kError, "files_out_of_reach");
  ending_ = out_of_reach_ = true;
}

void Gateway::publish_snapshot(bool at_once) {
  const std::int64_t now = clock_.monotonic_ms();
  if (!plan_.status.on || (!at_once && now - snapshot_ms_ < kSnapshotEveryMs)) return;
  snapshot_ms_ = now;
  GatewaySnapshot snapshot;
  snapshot.account = store_->account();
  snapshot.store = store_->status();
  snapshot.commits = commits_;
  snapshot.failed_commits = pipeline_->stats().failed_commits;
  snapshot.commit_failing = failed_commits_ > 0;
  snapshot.last_commit_ms = last_commit_ms_;
  snapshot.collect = collector_.status();
  snapshot.upload = uploader_->status();
  snapshot.consent_changes = pipeline_->stats().consent_changes;
  snapshot.consent_refused = pipeline_->stats().consent_refused;
  snapshot.sequences_refused = pipeline_->receipts().refused();
  snapshot.unknown_enums = pipeline_->stats().unknown_enums;
  snapshot.restriction = pipeline_->restriction();
  snapshot.car_checked = pipeline_->car_checked();
  snapshot.car_differed = pipeline_->car().differed();
  snapshot.policy_serial = pipeline_->policy().policy->serial;
  snapshot.policy_days_left = pipeline_->policy().policy->not_after_day - time_->day();
  snapshot.policy_updates = policy_updates_;
  snapshot.policy_reloads = policy_reloads_;
  snapshot.policy_refusals = policy_refusals_;
  if (Clips* const clips = pipeline_->clips()) snapshot.clips = clips->status();
  snapshot.sandbox = sandbox_;
  snapshot.secrets_not_locked = secrets_not_locked();
  snapshot.network = pipeline_->network();
  snapshot.clock_confirmed = time_->confirmed();
  snapshot.clock_day = time_->day();
  snapshot_.with([&](GatewaySnapshot& shared) { shared = std::move(snapshot); });
}

// --- the end

bool Gateway::shut_down() {
  const std::int64_t deadline = clock_.monotonic_ms() + kShutdownMsMax - kShutdownReserveMs;
  log_event(LogLevel::kInfo, "stopping");
  manager_.stopping();
  commit(true);
  while (failed_commits_ > 0 && clock_.monotonic_ms() < deadline) {
    poll(nullptr, 0,
         static_cast<int>(std::max<std::int64_t>(pace_.due_in_ms(clock_.monotonic_ms()), 1)));
    commit(true);
  }
  // Where the last commit failed, nothing is acknowledged: the broker keeps it for the next start.
  const std::int64_t spare = deadline + kShutdownReserveMs / 2 - clock_.monotonic_ms();
  collector_.disconnect(std::clamp<std::int64_t>(spare, 0, kDisconnectMsMax));
  if (failed_commits_ == 0) drain(deadline);
  const std::int64_t left = deadline + kShutdownReserveMs / 2 - clock_.monotonic_ms();
  const bool ended = uploader_->stop(std::max<std::int64_t>(left, 50));
  log_event(LogLevel::kInfo, "stopped",
            {{"queue_rows", store_->status().rows}, {"committed", failed_commits_ == 0}});
  return ended;
}

// Uploads while there is time, a connection, and something to upload.
void Gateway::drain(std::int64_t deadline_ms) {
  uploader_->wake();
  while (clock_.monotonic_ms() < deadline_ms) {
    const UploadStatus status = uploader_->status();
    if (!status.connected || status.idle) break;
    waited_.assign({pollfd{-1, 0, 0}, pollfd{uploader_->handoff_fd(), POLLIN, 0}});
    poll(waited_.data(), waited_.size(), 20);
    take_handoff();
  }
  waited_.assign({pollfd{-1, 0, 0}, pollfd{-1, 0, POLLIN}});
  take_handoff();
  if (!handed_over_.empty()) commit(false);
}

}  // namespace sudare
