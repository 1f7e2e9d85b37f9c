#include "sim/fleet/policy_keys.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>

#include "fleet/cli/keys.h"
#include "fleet/templates/policy_templates.h"
#include "gateway/policy/load.h"

namespace sudare::sim::fleet {

namespace {

constexpr std::size_t kNoKey = static_cast<std::size_t>(-1);

// The index of the purpose's identity; kNoKey: none of them is its recipient.
std::size_t key_of(const PurposePlan& purpose,
                   const std::vector<age::open_side::Identity>& identities) {
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const std::string key = identities[i].recipient().to_string();
    const bool mine = std::any_of(purpose.recipients.begin(), purpose.recipients.end(),
                                  [&](const auto& one) { return one.to_string() == key; });
    if (mine) return i;
  }
  return kNoKey;
}

Parsed<PolicyKeys> joined(PolicyLoad load, std::vector<age::open_side::Identity> identities,
                          bool keys_needed) {
  for (const Diagnostic& one : load.diagnostics) std::fputs(one.to_string().c_str(), stderr);
  if (load.policy == nullptr) return input_error({}, 0, "no policy, no fleet");
  PolicyKeys result{std::move(load.policy), std::move(identities), {}};
  for (const PurposePlan& purpose : result.policy->purposes) {
    result.key_of.push_back(key_of(purpose, result.identities));
    if (!keys_needed || result.key_of.back() != kNoKey) continue;
    return input_error({}, 0, "no key opens what purpose \"" + purpose.name + "\" gets",
                       "-i KEYFILE for every purpose, or --no-receive");
  }
  return result;
}

}  // namespace

Parsed<PolicyKeys> fresh_policy() {
  std::vector<age::open_side::Identity> identities;
  std::map<std::string, std::string> recipients;
  for (const char* purpose : {"traffic", "diagnostics", "emergency", "driving-diagnosis",
                              "car-finder", "ownership", "recorder"}) {
    identities.push_back(age::open_side::Identity::generate());
    recipients[purpose] = identities.back().recipient().to_string();
  }
  const SchemaSet schemas;
  return joined(
      load_policy("default policy", fill_recipients(default_policy_template(), recipients), schemas,
                  nullptr),
      std::move(identities), true);
}

Parsed<PolicyKeys> load_policy_keys(const std::string& policy_file,
                                    const std::vector<std::string>& descriptor_sets,
                                    const std::vector<std::string>& key_files, bool keys_needed) {
  std::vector<age::open_side::Identity> identities;
  for (const std::string& file : key_files) {
    auto keys = cli::read_keys(file);
    if (!keys) return input_error(keys.error(), file);
    std::move(keys->identities.begin(), keys->identities.end(), std::back_inserter(identities));
  }
  SchemaSet schemas;
  for (const std::string& set : descriptor_sets) {
    const Diagnostics found = schemas.add_descriptor_set_file(set);
    for (const Diagnostic& one : found) std::fputs(one.to_string().c_str(), stderr);
    if (!found.empty()) return input_error(set, 0, "can't be used");
  }
  return joined(load_policy_file(policy_file, schemas, nullptr), std::move(identities),
                keys_needed);
}

}  // namespace sudare::sim::fleet
