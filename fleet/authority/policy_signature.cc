#include "fleet/authority/policy_signature.h"

#include <algorithm>

#include "gateway/policy/recipient_certificate.h"
#include "gateway/policy/signed_policy.h"

namespace sudare {

Result<std::string> sign_policy(std::string_view file, const SigningKey& key) {
  std::string out(file);
  if (!out.empty() && out.back() != '\n') out += '\n';
  TRY(const SignedPolicy policy, read_signed_policy(out));
  if (std::any_of(policy.signatures.begin(), policy.signatures.end(),
                  [&key](const PolicySignature& one) { return one.signer == key.authority(); })) {
    return fail(ErrorCode::kRefused, "policy: this key has signed it already");
  }
  if (policy.signatures.size() >= kPolicySignersMax) {
    return fail(ErrorCode::kTooLarge, "policy: too many signatures");
  }
  out += signature_line(key.authority(), key.sign(policy_signing_input(policy.text)));
  return out;
}

std::vector<int> stale_signatures(std::string_view file) {
  std::vector<int> lines;
  const auto policy = read_signed_policy(file);
  if (!policy) return lines;
  const std::string input = policy_signing_input(policy->text);
  for (const PolicySignature& one : policy->signatures) {
    if (!signed_by(one.signer, input, one.signature)) lines.push_back(one.line);
  }
  return lines;
}

Result<std::string> certify(const CertificateRequest& request, const SigningKey& key) {
  v1::RecipientCert certificate;
  certificate.set_purpose(request.purpose);
  certificate.set_recipient(request.recipient.to_string());
  certificate.set_serial(request.serial);
  certificate.set_not_before_day(request.not_before_day);
  certificate.set_not_after_day(request.not_after_day);
  std::string token = certificate_token(certificate, key.authority(),
                                        key.sign(certificate_signing_input(certificate)));
  TRY(read_certificate(token));
  return token;
}

}  // namespace sudare
