#include "gateway/policy/bound.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "crypto/identity/authority_key.h"
#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"
#include "gateway/policy/signed_policy.h"

namespace sudare {
namespace {

// Authorities that may name one purpose's recipients: the old one and the new one, and some room.
constexpr std::size_t kRecipientAuthoritiesMax = 8;

// What one batch links where nothing else may, unless the ceiling says otherwise: no more than a
// few streets, which a service that gets traces with no pseudonym can mostly join by where they
// end.
constexpr std::uint32_t kUnlinkedLingerMs = 300'000;
constexpr std::uint32_t kUnlinkedBatchBytes = 4096;

const v1::CeilingPurpose* find(const v1::CeilingPolicy& ceiling, const std::string& name) {
  for (const v1::CeilingPurpose& purpose : ceiling.purpose()) {
    if (purpose.name() == name) return &purpose;
  }
  return nullptr;
}

// How long a pseudonym links what carries it; the rotation in days.
std::uint64_t lifetime_of(const v1::Pseudonym& pseudonym) {
  switch (pseudonym.kind_case()) {
    case v1::Pseudonym::kRotateDays: return pseudonym.rotate_days();
    case v1::Pseudonym::kUntilTransfer: return UINT64_MAX;
    case v1::Pseudonym::kNone:
    case v1::Pseudonym::KIND_NOT_SET: break;
  }
  return 0;
}

template <class List, class Value>
bool contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void bound_ceiling(const v1::Ceiling& mine, const v1::Ceiling& most, const std::string& where,
                   Findings& findings) {
  if (mine.cell() != v1::CELL_UNSPECIFIED) {
    if (most.cell() == v1::CELL_UNSPECIFIED) {
      findings.error(where + ".cell", "the image's ceiling allows this purpose no position",
                     "remove cell");
    } else if (!no_finer(mine.cell(), most.cell())) {
      findings.error(
          where + ".cell",
          v1::Cell_Name(mine.cell()) + " is finer than the image's ceiling, " +
              v1::Cell_Name(most.cell()) + ", or can't be compared with it",
          "write " + v1::Cell_Name(most.cell()) + " or a larger cell that is made of whole ones");
    }
  }
  if (most.hold_back() != v1::CELL_UNSPECIFIED && !no_finer(mine.hold_back(), most.hold_back()) &&
      mine.cell() != v1::CELL_UNSPECIFIED && !no_finer(mine.cell(), most.hold_back())) {
    findings.error(where + ".cell",
                   "the image's ceiling allows positions finer than " +
                       v1::Cell_Name(most.hold_back()) + " only between the ends of trips",
                   "write hold_back: " + v1::Cell_Name(most.hold_back()) + " in the ceiling");
  }
  if (mine.time_bucket_ms() < most.time_bucket_ms()) {
    findings.error(where + ".time_bucket_ms", "times are finer than the image's ceiling",
                   "write time_bucket_ms: " + std::to_string(most.time_bucket_ms()) + " or more");
  }
  for (int i = 0; i < mine.allow_size(); ++i) {
    if (contains(most.allow(), mine.allow(i))) continue;
    findings.error(where + "." + element("allow", i),
                   "the image's ceiling doesn't allow " + v1::PersonalClass_Name(mine.allow(i)) +
                       " to this purpose",
                   "remove it");
  }
}

bool nothing_links(const v1::Pseudonym& pseudonym) {
  return pseudonym.kind_case() == v1::Pseudonym::kNone;
}

// Records of one batch are one car's. A pseudonym links more than any batch, and a piece of a clip
// is alone in its batch.
void bound_batch(const v1::Purpose& purpose, const v1::CeilingPurpose& most,
                 const std::string& where, Findings& findings) {
  if (!nothing_links(most.longest_pseudonym())) return;
  const std::uint32_t linger_ms =
      most.linger_ms_max() != 0 ? most.linger_ms_max()
                                : std::max(kUnlinkedLingerMs, most.ceiling().time_bucket_ms());
  if (purpose.linger_ms() > linger_ms) {
    findings.error(where + ".linger_ms",
                   "a batch links what is in it for longer than the image's ceiling lets \"" +
                       purpose.name() + "\" be linked",
                   "write linger_ms: " + std::to_string(linger_ms) + " or less");
  }
  const std::uint32_t bytes =
      most.batch_bytes_max() != 0 ? most.batch_bytes_max() : kUnlinkedBatchBytes;
  if (!purpose.has_clips() && purpose.batch_bytes_max() > bytes) {
    findings.error(
        where + ".batch_bytes_max",
        "a batch links more records than the image's ceiling lets \"" + purpose.name() + "\" link",
        "write batch_bytes_max: " + std::to_string(bytes) + " or less");
  }
}

void bound_purpose(const v1::Purpose& purpose, const v1::CeilingPurpose& most,
                   const std::string& where, Findings& findings) {
  const bool any = most.recipient().empty() && most.recipient_authority().empty();
  for (int i = 0; i < purpose.recipient_size(); ++i) {
    if (any || contains(most.recipient(), purpose.recipient(i))) continue;
    findings.error(
        where + "." + element("recipient", i),
        "this recipient is not among those that the image pins for \"" + purpose.name() + "\"",
        most.recipient_authority().empty()
            ? "name one that the ceiling names"
            : "name one that the ceiling names, or write certificate: \"sudarecert1...\", which "
              "its authority issues (`sudare key certify`)");
  }
  if (purpose.essential() && !most.essential()) {
    findings.error(where + ".essential",
                   "the image's ceiling doesn't let \"" + purpose.name() + "\" be essential",
                   "remove essential");
  }
  if (lifetime_of(purpose.pseudonym()) > lifetime_of(most.longest_pseudonym())) {
    findings.error(where + ".pseudonym", "the pseudonym lives longer than the image's ceiling",
                   "write a shorter rotation");
  }
  if (purpose.keep_hours() > most.keep_hours_max()) {
    findings.error(where + ".keep_hours", "keep_hours is above the image's ceiling",
                   "at most " + std::to_string(most.keep_hours_max()));
  }
  const bool consent = most.consent().empty() ? purpose.consent() == v1::Purpose::OPT_IN
                                              : contains(most.consent(), purpose.consent());
  if (!consent) {
    findings.error(where + ".consent",
                   "the image's ceiling doesn't let \"" + purpose.name() + "\" rest on " +
                       v1::Purpose::Consent_Name(purpose.consent()),
                   "write a consent that the ceiling names; OPT_IN where it names none");
  }
  if (purpose.audience() != most.audience()) {
    findings.error(where + ".audience",
                   "the image's ceiling gives \"" + purpose.name() + "\" the audience " +
                       v1::Purpose::Audience_Name(most.audience()),
                   "write that audience");
  }
  bound_batch(purpose, most, where, findings);
  bound_ceiling(purpose.ceiling(), most.ceiling(), where + ".ceiling", findings);
}

void check_batch(const v1::CeilingPurpose& purpose, const std::string& where, Findings& findings) {
  const auto check = [&](const std::string& name, std::uint32_t value, std::uint32_t least,
                         std::uint32_t most) {
    if (value == 0) return;
    if (!nothing_links(purpose.longest_pseudonym())) {
      findings.error(where + "." + name,
                     "it bounds batches that nothing links, and these may have "
                     "a pseudonym",
                     "remove it, or write longest_pseudonym { none {} }");
    } else if (value < least || value > most) {
      findings.error(where + "." + name, name + " is out of range",
                     "from " + std::to_string(least) + " to " + std::to_string(most));
    }
  };
  check("linger_ms_max", purpose.linger_ms_max(), 1, kLingerMsMax);
  check("batch_bytes_max", purpose.batch_bytes_max(), kBatchBytesMin,
        static_cast<std::uint32_t>(kBatchBytesMax));
}

// Public keys of authorities, each once, at most `most`.
void check_keys(const google::protobuf::RepeatedPtrField<std::string>& keys, std::size_t most,
                const std::string& where, const std::string& name, Findings& findings) {
  std::set<std::string> seen;
  for (int i = 0; i < keys.size(); ++i) {
    const std::string at = where + element(name, i);
    if (!AuthorityKey::parse(keys.Get(i))) {
      findings.error(at, "this is no authority's public key",
                     "\"sudarepub1\" and 58 more characters, from `sudare key new --signing`");
    } else if (!seen.insert(keys.Get(i)).second) {
      findings.error(at, "this key is named twice", "keep one of them");
    }
  }
  if (static_cast<std::size_t>(keys.size()) > most) {
    findings.error(where + element(name, keys.size() - 1), "too many of them",
                   "at most " + std::to_string(most));
  }
}

void check_signers(const v1::CeilingPolicy& ceiling, Findings& findings) {
  check_keys(ceiling.policy_signer(), kPolicySignersMax, "", "policy_signer", findings);
  const auto signers = static_cast<std::uint32_t>(ceiling.policy_signer_size());
  if (signers == 0 && ceiling.policy_threshold() != 0) {
    findings.error("policy_threshold", "a threshold, and nobody who signs",
                   "write policy_signer: \"sudarepub1...\", or remove it");
  }
  if (signers > 0 && (ceiling.policy_threshold() < 1 || ceiling.policy_threshold() > signers)) {
    findings.error("policy_threshold", "how many of the signers must sign a policy?",
                   "write policy_threshold: 1 to " + std::to_string(signers));
  }
}

// Where policies come over the air, whoever signs them must not be able to name a recipient of
// their own.
void check_authorities(const v1::CeilingPolicy& ceiling, const v1::CeilingPurpose& purpose,
                       const std::string& where, Findings& findings) {
  check_keys(purpose.recipient_authority(), kRecipientAuthoritiesMax, where + ".",
             "recipient_authority", findings);
  if (purpose.essential() && !purpose.recipient_authority().empty()) {
    findings.error(where + ".recipient_authority[0]",
                   "\"" + purpose.name() + "\" is essential: the image alone names who receives it",
                   "remove recipient_authority");
  }
  for (int i = 0; i < purpose.recipient_authority_size(); ++i) {
    if (!contains(ceiling.policy_signer(), purpose.recipient_authority(i))) continue;
    findings.error(
        where + "." + element("recipient_authority", i),
        "this key signs policies as well: its holder alone could name any recipient of \"" +
            purpose.name() + "\"",
        "another key, which somebody else holds");
  }
  if (!ceiling.policy_signer().empty() && purpose.recipient().empty() &&
      purpose.recipient_authority().empty()) {
    findings.error(where,
                   "whoever signs a policy could name any recipient of \"" + purpose.name() + "\"",
                   "write recipient: \"age1...\" or recipient_authority: \"sudarepub1...\"");
  }
}

}  // namespace

void check_bounded(const v1::Policy& policy, const v1::CeilingPolicy& ceiling, Findings& findings) {
  for (int i = 0; i < policy.purpose_size(); ++i) {
    const v1::Purpose& purpose = policy.purpose(i);
    const std::string where = element("purpose", i);
    const v1::CeilingPurpose* const most = find(ceiling, purpose.name());
    if (most == nullptr) {
      findings.error(where + ".name",
                     "the image's ceiling has no purpose \"" + purpose.name() + "\"",
                     "a policy can't add purposes to those of the ceiling");
      continue;
    }
    bound_purpose(purpose, *most, where, findings);
  }
}

void check_ceiling_policy(const v1::CeilingPolicy& ceiling, Findings& findings) {
  check_signers(ceiling, findings);
  if (ceiling.purpose().empty()) {
    findings.error("", "the ceiling has no purpose: no policy could be loaded",
                   "write purpose { ... }");
  }
  std::set<std::string> names;
  for (int i = 0; i < ceiling.purpose_size(); ++i) {
    const v1::CeilingPurpose& purpose = ceiling.purpose(i);
    const std::string where = element("purpose", i);
    if (!is_purpose_name(purpose.name())) {
      findings.error(where + ".name", "a purpose needs a name of its own",
                     "1 to 32 of a-z, 0-9 and \"-\"");
    } else if (!names.insert(purpose.name()).second) {
      findings.error(where + ".name", "purpose \"" + purpose.name() + "\" is declared twice",
                     "keep one of them");
    }
    for (int j = 0; j < purpose.recipient_size(); ++j) {
      // A bad one is reported; nothing else follows from it.
      if (!check_recipient(purpose.recipient(j), where + "." + element("recipient", j), findings)) {
        continue;
      }
    }
    if (purpose.essential() && purpose.recipient().empty()) {
      findings.error(where, "\"" + purpose.name() + "\" is essential and pins no recipient",
                     "write recipient: \"age1...\": nobody else may ever receive it");
    }
    check_authorities(ceiling, purpose, where, findings);
    if (purpose.longest_pseudonym().kind_case() == v1::Pseudonym::kRotateDays &&
        !is_rotation(purpose.longest_pseudonym().rotate_days())) {
      findings.error(where + ".longest_pseudonym.rotate_days", "no such rotation",
                     "rotate_days is 1, 7, 28, 91 or 364");
    }
    if (purpose.longest_pseudonym().kind_case() == v1::Pseudonym::KIND_NOT_SET) {
      findings.error(where, "\"" + purpose.name() + "\" says nothing about pseudonyms",
                     "write longest_pseudonym { none {} }, or what is allowed");
    }
    check_batch(purpose, where, findings);
    if (purpose.keep_hours_max() == 0) {
      findings.error(where, "\"" + purpose.name() + "\" allows nothing to be kept",
                     "write keep_hours_max: 72, or what is allowed");
    }
  }
}

}  // namespace sudare
