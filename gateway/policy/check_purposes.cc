// The header and each purpose by itself.
#include <algorithm>
#include <array>
#include <set>

#include "base/limits.h"
#include "gateway/policy/check.h"
#include "gateway/policy/class_rules.h"

namespace sudare {
namespace {

// A year: what nobody fetched by then nobody needs.
constexpr std::uint32_t kKeepHoursMax = 8784;
constexpr std::uint32_t kPriorityMax = 9;
constexpr std::array<std::uint32_t, 5> kRotations = {1, 7, 28, 91, 364};

void check_pseudonym(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  if (purpose.pseudonym().kind_case() == v1::Pseudonym::KIND_NOT_SET) {
    findings.error(where, "purpose \"" + purpose.name() + "\" says nothing about its pseudonym",
                   "write pseudonym { none {} }, { rotate_days: 28 } or { until_transfer {} }");
  }
  if (purpose.pseudonym().kind_case() == v1::Pseudonym::kRotateDays &&
      !is_rotation(purpose.pseudonym().rotate_days())) {
    findings.error(where + ".pseudonym.rotate_days", "no such rotation",
                   "rotate_days is 1, 7, 28, 91 or 364");
  }
}

void check_recipients(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  if (purpose.recipient().empty() && purpose.certificate().empty()) {
    findings.error(where,
                   "purpose \"" + purpose.name() + "\" has no recipient: nobody could open it",
                   "write recipient: \"age1...\", a public key from `sudare key new`");
  }
  if (static_cast<std::size_t>(purpose.recipient_size() + purpose.certificate_size()) >
      kRecipientsMax) {
    findings.error(where, "purpose \"" + purpose.name() + "\" has too many recipients",
                   "at most " + std::to_string(kRecipientsMax));
  }
  std::set<std::string> seen;
  for (int i = 0; i < purpose.recipient_size(); ++i) {
    const std::string at = where + "." + element("recipient", i);
    if (check_recipient(purpose.recipient(i), at, findings) &&
        !seen.insert(purpose.recipient(i)).second) {
      findings.error(at, "this recipient is named twice", "keep one of them");
    }
  }
}

void check_number(std::uint32_t value, std::uint32_t least, std::uint32_t most,
                  const std::string& where, const std::string& name, Findings& findings) {
  if (value >= least && value <= most) return;
  findings.error(where + "." + name, name + " is out of range",
                 "from " + std::to_string(least) + " to " + std::to_string(most));
}

void check_delivery(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  if (purpose.essential() && purpose.linger_ms() != 0) {
    findings.error(where + ".linger_ms", "an essential purpose waits for nothing",
                   "remove linger_ms");
  }
  if (purpose.has_clips() && purpose.linger_ms() != 0) {
    findings.error(where + ".linger_ms", "a piece of a clip waits for no other",
                   "remove linger_ms");
  }
  if (!purpose.essential() && !purpose.has_clips()) {
    check_number(purpose.linger_ms(), 1, kLingerMsMax, where, "linger_ms", findings);
  }
  check_number(purpose.batch_bytes_max(), kBatchBytesMin,
               static_cast<std::uint32_t>(kBatchBytesMax), where, "batch_bytes_max", findings);
  check_number(purpose.keep_hours(), 1, kKeepHoursMax, where, "keep_hours", findings);
  check_number(purpose.priority(), 0, kPriorityMax, where, "priority", findings);
}

void check_ceiling(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  const v1::Ceiling& ceiling = purpose.ceiling();
  const std::string at = where + ".ceiling";
  if (ceiling.hold_back() != v1::CELL_UNSPECIFIED && !is_ring(ceiling.hold_back())) {
    findings.error(at + ".hold_back", "no size of a ring", "M500 to M10000; M1000 is usual");
  }
  if (ceiling.cell() == v1::EXACT && !is_trusted(purpose) && !is_ring(ceiling.hold_back())) {
    findings.error(at + ".cell", "exact positions for purpose \"" + purpose.name() + "\"",
                   "write hold_back: M1000 beside it, or a cell of M125 or larger, or, where it is "
                   "true, essential: true or audience: OWNER or EVIDENCE");
  }
  for (int i = 0; i < ceiling.allow_size(); ++i) {
    const ClassRule& rule = rule_of(ceiling.allow(i));
    if (rule.unchanged != Unchanged::kNobody) continue;
    findings.error(at + "." + element("allow", i),
                   v1::PersonalClass_Name(ceiling.allow(i)) + " can't be allowed to anyone",
                   "remove it");
  }
}

void check_consent(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  if (purpose.consent() == v1::Purpose::CONSENT_UNSPECIFIED) {
    findings.error(where, "purpose \"" + purpose.name() + "\" says nothing about consent",
                   "write consent: OPT_IN, OPT_OUT or LEGAL_OBLIGATION");
  }
}

}  // namespace

bool is_purpose_name(const std::string& name) {
  constexpr std::size_t kLengthMax = 32;
  return !name.empty() && name.size() <= kLengthMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

bool is_rotation(std::uint32_t days) {
  return std::find(kRotations.begin(), kRotations.end(), days) != kRotations.end();
}

bool check_recipient(const std::string& text, const std::string& where, Findings& findings) {
  if (text.rfind("${", 0) == 0) {
    findings.error(where, "the recipient \"" + text + "\" is a placeholder that nobody has filled",
                   "`sudare policy init` fills it, or write the public key yourself");
    return false;
  }
  if (text.rfind("AGE-SECRET-KEY-", 0) == 0) {
    // The value is not repeated.
    findings.error(where, "this is a private key: it must never be in a policy",
                   "write its public key (`sudare key public`), and replace the key");
    return false;
  }
  if (age::Recipient::parse(text)) return true;
  findings.error(where, "this is no age public key",
                 "a recipient is \"age1\" and 58 more characters, from `sudare key new`");
  return false;
}

void check_header(const v1::Policy& policy, Findings& findings) {
  if (policy.language() != 1) {
    findings.error("language", "unknown version of the policy language", "write language: 1");
  }
  if (policy.serial() == 0) {
    findings.error("serial", "a policy without serial",
                   "write serial: 1, and a larger one with every change");
  }
  if (policy.serial() > kSerialMax) {
    findings.error("serial", "the serial is too large: few could follow it",
                   "at most " + std::to_string(kSerialMax));
  }
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  const std::string hint = "write a day such as \"2028-12-31\"";
  const bool from = policy.not_before().empty() || parse_day(policy.not_before(), not_before);
  if (!from) findings.error("not_before", "not_before is no day", hint);
  if (!parse_day(policy.not_after(), not_after)) {
    findings.error(
        "not_after",
        policy.not_after().empty() ? "a policy without not_after" : "not_after is no day",
        hint + ": the last on which the policy holds");
  } else if (from && not_after < not_before) {
    findings.error("not_after", "the policy ends before it begins", "not_after is the later day");
  }
}

void check_purposes(const v1::Policy& policy, Findings& findings) {
  if (policy.purpose().empty()) {
    findings.error("", "the policy has no purpose: nothing can leave", "write purpose { ... }");
  }
  if (static_cast<std::size_t>(policy.purpose_size()) > kPurposesMax) {
    findings.error("", "too many purposes", "at most " + std::to_string(kPurposesMax));
  }
  if (static_cast<std::size_t>(policy.source_size()) > kSourcesMax) {
    findings.error("", "too many sources", "at most " + std::to_string(kSourcesMax));
  }
  std::set<std::string> names;
  for (int i = 0; i < policy.purpose_size(); ++i) {
    const v1::Purpose& purpose = policy.purpose(i);
    const std::string where = element("purpose", i);
    if (!is_purpose_name(purpose.name())) {
      findings.error(where + ".name", "a purpose needs a name of its own",
                     "1 to 32 of a-z, 0-9 and \"-\": it becomes part of the cloud topic");
    } else if (!names.insert(purpose.name()).second) {
      findings.error(where + ".name", "purpose \"" + purpose.name() + "\" is declared twice",
                     "keep one of them");
    }
    check_recipients(purpose, where, findings);
    check_pseudonym(purpose, where, findings);
    check_consent(purpose, where, findings);
    check_ceiling(purpose, where, findings);
    check_delivery(purpose, where, findings);
  }
}

}  // namespace sudare
