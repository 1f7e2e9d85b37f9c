#include "gateway/clips/send_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "gateway/clips/clip_tags.h"
#include "gateway/clips/reveal.h"

namespace sudare {
namespace {

// Key: "sent/" ‖ purpose. Value: "day bytes", in digits.
constexpr std::string_view kPrefix = "sent/";

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

}  // namespace

Literal literal_of(Network network) {
  switch (network) {
    case Network::kUnknown: return "unknown";
    case Network::kMetered: return "metered";
    case Network::kUnmetered: return "unmetered";
  }
  return "unknown";
}

SendRules::SendRules(const Policy& policy, const TrustedTime& time, std::string topic)
    : policy_(&policy), time_(&time), topic_(std::move(topic)) {}

Result<SendRules> SendRules::load(const Store& store, const Policy& policy, const TrustedTime& time,
                                  std::string network_topic) {
  TRY(const std::vector<StateEntry> entries, store.states(kClipsModule));
  SendRules rules(policy, time, std::move(network_topic));
  for (const StateEntry& entry : entries) {
    if (entry.key.rfind(kPrefix, 0) != 0) continue;
    std::string_view value = entry.value;
    Sent sent;
    if (!take_number(value, sent.day) || value.empty()) continue;
    value.remove_prefix(1);
    if (take_number(value, sent.bytes)) rules.sent_[entry.key.substr(kPrefix.size())] = sent;
  }
  return rules;
}

std::string SendRules::topic_filter() const {
  const bool asked = std::any_of(
      policy_->purposes.begin(), policy_->purposes.end(),
      [](const PurposePlan& purpose) { return purpose.clips && purpose.clips->unmetered_only; });
  return asked ? topic_ : std::string();
}

bool SendRules::is_network(const Message& message) const {
  return message.topic.reveal(ClipStage::key()) == topic_;
}

bool SendRules::apply(const Message& message) {
  const std::string& word = message.payload.reveal(ClipStage::key());
  const Network before = std::exchange(network_, word == "unmetered" ? Network::kUnmetered
                                                 : word == "metered" ? Network::kMetered
                                                                     : Network::kUnknown);
  return network_ != before;
}

void SendRules::published(const std::map<std::string, std::uint64_t>& bytes,
                          std::vector<StateEntry>& out) {
  for (const auto& [purpose, count] : bytes) {
    Sent& sent = sent_[purpose];
    if (sent.day != time_->day()) sent = {time_->day(), 0};
    sent.bytes += count;
    since_start_[purpose] += count;
    out.push_back({kClipsModule, std::string(kPrefix) + purpose,
                   std::to_string(sent.day) + ' ' + std::to_string(sent.bytes)});
  }
}

std::vector<std::string> SendRules::withheld() const {
  std::vector<std::string> names;
  for (const PurposePlan& purpose : policy_->purposes) {
    if (!purpose.clips || !purpose.clips->unmetered_only) continue;
    if (network_ != Network::kUnmetered) names.push_back(purpose.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::uint64_t> SendRules::allowances() const {
  std::map<std::string, std::uint64_t> all;
  for (const PurposePlan& purpose : policy_->purposes) {
    if (!purpose.clips || purpose.clips->daily_bytes_max == 0) continue;
    const auto sent = sent_.find(purpose.name);
    const bool today = sent != sent_.end() && sent->second.day == time_->day();
    const std::uint64_t used = today ? sent->second.bytes : 0;
    const auto so_far = since_start_.find(purpose.name);
    const std::uint64_t most = purpose.clips->daily_bytes_max;
    all[purpose.name] =
        (so_far == since_start_.end() ? 0 : so_far->second) + (used >= most ? 0 : most - used);
  }
  return all;
}

}  // namespace sudare
