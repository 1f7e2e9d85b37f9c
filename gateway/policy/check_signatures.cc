// Whether a policy is signed by those whom the image asks.
#include <algorithm>

#include "gateway/policy/check.h"
#include "gateway/policy/load.h"

namespace sudare {
namespace {

void warn_of(const PolicySignature& signature, SignatureFate fate, const std::string& where,
             Findings& findings) {
  findings.positions().set(where, {signature.line, 1});
  switch (fate) {
    case SignatureFate::kCounts: break;
    case SignatureFate::kUnknown:
      findings.warn(where, "a signature of one who is no policy_signer of the image's ceiling",
                    "it does not count; remove the line");
      break;
    case SignatureFate::kRepeated:
      findings.warn(where, "a second signature of the same signer", "remove the line");
      break;
    case SignatureFate::kWrong:
      findings.warn(where, "a signature that is not of this text",
                    "was the policy changed after it was signed? Remove the line and sign again");
      break;
  }
}

std::vector<AuthorityKey> signers_of(const v1::CeilingPolicy& ceiling) {
  std::vector<AuthorityKey> signers;
  for (const std::string& text : ceiling.policy_signer()) {
    if (const auto key = AuthorityKey::parse(text)) signers.push_back(*key);
  }
  return signers;
}

// A threshold of 0 can't be: check_ceiling_policy refuses it. It would be met by nobody.
bool enough(std::int64_t count, const v1::CeilingPolicy& ceiling) {
  return ceiling.policy_threshold() > 0 && count >= std::int64_t{ceiling.policy_threshold()};
}

}  // namespace

bool is_signed(std::string_view text, const CeilingPlan& ceiling) {
  const Result<SignedPolicy> policy = read_signed_policy(text);
  if (!policy || ceiling.policy.policy_signer().empty()) return false;
  const std::vector<SignatureFate> fates = judge_signatures(*policy, signers_of(ceiling.policy));
  return enough(std::count(fates.begin(), fates.end(), SignatureFate::kCounts), ceiling.policy);
}

void check_signatures(const SignedPolicy& policy, const v1::CeilingPolicy& ceiling,
                      Findings& findings) {
  if (ceiling.policy_signer().empty()) return;
  const std::vector<AuthorityKey> signers = signers_of(ceiling);
  const std::vector<SignatureFate> fates = judge_signatures(policy, signers);
  for (std::size_t i = 0; i < fates.size(); ++i) {
    warn_of(policy.signatures[i], fates[i], element("signature", static_cast<int>(i)), findings);
  }
  const auto count = std::count(fates.begin(), fates.end(), SignatureFate::kCounts);
  if (enough(count, ceiling)) return;
  const std::string wanted = std::to_string(ceiling.policy_threshold()) + " of the " +
                             std::to_string(signers.size()) + " signers of the image's ceiling";
  findings.error("",
                 count == 0
                     ? "the policy is not signed by " + wanted
                     : "only " + std::to_string(count) + " signature(s) count; it takes " + wanted,
                 "sudare policy sign --key SIGNING-KEY-FILE POLICY, once per signer");
}

}  // namespace sudare
