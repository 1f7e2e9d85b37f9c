#include "gateway/policy/load.h"

#include <algorithm>

#include "base/limits.h"
#include "gateway/policy/bound.h"
#include "gateway/policy/check.h"
#include "gateway/policy/operator_file.h"
#include "gateway/policy/parts.h"
#include "gateway/policy/resolve.h"
#include "gateway/policy/slice.h"

namespace sudare {
namespace {

// privacy.md: five minutes at rest end a trip.
constexpr std::uint32_t kRestMsDefault = 300'000;

PseudonymKind kind_of(const v1::Pseudonym& pseudonym) {
  switch (pseudonym.kind_case()) {
    case v1::Pseudonym::kRotateDays: return PseudonymKind::kRotate;
    case v1::Pseudonym::kUntilTransfer: return PseudonymKind::kUntilTransfer;
    case v1::Pseudonym::kNone:
    case v1::Pseudonym::KIND_NOT_SET: break;
  }
  return PseudonymKind::kNone;
}

// `personal`: the field's own class, which its text may of course hold.
FieldRule rule_for(const v1::Field& field, v1::PersonalClass personal) {
  FieldRule rule;
  if (personal != v1::NOT_PERSONAL) rule.tolerate.push_back(personal);
  rule.action = action_of(field);
  rule.step = field.coarsen().step();
  rule.least = field.coarsen().least();
  rule.most = field.coarsen().most();
  rule.combine = field.combine();
  for (const int personal : field.tolerate()) {
    rule.tolerate.push_back(static_cast<v1::PersonalClass>(personal));
  }
  return rule;
}

ClipPlan plan_of(const v1::Clips& clips) {
  constexpr std::uint32_t kMsPerSecond = 1000;
  ClipPlan plan;
  plan.profile = clips.profile();
  for (const int trigger : clips.trigger()) {
    plan.triggers.push_back(static_cast<v1::Clips::Trigger>(trigger));
  }
  plan.before_ms = clips.before_s() * kMsPerSecond;
  plan.after_ms = clips.after_s() * kMsPerSecond;
  plan.sound = clips.sound();
  for (const v1::Clips::BurnedIn& text : clips.burned_in()) {
    plan.burned_in.push_back({text.recorder_model(), static_cast<std::uint16_t>(text.left()),
                              static_cast<std::uint16_t>(text.top()),
                              static_cast<std::uint16_t>(text.width()),
                              static_cast<std::uint16_t>(text.height())});
  }
  plan.chunk_bytes = chunk_bytes_of(clips);
  plan.daily_bytes_max = clips.daily_bytes_max();
  plan.unmetered_only = clips.unmetered_only();
  plan.delete_afterwards = clips.afterwards() == v1::Clips::DELETE;
  plan.delete_rejected = clips.rejected() == v1::Clips::DELETE;
  return plan;
}

PurposePlan plan_of(const PolicyDraft& draft, int index) {
  const v1::Purpose& purpose = draft.policy->purpose(index);
  PurposePlan plan;
  plan.name = purpose.name();
  for (const std::string& text : purpose.recipient()) {
    if (const auto recipient = age::Recipient::parse(text)) plan.recipients.push_back(*recipient);
  }
  for (const RecipientCertificate& one :
       draft.purposes[static_cast<std::size_t>(index)].certificates) {
    plan.certified.push_back({one.recipient, one.serial, one.not_before_day, one.not_after_day});
  }
  plan.pseudonym = kind_of(purpose.pseudonym());
  plan.rotate_days = static_cast<std::uint16_t>(purpose.pseudonym().rotate_days());
  plan.consent = purpose.consent();
  plan.audience = purpose.audience();
  plan.linger_ms = purpose.linger_ms();
  plan.batch_bytes_max = purpose.batch_bytes_max();
  plan.keep_hours = purpose.keep_hours();
  plan.priority = static_cast<std::uint8_t>(purpose.priority());
  plan.essential = purpose.essential();
  if (purpose.has_clips()) plan.clips = plan_of(purpose.clips());
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose != &purpose) continue;
      plan.bucket_ms = std::max(plan.bucket_ms, release.release->time().bucket_ms());
    }
  }
  plan.slice = slice_of(draft, purpose);
  return plan;
}

