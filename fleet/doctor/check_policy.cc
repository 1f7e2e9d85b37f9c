#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fleet/doctor/certificate.h"
#include "fleet/doctor/check_unit.h"
#include "fleet/doctor/mosquitto_config.h"
#include "fleet/doctor/trusted_path.h"
#include "gateway/pipeline_policy.h"

namespace sudare::doctor {
namespace {

// What the unit starts with, as the gateway chooses it.
struct Choice {
  PolicyFiles::Load file;  // as it is, whatever was in force
  PolicyFiles::Load
      chosen;         // the file or the copy; no policy: neither can follow what was in force
  std::string where;  // of the one that is judged
  // The chosen one. Else the file's where it is refused for what was in force alone, which
  // check_serial() says. Null: none is right.
  [[nodiscard]] const Policy* judged() const {
    return chosen.policy ? chosen.policy.get() : file.policy.get();
  }
};

Choice choose(const GatewayConfigPlan& plan, const PolicyFloors& floors) {
  const PolicyFiles files(plan);
  Choice choice{files.load(std::nullopt, {}), files.load_at_start(std::nullopt, floors), {}};
  choice.where = choice.chosen.is_copy ? files.remembered_path() : plan.policy_file;
  return choice;
}

std::string serial_of(const Policy& policy) { return "serial " + std::to_string(policy.serial); }

void warn(const Diagnostic& one, Check& check) {
  check.warning(one.text(), one.hint(), Place{one.file(), one.line()}.text());
}

// The unit goes on with it, whatever is wrong with the file.
void check_copy(const Choice& choice, const std::string& policy_file, Check& check) {
  for (const Diagnostic& one : choice.chosen.diagnostics) {
    if (one.file() != policy_file) warn(one, check);
  }
  if (choice.file.policy) return;
  check.warning("the unit starts with this one, " + serial_of(*choice.chosen.policy) +
                    ": policy_file is not right",
                "mend policy_file: its essential purposes are served where this one rots",
                choice.where);
  for (const Diagnostic& one : choice.file.diagnostics) {
    if (one.file() == policy_file) warn(one, check);
  }
}

void check_text(const Choice& choice, const std::string& policy_file, Report& report) {
  Check check(report, "policy.check");
  if (const Policy* const policy = choice.judged()) {
    check.ok(choice.where + ": " + serial_of(*policy) + ", " +
             std::to_string(policy->purposes.size()) + " purposes");
  }
  if (choice.chosen.is_copy) return check_copy(choice, policy_file, check);
  for (const Diagnostic& one : choice.file.diagnostics) {
    if (one.severity() != DiagnosticSeverity::kError) warn(one, check);
    else check.problem(one.text(), one.hint(), Place{one.file(), one.line()}.text());
  }
}

// What bounds the gateway, it should not be able to replace.
void warn_of_own_writing(const std::string& file, Owners gateway, Check& check) {
  gateway.erase(0);
  const std::vector<std::string> places = places_to(file);
  const auto own = std::find_if(places.rbegin(), places.rend(), [&](const std::string& place) {
    struct stat info {};
    return stat(place.c_str(), &info) == 0 && gateway.count(info.st_uid) != 0;
  });
  if (own == places.rend()) return;
  check.warning("the gateway's own user may write the ceiling", "chown root", *own);
}

void check_ceiling_file(const GatewayConfigPlan& plan, Report& report) {
  Check check(report, "policy.ceiling");
  if (plan.ceiling_file.empty()) {
    return check.problem("no ceiling bounds what a later policy may release",
                         "ceiling_file, part of the device image; sudare policy init --ceiling");
  }
  check.ok(plan.ceiling_file);
  if (access(plan.ceiling_file.c_str(), F_OK) != 0) {
    return check.problem("it can't be read", "the image must hold it", plan.ceiling_file);
  }
  check_trusted_path(plan.ceiling_file, owners_of(plan), check);
  warn_of_own_writing(plan.ceiling_file, owners_of(plan), check);
}

void check_dates(const Policy* policy, std::int64_t floor_day, const std::string& file,
                 Report& report) {
  Check check(report, "policy.expiry");
  if (policy == nullptr) return check.skip("the policy is not valid");
  const std::int64_t today = std::max(SystemClock().wall_ms() / kMsPerDay, floor_day);
  const std::int64_t left = policy->not_after_day - today;
  check.ok(std::to_string(left) + " days left");
  if (left < 0) {
    check.problem("the policy has expired: only essential purposes are served",
                  "a later not_after and a larger serial", file);
  } else if (left < kDaysLeftLeast) {
    check.warning("the policy ends in " + std::to_string(left) + " days",
                  "a later not_after and a larger serial", file);
  }
  if (today < policy->not_before_day) {
    check.warning("the policy does not hold yet: until then, nothing leaves",
                  "is not_before right, and the clock?", file);
  }
}

// Of a purpose whose recipients are named by certificates: for how long any of them holds.
void check_recipients(const Policy* policy, std::int64_t floor_day, const std::string& file,
                      Report& report) {
  Check check(report, "policy.recipients");
  if (policy == nullptr) return check.skip("the policy is not valid");
  check.ok("every purpose has one for " + std::to_string(kDaysLeftLeast) + " days and longer");
  const std::int64_t today = std::max(SystemClock().wall_ms() / kMsPerDay, floor_day);
  for (const PurposePlan& purpose : policy->purposes) {
    if (!purpose.recipients.empty() || purpose.certified.empty()) continue;
    std::int64_t last = purpose.certified.front().not_after_day;
    for (const CertifiedRecipient& one : purpose.certified) {
      last = std::max(last, one.not_after_day);
    }
    if (last >= today && purpose.recipients_on(today).empty()) {
      check.problem("no certificate of \"" + purpose.name + "\" holds today: nothing of it leaves",
                    "a certificate that has begun: sudare key certify", file);
    } else {
      judge_days(last - today, "the last certificate of \"" + purpose.name + "\"", file, check);
    }
  }
}

// `floors`: null where the store is not read.
void check_serial(const Choice& choice, const Result<PolicyFloors>* floors, Report& report) {
  Check check(report, "policy.serial");
  if (floors != nullptr && !*floors) {
    return check.problem("the serial in the store is damaged", "provision a fresh directory");
  }
  if (choice.judged() == nullptr) return check.skip("the policy is not valid");
  if (floors == nullptr) return check.skip("the store is not read");
  if (choice.chosen.policy) {
    const std::string before = (*floors)->serial == 0
                                   ? std::string("the first policy of this unit")
                                   : std::to_string((*floors)->serial) + " was in force";
    return check.ok(choice.where + ": " + serial_of(*choice.chosen.policy) + ", " + before);
  }
  for (const Diagnostic& one : choice.chosen.diagnostics) {
    if (one.severity() != DiagnosticSeverity::kError) continue;
    check.problem(one.text(), one.hint(), one.file());
  }
}

}  // namespace

std::unique_ptr<const Policy> check_policy(const GatewayConfigPlan& plan, const StoredState* state,
                                           std::int64_t floor_day, Report& report) {
  std::optional<Result<PolicyFloors>> floors;
  if (state != nullptr) floors = kept_floors(*state);
  Choice choice = choose(plan, floors && *floors ? **floors : PolicyFloors());
  check_text(choice, plan.policy_file, report);
  check_ceiling_file(plan, report);
  check_dates(choice.judged(), floor_day, choice.where, report);
  check_recipients(choice.judged(), floor_day, choice.where, report);
  check_serial(choice, floors ? &*floors : nullptr, report);
  return std::move(choice.chosen.policy ? choice.chosen.policy : choice.file.policy);
}

}  // namespace sudare::doctor
