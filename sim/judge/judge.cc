#include "sim/judge/judge.h"

#include <poll.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "fleet/cli/keys.h"
#include "gateway/policy/load.h"
#include "sim/stop.h"

namespace sudare::sim {

namespace {

// Without a policy nothing says how long a batch may take: half a minute of traffic's linger.
constexpr std::int64_t kSettleMs = 30'000;
// What a slow unit and a network add to what the policy lets a batch take.
constexpr std::int64_t kSettleMarginMs = 10'000;
// After everything expected has come: what should not have come mostly comes with it.
constexpr std::int64_t kQuietMs = 2000;
constexpr int kPollMs = 100;

}  // namespace

Parsed<std::unique_ptr<Judge>> Judge::start(const JudgeOptions& options) {
  std::unique_ptr<Judge> judge(new Judge(options));
  if (auto read = judge->read_policy(); !read) return tl::unexpected<InputError>(read.error());
  if (auto read = judge->read_keys(); !read) return tl::unexpected<InputError>(read.error());
  judge->settle_ms_max_ = judge->settle_ms();
  auto inbox = CloudInbox::open(options.cloud);
  if (!inbox) return tl::unexpected<InputError>(inbox.error());
  judge->inbox_ = *std::move(inbox);
  judge->openings_ = std::make_unique<Openings>(judge->keys_, judge->policy_.get());
  return judge;
}

Parsed<Done> Judge::read_policy() {
  if (options_.policy_file.empty()) return Done{};
  SchemaSet schemas;
  Diagnostics diagnostics;
  for (const std::string& path : options_.descriptor_sets) {
    for (auto& one : schemas.add_descriptor_set_file(path)) diagnostics.push_back(std::move(one));
  }
  PolicyLoad load = load_policy_file(options_.policy_file, schemas, nullptr);
  for (auto& one : load.diagnostics) diagnostics.push_back(std::move(one));
  policy_ = std::move(load.policy);
  if (policy_ != nullptr) return Done{};
  const bool any = !diagnostics.empty();
  return input_error(options_.policy_file, 0, "is no policy that a unit takes",
                     any ? diagnostics.front().to_string() : "sudare policy check says why");
}

Parsed<Done> Judge::read_keys() {
  for (const std::string& file : options_.key_files) {
    auto read = cli::read_keys(file);
    if (!read) {
      return input_error(file, 0, std::string(read.error().what.view()),
                         "a key file is what `sudare key new` or age-keygen writes");
    }
    bool used = policy_ == nullptr;
    for (auto& key : read->identities) {
      keys_.push_back(std::move(key));
      for (std::size_t i = 0; policy_ != nullptr && i < policy_->purposes.size(); ++i) {
        const auto& recipients = policy_->purposes[i].recipients;
        used = used || std::find(recipients.begin(), recipients.end(), keys_.back().recipient()) !=
                           recipients.end();
      }
    }
    if (!used) {
      return input_error(
          file, 0, "the key opens no purpose of " + options_.policy_file,
          "is it the policy that the unit runs, and the key of one of its purposes?");
    }
  }
  return Done{};
}

bool Judge::has_key(const std::string& purpose) const {
  if (policy_ == nullptr) return false;
  const auto plan = std::find_if(policy_->purposes.begin(), policy_->purposes.end(),
                                 [&](const PurposePlan& one) { return one.name == purpose; });
  if (plan == policy_->purposes.end()) return false;
  return std::any_of(keys_.begin(), keys_.end(), [&](const age::open_side::Identity& key) {
    return std::find(plan->recipients.begin(), plan->recipients.end(), key.recipient()) !=
           plan->recipients.end();
  });
}

std::int64_t Judge::settle_ms() const {
  if (options_.settle_seconds >= 0) return std::llround(options_.settle_seconds * 1000);
  if (policy_ == nullptr) return kSettleMs;
  std::int64_t longest_ms = 0;
  for (const PurposePlan& purpose : policy_->purposes) {
    if (!keys_.empty() && !has_key(purpose.name)) continue;
    // A batch with times of a bucket leaves at a random point of the next one.
    const std::int64_t bucketed_ms = purpose.essential ? 0 : 2 * std::int64_t{purpose.bucket_ms};
    longest_ms = std::max({longest_ms, bucketed_ms, std::int64_t{purpose.linger_ms}});
  }
  return longest_ms + kSettleMarginMs;
}

void Judge::begin() { early_ += inbox_->take().size(); }

void Judge::take_in() {
  for (Delivery& delivery : inbox_->take()) {
    openings_->take(delivery);
    deliveries_.push_back(std::move(delivery));
  }
}

std::vector<ExpectedRecord> Judge::expected(const Truth& truth) const {
  if (policy_ == nullptr) return {};
  std::vector<ExpectedRecord> all = expected_records(truth, *policy_, "vehicle/consent");
  std::erase_if(all, [&](const ExpectedRecord& record) { return !has_key(record.purpose); });
  return all;
}

bool Judge::all_came(const std::vector<ExpectedRecord>& expected) const {
  if (expected.empty() || openings_->records().size() < expected.size()) return false;
  return match_records(expected, openings_->records(), *policy_).size() == expected.size();
}

Judgement Judge::finish(const Truth& truth, const Waiting& waiting) {
  const SystemClock clock;
  const std::vector<ExpectedRecord> awaited = expected(truth);
  const std::int64_t start_ms = clock.monotonic_ms();
  std::int64_t quiet_since_ms = start_ms;
  std::size_t seen = 0;
  bool complete = false;
  for (std::int64_t now_ms = start_ms;; now_ms = clock.monotonic_ms()) {
    take_in();
    if (seen != deliveries_.size()) {
      seen = deliveries_.size();
      quiet_since_ms = now_ms;
      complete = all_came(awaited);
    }
    const std::int64_t left_ms = start_ms + settle_ms_max_ - now_ms;
    if (left_ms <= 0 || stop_requested()) break;
    if (complete && now_ms - quiet_since_ms >= kQuietMs) break;
    waiting(left_ms);
    poll(nullptr, 0, kPollMs);
  }
  Judgement result;
  result.settled_ms = clock.monotonic_ms() - start_ms;
  result.settle_ms_max = settle_ms_max_;
  result.complete = !inbox_->incomplete();
  result.early = early_;
  for (const TruthMessage& message : truth.messages) {
    if (!message.damage.empty()) ++result.damaged[message.damage];
  }
  if (policy_ != nullptr && options_.shared_cloud) leave_out_others(awaited, result);
  count(result);
  if (policy_ != nullptr && !keys_.empty()) compare_records(truth, result);
  scan(truth, result);
  return result;
}

}  // namespace sudare::sim
