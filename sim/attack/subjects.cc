#include "sim/attack/subjects.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/templates/policy_templates.h"
#include "sim/attack/mechanisms.h"

namespace sudare::sim::attack {

namespace {

// Nobody will open anything: the private halves are forgotten at once.
std::string fresh_recipient() {
  return age::open_side::Identity::generate().recipient().to_string();
}

std::string with_recipients(std::string_view text) {
  std::map<std::string, std::string> keys;
  for (const char* purpose : {"probe", "lamps", "traffic", "diagnostics", "emergency",
                              "driving-diagnosis", "car-finder", "ownership", "recorder"}) {
    keys[purpose] = fresh_recipient();
  }
  return fill_recipients(text, keys);
}

std::vector<Bound> bounds_of(Profile profile) {
  if (profile == Profile::kStrict) {
    return {{100, kStrictHome100mMost}, {250, kStrictHome250mMost}, {500, kStrictHome500mMost}};
  }
  return {{100, kHome100mMost}, {250, kHome250mMost}};
}

std::string error_in(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) return one.text();
  }
  return "the policy can't be read";
}

void add_mechanism(const MechanismPolicy& mechanism, Subjects& subjects) {
  const SchemaSet schemas;
  PolicyLoad load = load_policy(mechanism.name, with_recipients(mechanism.text), schemas, nullptr);
  if (load.policy == nullptr) {
    subjects.refused.push_back({mechanism.name, error_in(load.diagnostics)});
    return;
  }
  Tested tested;
  tested.policy = load.policy.get();
  tested.profile = mechanism.strict ? Profile::kStrict : Profile::kStandard;
  tested.fine = mechanism.fine;
  tested.hazards = mechanism.hazards;
  tested.access = access_of(*tested.policy, tested.purpose);
  tested.subject = {mechanism.name, tested.access.described, true, bounds_of(tested.profile)};
  subjects.policies.push_back(std::move(load.policy));
  subjects.tested.push_back(std::move(tested));
}

// Each purpose of a policy, called by its name.
void add_purposes(std::unique_ptr<const Policy> policy, const std::string& wanted,
                  const std::string& prefix, Subjects& subjects) {
  for (std::size_t i = 0; i < policy->purposes.size(); ++i) {
    const PurposePlan& purpose = policy->purposes[i];
    if (!wanted.empty() && purpose.name != wanted) continue;
    Tested tested;
    tested.policy = policy.get();
    tested.purpose = static_cast<PurposeIndex>(i);
    tested.access = access_of(*policy, tested.purpose);
    tested.subject = {prefix + purpose.name, tested.access.described, tested.access.positions, {}};
    if (tested.access.positions && !tested.access.trusted) {
      tested.subject.bounds = bounds_of(tested.profile);
      subjects.tested.push_back(std::move(tested));
      continue;
    }
    if (tested.access.positions) {
      tested.subject.description += purpose.essential
                                        ? " Not attacked: an essential purpose must know the place."
                                        : " Not attacked: the policy trusts this recipient with "
                                          "exact positions (audience).";
    }
    subjects.untested.push_back(tested.subject);
    if (!tested.access.positions && !tested.access.trusted) {
      subjects.placeless.push_back(std::move(tested));
    }
  }
  subjects.whole = policy.get();
  subjects.policies.push_back(std::move(policy));
}

bool has_error(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) {
    return one.severity() == DiagnosticSeverity::kError;
  });
}

Parsed<std::unique_ptr<const Policy>> load_own(const AttackOptions& options) {
  SchemaSet schemas;
  Diagnostics diagnostics;
  for (const std::string& file : options.descriptor_sets) {
    for (Diagnostic& one : schemas.add_descriptor_set_file(file)) {
      diagnostics.push_back(std::move(one));
    }
  }
  PolicyLoad load = load_policy_file(options.policy, schemas, nullptr);
  for (Diagnostic& one : load.diagnostics) diagnostics.push_back(std::move(one));
  for (const Diagnostic& one : diagnostics) std::fputs(one.to_string().c_str(), stderr);
  if (load.policy == nullptr || has_error(diagnostics)) {
    return input_error(options.policy, 0, "nothing was measured: the policy is refused",
                       "`sudare policy check` says the same; docs/policy-check.md says why");
  }
  return std::move(load.policy);
}

}  // namespace

Parsed<Subjects> subjects_of(const AttackOptions& options) {
  if (!crypto_init()) return input_error({}, 0, "libsodium could not start");
  Subjects subjects;
  if (options.policy.empty()) {
    if (options.purpose.empty()) {
      for (const MechanismPolicy& one : mechanism_policies()) add_mechanism(one, subjects);
    }
    const SchemaSet schemas;
    PolicyLoad shipped = load_policy("default.textproto",
                                     with_recipients(default_policy_template()), schemas, nullptr);
    if (shipped.policy == nullptr) {
      return input_error({}, 0, "the shipped policy is refused: " + error_in(shipped.diagnostics));
    }
    add_purposes(std::move(shipped.policy), options.purpose, "shipped: ", subjects);
  } else {
    auto own = load_own(options);
    if (!own) return tl::unexpected<InputError>(own.error());
    add_purposes(*std::move(own), options.purpose, "", subjects);
  }
  if (subjects.tested.empty() && subjects.untested.empty() && subjects.refused.empty()) {
    return input_error(options.policy, 0, "no purpose \"" + options.purpose + "\"",
                       "--purpose takes a name that the policy gives one");
  }
  return subjects;
}

}  // namespace sudare::sim::attack
