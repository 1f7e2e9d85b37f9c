#include "gateway/policy/signed_policy.h"

#include <algorithm>
#include <set>

#include "crypto/base64.h"
#include "crypto/identity/encoding.h"

namespace sudare {
namespace {

constexpr std::string_view kLabel = label("sudare/v1/policy");
constexpr std::string_view kMark = kPolicySignatureMark;

// " sudarepub1… BASE64"
Result<PolicySignature> read_line(std::string_view rest, int line) {
  PolicySignature one;
  one.line = line;
  const std::size_t space = rest.find(' ', 1);
  if (rest.empty() || rest.front() != ' ' || space == std::string_view::npos) {
    return fail(ErrorCode::kMalformed, "signed policy: not a signature line", line);
  }
  const auto signer = AuthorityKey::parse(rest.substr(1, space - 1));
  std::string bytes;
  const std::string_view encoded = rest.substr(space + 1);
  if (!signer || encoded.size() != base64_characters(kSignatureBytes) ||
      !base64_decode(encoded, bytes) || bytes.size() != kSignatureBytes) {
    return fail(ErrorCode::kMalformed, "signed policy: not a signature line", line);
  }
  one.signer = *signer;
  std::copy(bytes.begin(), bytes.end(), one.signature.begin());
  return one;
}

}  // namespace

Result<SignedPolicy> read_signed_policy(std::string_view file) {
  SignedPolicy policy;
  policy.text = file.substr(0, first_signature(file));
  std::string_view rest = file.substr(policy.text.size());
  int line = static_cast<int>(std::count(policy.text.begin(), policy.text.end(), '\n'));
  while (!rest.empty()) {
    ++line;
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos || rest.substr(0, kMark.size()) != kMark) {
      return fail(ErrorCode::kMalformed, "signed policy: something follows the signatures", line);
    }
    if (policy.signatures.size() == kPolicySignersMax) {
      return fail(ErrorCode::kTooLarge, "signed policy: too many signatures", line);
    }
    TRY(PolicySignature one, read_line(rest.substr(kMark.size(), end - kMark.size()), line));
    policy.signatures.push_back(one);
    rest.remove_prefix(end + 1);
  }
  return policy;
}

std::string policy_signing_input(std::string_view text) {
  return document_signing_input(kLabel, text);
}

std::string signature_line(const AuthorityKey& signer, const Signature& signature) {
  std::string line(kMark);
  line += " " + signer.to_string() + " ";
  base64_append(signature, line);
  return line + "\n";
}

std::vector<SignatureFate> judge_signatures(const SignedPolicy& policy,
                                            std::span<const AuthorityKey> signers) {
  std::vector<SignatureFate> fates;
  std::set<AuthorityKey> counted;
  const std::string input = policy_signing_input(policy.text);
  for (const PolicySignature& one : policy.signatures) {
    if (std::find(signers.begin(), signers.end(), one.signer) == signers.end()) {
      fates.push_back(SignatureFate::kUnknown);
    } else if (counted.count(one.signer) > 0) {
      fates.push_back(SignatureFate::kRepeated);
    } else if (!signed_by(one.signer, input, one.signature)) {
      fates.push_back(SignatureFate::kWrong);
    } else {
      counted.insert(one.signer);
      fates.push_back(SignatureFate::kCounts);
    }
  }
  return fates;
}

}  // namespace sudare
