// Another policy while the gateway runs: from the file (SIGHUP), or from the cloud.
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "gateway/pipeline_loop.h"
#include "gateway/pipeline_start.h"

namespace sudare {
namespace {

// A refusal of one kind is said in the log this often: who sends junk must not fill it.
constexpr std::int64_t kRefusalSaidEveryMs = 5'000;

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

// What nobody has signed ends here, and takes no other text's place.
void Gateway::take_offers(OfferedTexts texts) {
  if (texts.empty()) return;
  count_refused(PolicyRefusal::kSignatures, texts.take_not_signed());
  count_refused(PolicyRefusal::kTooMany, offers_.add(std::move(texts)));
}

void Gateway::look_at_offer() {
  const std::int64_t day = time_->day();
  const std::int64_t now = clock_.monotonic_ms();
  const std::optional<std::string> text = offers_.next(now, day);
  if (!text) return;
  const PolicyInUse& in_use = pipeline_->policy();
  const bool in_force = !in_use.essential_only && in_use.policy->serial == floors_.serial;
  if (in_force && text_mark(*text) == floors_.text) return;
  PolicyFiles::Offer offer = files_.judge(*text, day, floors_);
  if (offer.refusal == PolicyRefusal::kNone) {
    const Status taken = take_offer(offer, *text);
    if (taken) return;
    log_error("policy_not_taken", taken.error());
    refuse_offer(PolicyRefusal::kNotKept, offer);
    return offers_.not_kept(*text, offer.serial, clock_.monotonic_ms());
  }
  refuse_offer(offer.refusal, offer);
  // Refused for the day: the broker does not send it again while the connection lasts. Expired, or
  // the clock is wrong.
  const bool for_the_day =
      offer.refusal == PolicyRefusal::kNotYet || offer.refusal == PolicyRefusal::kExpired;
  if (for_the_day) offers_.not_today(*text, offer.serial, day);
}

// In this order: pipeline_policy.h, invariant 1.
Status Gateway::take_offer(PolicyFiles::Offer& offer, const std::string& text) {
  const PolicyFloors floors = floors_after(floors_, *offer.policy, text);
  TRY(files_.remember(text));
  TRY(keep_floors(*store_, floors));
  floors_ = floors;
  TRY(pipeline_->use_policy({std::move(offer.policy), false}));
  committed(true);
  use_filters();
  offers_.in_force(offer.serial);
  ++policy_updates_.taken;
  log_event(LogLevel::kInfo, "policy_taken", {{"serial", offer.serial}});
  return Done{};
}

void Gateway::refuse_offer(PolicyRefusal why, const PolicyFiles::Offer& offer) {
  ++policy_updates_.refused[static_cast<std::size_t>(why)];
  say_refused(why, offer);
}

void Gateway::count_refused(PolicyRefusal why, std::uint64_t texts) {
  if (texts == 0) return;
  policy_updates_.refused[static_cast<std::size_t>(why)] += texts;
  say_refused(why, {});
}

void Gateway::say_refused(PolicyRefusal why, const PolicyFiles::Offer& offer) {
  std::int64_t& due_ms = refusal_due_ms_[static_cast<std::size_t>(why)];
  const std::int64_t now = clock_.monotonic_ms();
  if (now < due_ms) return;
  due_ms = now + kRefusalSaidEveryMs;
  log_event(LogLevel::kWarning, "policy_refused",
            {{"reason", why},
             {"line", offer.line},
             {"column", offer.column},
             {"serial_in_force", pipeline_->policy().policy->serial}});
}

}  // namespace sudare