HoldBackPlan plan_of(const v1::HoldBack& rules) {
  return {rules.ring(), rules.rest_ms() == 0 ? kRestMsDefault : rules.rest_ms(), rules.at_once()};
}

ReleasePlan plan_of(const v1::Policy& policy, const SourcePlan& source, const ReleaseDraft& release,
                    int line) {
  const v1::Release& rules = *release.release;
  ReleasePlan plan;
  for (int i = 0; i < policy.purpose_size(); ++i) {
    if (&policy.purpose(i) == release.purpose) plan.purpose = static_cast<PurposeIndex>(i);
  }
  plan.rules.resize(source.nodes.size());
  for (const FieldDraft& field : release.fields) {
    plan.rules[field.node] = rule_for(*field.field, source.nodes[field.node].personal);
    for (const NodeIndex key : field.keys) {
      FieldRule rule = plan.rules[field.node];
      rule.action = Action::kKeep;
      plan.rules[key] = rule;
    }
  }
  for (const TopicLevel& level : source.levels) {
    FieldRule rule;
    if (!level.capture) rule.action = Action::kKeep;
    for (const v1::Level& written : rules.level()) {
      if (level.capture && written.name() == level.text) rule.action = action_of(written);
    }
    plan.level_rules.push_back(rule);
  }
  plan.cell = rules.location().cell();
  plan.on_move = rules.location().on_move();
  if (rules.location().has_hold_back()) plan.hold_back = plan_of(rules.location().hold_back());
  plan.aggregate_days = static_cast<std::uint16_t>(rules.aggregate().days());
  plan.bucket_ms = rules.time().bucket_ms();
  plan.exact_time = rules.time().exact();
  plan.min_interval_ms = rules.rate().min_interval_ms();
  plan.line = line;
  return plan;
}

// Only after every check has passed.
std::unique_ptr<const Policy> compile(PolicyDraft& draft, const Findings& findings) {
  auto policy = std::make_unique<Policy>();
  policy->serial = draft.policy->serial();
  if (!draft.policy->not_before().empty()) {
    static_cast<void>(parse_day(draft.policy->not_before(), policy->not_before_day));
  }
  static_cast<void>(parse_day(draft.policy->not_after(), policy->not_after_day));
  for (int i = 0; i < draft.policy->purpose_size(); ++i) {
    policy->purposes.push_back(plan_of(draft, i));
  }
  for (SourceDraft& source : draft.sources) {
    SourcePlan plan = std::move(source.plan);
    for (const ReleaseDraft& release : source.releases) {
      plan.releases.push_back(
          plan_of(*draft.policy, plan, release, findings.line_of(release.where)));
    }
    policy->sources.push_back(std::move(plan));
  }
  return policy;
}

Diagnostics unreadable(const std::string& path, const Error& error) {
  Diagnostics out;
  const bool large = error.code == ErrorCode::kTooLarge;
  out.emplace_back(PolicyReader::key(), DiagnosticSeverity::kError, path, 0, 0,
                   large                                ? "the file is too large"
                   : error.code == ErrorCode::kNotFound ? "there is no such file"
                                                        : "the file can't be read",
                   large ? "at most " + std::to_string(kOperatorFileBytesMax) + " bytes"
                         : "check the path and its permissions");
  return out;
}

Diagnostic bad_signatures(const std::string& file, const Error& error) {
  const bool many = error.code == ErrorCode::kTooLarge;
  return {PolicyReader::key(),
          DiagnosticSeverity::kError,
          file,
          static_cast<int>(error.detail),
          1,
          many ? "too many signatures" : "not a signature line, or something after the signatures",
          many ? "at most " + std::to_string(kPolicySignersMax)
               : "signatures are the last lines of a policy, as `sudare policy sign` writes them; "
                 "sign it again"};
}

}  // namespace

