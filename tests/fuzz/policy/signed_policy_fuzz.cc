// Any text as a signed policy: cut and read back, or refused; nothing that was not signed counts.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/crypto_init.h"
#include "gateway/policy/signed_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (!crypto_init()) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto policy = read_signed_policy(file);
  if (!policy) return 0;
  std::string again(policy->text);
  std::vector<AuthorityKey> signers;
  for (const PolicySignature& one : policy->signatures) {
    again += signature_line(one.signer, one.signature);
    signers.push_back(one.signer);
  }
  if (again != file) std::abort();
  if (judge_signatures(*policy, signers).size() != signers.size()) std::abort();
  for (const SignatureFate fate : judge_signatures(*policy, {})) {
    if (fate != SignatureFate::kUnknown) std::abort();
  }
  return 0;
}
