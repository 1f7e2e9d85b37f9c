// Another policy while the gateway runs: from the file (SIGHUP), or from the cloud.
#include <utility>

#include "base/log.h"
#include "gateway/pipeline_loop.h"
#include "gateway/pipeline_start.h"

namespace sudare {
namespace {

// A broker that sends one text after another costs a check of signatures this often.
constexpr std::int64_t kOfferEveryMs = 5'000;

}  // namespace

void Gateway::reload() {
  PolicyFiles::Load load = files_.load(time_->day(), floors_);
  print(load.diagnostics);
  if (!load.policy) {
    ++policy_refusals_;
    log_event(LogLevel::kError, "policy_kept", {{"serial", pipeline_->policy().policy->serial}});
    return;
  }
  const std::uint64_t serial = load.policy->serial;
  const Status used = pipeline_->use_policy({std::move(load.policy), false});
  if (!used) {
    ++policy_refusals_;
    log_error("policy_kept", used.error());
    return;
  }
  committed(true);
  use_filters();
  ++policy_reloads_;
  log_event(LogLevel::kInfo, "policy_loaded", {{"serial", serial}});
  take_over(*pipeline_->policy().policy, load.text);
}

void Gateway::look_at_offer() {
  const std::int64_t day = time_->day();
  // Refused for the day: the broker does not send it again while the connection lasts.
  if (offered_.empty() && !early_.empty() && day != early_day_)
    offered_ = std::exchange(early_, {});
  const std::int64_t now = clock_.monotonic_ms();
  if (offered_.empty() || now < offer_due_ms_) return;
  offer_due_ms_ = now + kOfferEveryMs;
  const PolicyInUse& in_use = pipeline_->policy();
  const bool in_force = !in_use.essential_only && in_use.policy->serial == floors_.serial;
  if (in_force && text_mark(offered_) == floors_.text) return offered_.clear();
  PolicyFiles::Offer offer = files_.judge(offered_, day, floors_);
  if (offer.refusal != PolicyRefusal::kNone) {
    refuse_offer(offer.refusal, offer);
    const bool early = offer.refusal == PolicyRefusal::kNotYet;
    const bool late = offer.refusal == PolicyRefusal::kExpired;  // or the clock is wrong
    if (early || late) early_ = offered_;
    early_day_ = day;
    return offered_.clear();
  }
  // Where it can't be kept now, it is looked at again.
  if (take_offer(offer)) offered_.clear();
}

// In this order: pipeline_policy.h, invariant 1.
bool Gateway::take_offer(PolicyFiles::Offer& offer) {
  const std::uint64_t serial = offer.policy->serial;
  const PolicyFloors floors = floors_after(floors_, *offer.policy, offered_);
  Status done = files_.remember(offered_);
  if (done) done = keep_floors(*store_, floors);
  if (done) {
    floors_ = floors;
    done = pipeline_->use_policy({std::move(offer.policy), false});
  }
  if (!done) {
    log_error("policy_not_taken", done.error());
    refuse_offer(PolicyRefusal::kNotKept, offer);
    return false;
  }
  committed(true);
  use_filters();
  ++policy_updates_.taken;
  log_event(LogLevel::kInfo, "policy_taken", {{"serial", serial}});
  return true;
}

void Gateway::refuse_offer(PolicyRefusal why, const PolicyFiles::Offer& offer) {
  ++policy_updates_.refused[static_cast<std::size_t>(why)];
  log_event(LogLevel::kWarning, "policy_refused",
            {{"reason", why},
             {"line", offer.line},
             {"column", offer.column},
             {"serial_in_force", pipeline_->policy().policy->serial}});
}

}  // namespace sudare
