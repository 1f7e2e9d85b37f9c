#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "fleet/cli/policy_files.h"
#include "fleet/doctor/certificate.h"
#include "fleet/doctor/check_unit.h"
#include "fleet/doctor/mosquitto_config.h"

namespace sudare::doctor {
namespace {

void check_text(const cli::LoadedPolicy& loaded, const std::string& file, Report& report) {
  Check check(report, "policy.check");
  if (!loaded.readable) {
    return check.problem("policy, ceiling or descriptor set can't be read",
                         "config.files says which", file);
  }
  if (loaded.policy) {
    check.ok("serial " + std::to_string(loaded.policy->serial) + ", " +
             std::to_string(loaded.policy->purposes.size()) + " purposes");
  }
  for (const Diagnostic& one : loaded.diagnostics) {
    const std::string where = Place{one.file(), one.line()}.text();
    if (one.severity() == DiagnosticSeverity::kError) check.problem(one.text(), one.hint(), where);
    else check.warning(one.text(), one.hint(), where);
  }
}

void check_ceiling_file(const GatewayConfigPlan& plan, Report& report) {
  Check check(report, "policy.ceiling");
  if (plan.ceiling_file.empty()) {
    return check.problem("no ceiling bounds what a later policy may release",
                         "ceiling_file, part of the device image; sudare policy init --ceiling");
  }
  check.ok(plan.ceiling_file);
  struct stat info {};
  struct stat state {};
  if (stat(plan.ceiling_file.c_str(), &info) != 0) {
    return check.problem("it can't be read", "the image must hold it", plan.ceiling_file);
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    check.problem("others may write the ceiling", "chmod 644, owned by root", plan.ceiling_file);
  }
  if (info.st_uid != 0 && stat(plan.state_directory.c_str(), &state) == 0 &&
      info.st_uid == state.st_uid) {
    check.warning("the gateway's own user may write the ceiling", "chown root", plan.ceiling_file);
  }
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

void check_serial(const Policy* policy, const StoredState* state, const std::string& file,
                  Report& report) {
  Check check(report, "policy.serial");
  if (policy == nullptr) return check.skip("the policy is not valid");
  if (state == nullptr) return check.skip("the store is not read");
  const auto kept = state->state("policy", "serial");
  if (!kept) return check.skip(std::string(kept.error().what.view()));
  if (!*kept) return check.ok("the first policy of this unit");
  std::uint64_t serial = 0;
  const char* const end = (*kept)->data() + (*kept)->size();
  const auto parsed = std::from_chars((*kept)->data(), end, serial);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    return check.problem("the serial in the store is damaged", "provision a fresh directory");
  }
  check.ok("serial " + std::to_string(policy->serial) + ", " + std::to_string(serial) +
           " was in force");
  if (policy->serial < serial) {
    check.problem(
        "serial " + std::to_string(policy->serial) + " was superseded by " + std::to_string(serial),
        "give the policy a serial that is not lower", file);
  }
}

}  // namespace

void check_policy(const GatewayConfigPlan& plan, const StoredState* state, std::int64_t floor_day,
                  Report& report) {
  cli::PolicyFiles files;
  files.policy = plan.policy_file;
  files.ceiling = plan.ceiling_file;
  files.descriptor_sets = plan.descriptor_set_files;
  const auto loaded = cli::load(files, std::nullopt);
  check_text(*loaded, plan.policy_file, report);
  check_ceiling_file(plan, report);
  check_dates(loaded->policy.get(), floor_day, plan.policy_file, report);
  check_recipients(loaded->policy.get(), floor_day, plan.policy_file, report);
  check_serial(loaded->policy.get(), state, plan.policy_file, report);
}

}  // namespace sudare::doctor
