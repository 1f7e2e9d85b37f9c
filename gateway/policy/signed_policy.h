// A signed policy (docs/formats.md, "Signed policies"): the policy's text, then a line per
// signature, which text format reads as a comment. So people and every tool read a signed policy as
// any other. Part of the policy reader; the signing side is fleet/authority/policy_signature.h.
//
// Not here: which signers count (the image's ceiling says it), and what the policy says.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/identity/authority_key.h"

namespace sudare {

// Signers that a ceiling may pin, and signatures that a policy may carry: a board of people.
inline constexpr std::size_t kPolicySignersMax = 8;

struct PolicySignature {
  AuthorityKey signer;
  Signature signature{};
  int line = 0;  // of the file, from 1
};

struct SignedPolicy {
  std::string_view text;  // what is signed: all before the first signature; of the argument
  std::vector<PolicySignature> signatures;
};

// Each line with a signature begins with it.
inline constexpr std::string_view kPolicySignatureMark = "# sudare-signature:";
// Where the first such line begins; the end where there is none: nobody has signed it. Costs no
// computation on keys.
[[nodiscard]] inline std::size_t first_signature(std::string_view file) {
  constexpr std::string_view mark = kPolicySignatureMark;
  for (std::size_t at = file.find(mark); at != std::string_view::npos;
       at = file.find(mark, at + 1)) {
    if (at == 0 || file[at - 1] == '\n') return at;
  }
  return file.size();
}

// Cuts the signatures off, and verifies none. A text without any is one, too. kMalformed: something
// else than signature lines follows the first of them, or one is not as the format says;
// kTooLarge: more than kPolicySignersMax. The detail of both is the line. Pure; any thread.
[[nodiscard]] Result<SignedPolicy> read_signed_policy(std::string_view file);

// What each signature signs.
[[nodiscard]] std::string policy_signing_input(std::string_view text);
// The line, with its end.
[[nodiscard]] std::string signature_line(const AuthorityKey& signer, const Signature& signature);

enum class SignatureFate : std::uint8_t {
  kCounts,
  kUnknown,   // of nobody whose signature is asked for
  kRepeated,  // of one who has signed already
  kWrong,     // not of this text
};
// What becomes of each of the signatures, where `signers` are asked for theirs.
[[nodiscard]] std::vector<SignatureFate> judge_signatures(const SignedPolicy& policy,
                                                          std::span<const AuthorityKey> signers);

}  // namespace sudare