std::vector<age::Recipient> PurposePlan::recipients_on(std::int64_t unix_day) const {
  std::vector<age::Recipient> all = recipients;
  for (const CertifiedRecipient& one : certified) {
    if (unix_day < one.not_before_day || unix_day > one.not_after_day) continue;
    if (std::find(all.begin(), all.end(), one.recipient) == all.end()) all.push_back(one.recipient);
  }
  return all;
}

PolicyLoad load_policy(const std::string& file, std::string_view text, const SchemaSet& schemas,
                       const CeilingPlan* ceiling) {
  PolicyLoad load;
  Findings findings(file);
  v1::Policy policy;
  const Result<SignedPolicy> split = read_signed_policy(text);
  if (!split) {
    load.diagnostics.push_back(bad_signatures(file, split.error()));
    return load;
  }
  // What is signed, and nothing else of the file.
  if (!read_text_proto(PolicyReader::key(), file, split->text, policy, findings.positions(),
                       load.diagnostics)) {
    return load;
  }
  if (ceiling != nullptr) check_signatures(*split, ceiling->policy, findings);
  check_header(policy, findings);
  check_purposes(policy, findings);
  check_parts(policy, build_parts(), findings);
  PolicyDraft draft;
  draft.policy = &policy;
  // Beyond these limits, which check_purposes reports, the rest would only take time.
  if (static_cast<std::size_t>(policy.source_size()) <= kSourcesMax &&
      static_cast<std::size_t>(policy.purpose_size()) <= kPurposesMax) {
    for (int i = 0; i < policy.source_size(); ++i) {
      draft.sources.push_back(resolve_source(policy, i, schemas.pool(), findings));
      check_releases(draft.sources.back(), findings);
      check_clip_event(draft.sources.back(), findings);
    }
    check_clips(policy, findings);
    check_certificates(draft, ceiling == nullptr ? nullptr : &ceiling->policy, findings);
    check_across(draft, findings);
    if (ceiling != nullptr) check_bounded(policy, ceiling->policy, findings);
  }
  if (!findings.any_error()) load.policy = compile(draft, findings);
  load.diagnostics = findings.take();
  return load;
}

Diagnostics check_expiry(const std::string& file, std::string_view text, std::int64_t unix_day) {
  Diagnostics ignored;
  Findings findings(file);
  v1::Policy policy;
  const Result<SignedPolicy> split = read_signed_policy(text);
  if (!split || !read_text_proto(PolicyReader::key(), file, split->text, policy,
                                 findings.positions(), ignored)) {
    return {};
  }
  std::int64_t day = 0;
  if (parse_day(policy.not_after(), day) && unix_day > day) {
    findings.error("not_after", "the policy has expired: only essential purposes are served",
                   "write a later not_after and a larger serial");
  }
  if (parse_day(policy.not_before(), day) && unix_day < day) {
    findings.warn("not_before", "the policy does not hold yet", "until then, nothing leaves");
  }
  return findings.take();
}

CeilingLoad load_ceiling(const std::string& file, std::string_view text) {
  CeilingLoad load;
  Findings findings(file);
  auto plan = std::make_unique<CeilingPlan>();
  if (!read_text_proto(PolicyReader::key(), file, text, plan->policy, findings.positions(),
                       load.diagnostics)) {
    return load;
  }
  check_ceiling_policy(plan->policy, findings);
  if (!findings.any_error()) load.ceiling = std::move(plan);
  load.diagnostics = findings.take();
  return load;
}

PolicyLoad load_policy_file(const std::string& path, const SchemaSet& schemas,
                            const CeilingPlan* ceiling) {
  const Result<std::string> text = read_operator_file(path, kOperatorFileBytesMax);
  if (!text) return {nullptr, unreadable(path, text.error())};
  return load_policy(path, *text, schemas, ceiling);
}

CeilingLoad load_ceiling_file(const std::string& path) {
  const Result<std::string> text = read_operator_file(path, kOperatorFileBytesMax);
  if (!text) return {nullptr, unreadable(path, text.error())};
  return load_ceiling(path, *text);
}

}  // namespace sudare
