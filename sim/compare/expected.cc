#include "sim/compare/expected.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "fleet/preview/preview.h"
#include "sim/compare/opened.h"

namespace sudare::sim {

namespace {

// The driver's word, by purpose, as the car's messages give it.
class Grants {
 public:
  Grants(const Policy& policy, const std::string& consent_topic)
      : policy_(policy), prefix_(consent_topic + "/") {}

  // True where the message is one about consent, which is then taken in.
  bool take(const TruthMessage& message) {
    if (message.topic.compare(0, prefix_.size(), prefix_) != 0) return false;
    const auto payload = nlohmann::json::parse(message.payload, nullptr, false);
    if (payload.is_object()) {
      granted_[message.topic.substr(prefix_.size())] = payload.value("granted", false);
    }
    return true;
  }
  [[nodiscard]] bool allowed(PurposeIndex purpose) const {
    const PurposePlan& plan = policy_.purposes[purpose];
    const auto word = granted_.find(plan.name);
    switch (plan.consent) {
      case sudare::v1::Purpose::LEGAL_OBLIGATION: return true;
      case sudare::v1::Purpose::OPT_OUT: return word == granted_.end() || word->second;
      default: return word != granted_.end() && word->second;
    }
  }

 private:
  const Policy& policy_;
  std::string prefix_;
  std::map<std::string, bool> granted_;
};

// Rules keep their state from message to message of one car.
struct OneCar {
  OneCar(const Policy& policy, const FieldKeys& keys, const std::string& consent_topic)
      : preview(policy, keys), grants(policy, consent_topic) {}
  Preview preview;
  Grants grants;
};

}  // namespace

std::vector<ExpectedRecord> expected_records(const Truth& truth, const Policy& policy,
                                             const std::string& consent_topic) {
  const AnyFieldKeys keys(policy);
  std::map<std::uint32_t, OneCar> cars;
  std::vector<ExpectedRecord> expected;
  for (const TruthMessage& message : truth.messages) {
    OneCar& car = cars.try_emplace(message.car, policy, keys, consent_topic).first->second;
    if (!message.acknowledged || !message.damage.empty()) continue;
    if (car.grants.take(message) || message.retained) continue;
    const SourcePlan* source = find_source(policy, message.topic);
    for (PreviewRow& row : car.preview.run(message.topic, message.payload, message.sent_ms)) {
      if (!row.has_purpose || row.fate != Fate::kQueued) continue;
      if (!car.grants.allowed(row.purpose)) continue;
      const bool json = row.content.codec == Codec::kJson;
      ExpectedRecord record;
      record.purpose = policy.purposes[row.purpose].name;
      record.topic = std::move(row.content.topic);
      record.time_ms = row.content.time_ms;
      record.payload = json ? canonical_json(row.content.payload) : std::move(row.content.payload);
      record.sequence = message.sequence;
      record.time_of_receipt = source != nullptr && source->time_node == kNoNode;
      expected.push_back(std::move(record));
    }
  }
  return expected;
}

std::string without_pseudonyms(std::string payload) {
  constexpr std::size_t kDigits = 16;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  for (std::size_t at = 0; at < payload.size();) {
    std::size_t end = at;
    while (end < payload.size() && is_hex(payload[end])) ++end;
    if (end - at == kDigits) payload.replace(at, kDigits, kDigits, '*');
    at = std::max(end, at + 1);
  }
  return payload;
}

bool has_field_pseudonyms(const Policy& policy, const std::string& purpose) {
  const auto pseudonymises = [](const std::vector<FieldRule>& rules) {
    return std::any_of(rules.begin(), rules.end(),
                       [](const FieldRule& rule) { return rule.action == Action::kPseudonymize; });
  };
  for (const SourcePlan& source : policy.sources) {
    for (const ReleasePlan& release : source.releases) {
      if (policy.purposes[release.purpose].name != purpose) continue;
      if (pseudonymises(release.rules) || pseudonymises(release.level_rules)) return true;
    }
  }
  return false;
}

}  // namespace sudare::sim
