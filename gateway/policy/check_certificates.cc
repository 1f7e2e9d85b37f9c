// Recipients that are named by certificates.
#include <algorithm>

#include "base/limits.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

const v1::CeilingPurpose* find(const v1::CeilingPolicy* ceiling, const std::string& name) {
  if (ceiling == nullptr) return nullptr;
  for (const v1::CeilingPurpose& purpose : ceiling->purpose()) {
    if (purpose.name() == name) return &purpose;
  }
  return nullptr;
}

// One purpose's certificates, in the order of the file.
class Reading {
 public:
  Reading(const v1::Purpose& purpose, const v1::CeilingPurpose* most, PurposeDraft& draft,
          Findings& findings)
      : purpose_(purpose), most_(most), draft_(draft), findings_(findings) {}

  void read(const std::string& token, const std::string& where) {
    const Result<RecipientCertificate> one = read_certificate(token);
    if (!one) {
      findings_.error(where,
                      one.error().code == ErrorCode::kAuthentication
                          ? "the signature of this certificate is wrong"
                          : "this is no recipient's certificate",
                      "\"sudarecert1\" and base64, as `sudare key certify` prints it");
    } else if (is_right(*one, where)) {
      draft_.recipients.push_back({one->recipient.to_string(), where});
      draft_.certificates.push_back(*one);
    }
  }

 private:
  bool refuse(const std::string& where, const std::string& text, const std::string& hint) {
    findings_.error(where, text, hint);
    return false;
  }

  bool is_right(const RecipientCertificate& one, const std::string& where) {
    if (purpose_.essential()) {
      return refuse(where, "an essential purpose takes no certificate",
                    "write recipient: the one that the image pins");
    }
    if (one.purpose != purpose_.name()) {
      return refuse(where, "this certificate is for the purpose \"" + one.purpose + "\"",
                    "each purpose needs a certificate of its own");
    }
    if (most_ != nullptr && !pinned(one.authority)) {
      return refuse(where,
                    "the image's ceiling pins no such authority for \"" + purpose_.name() + "\"",
                    "it takes a certificate of one of its recipient_authority");
    }
    return is_new(one, where);
  }

  [[nodiscard]] bool pinned(const AuthorityKey& authority) const {
    const auto& all = most_->recipient_authority();
    return std::find(all.begin(), all.end(), authority.to_string()) != all.end();
  }

  // Two with one serial can't be told apart by a floor. The key of a newer one may be the same.
  bool is_new(const RecipientCertificate& one, const std::string& where) {
    for (const RecipientCertificate& other : draft_.certificates) {
      if (other.serial != one.serial) continue;
      return refuse(where,
                    "two certificates of \"" + purpose_.name() + "\" have the serial " +
                        std::to_string(one.serial),
                    "keep one of them; a new certificate needs a larger serial");
    }
    const std::string key = one.recipient.to_string();
    const auto& named = purpose_.recipient();
    if (std::find(named.begin(), named.end(), key) == named.end()) return true;
    return refuse(where, "this recipient is named without a certificate as well",
                  "keep one of them: without a certificate it would be sealed to on every day");
  }

  const v1::Purpose& purpose_;
  const v1::CeilingPurpose* most_;
  PurposeDraft& draft_;
  Findings& findings_;
};

// So that an operator sees a gap before the cars do.
void warn_end(const v1::Policy& policy, const v1::Purpose& purpose, const PurposeDraft& draft,
              const std::string& where, Findings& findings) {
  std::int64_t end = 0;
  if (!purpose.recipient().empty() || draft.certificates.empty() ||
      !parse_day(policy.not_after(), end)) {
    return;
  }
  std::int64_t last = 0;
  for (const RecipientCertificate& one : draft.certificates) {
    last = std::max(last, one.not_after_day);
  }
  if (last >= end) return;
  findings.warn(where + ".certificate[0]",
                "the certificates of \"" + purpose.name() + "\" end " + std::to_string(end - last) +
                    " days before the policy: nothing leaves for it then",
                "a later policy in time, with newer certificates");
}

}  // namespace

void check_certificates(PolicyDraft& draft, const v1::CeilingPolicy* ceiling, Findings& findings) {
  const v1::Policy& policy = *draft.policy;
  draft.purposes.resize(static_cast<std::size_t>(policy.purpose_size()));
  for (int i = 0; i < policy.purpose_size(); ++i) {
    const v1::Purpose& purpose = policy.purpose(i);
    PurposeDraft& mine = draft.purposes[static_cast<std::size_t>(i)];
    const std::string where = element("purpose", i);
    for (int j = 0; j < purpose.recipient_size(); ++j) {
      mine.recipients.push_back({purpose.recipient(j), where + "." + element("recipient", j)});
    }
    Reading reading(purpose, find(ceiling, purpose.name()), mine, findings);
    // More are refused by check_purposes.cc; reading them would only take time.
    const int most = std::min(purpose.certificate_size(), static_cast<int>(kRecipientsMax));
    for (int j = 0; j < most; ++j) {
      reading.read(purpose.certificate(j), where + "." + element("certificate", j));
    }
    warn_end(policy, purpose, mine, where, findings);
  }
}

}  // namespace sudare
