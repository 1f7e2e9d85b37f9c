#include "gateway/policy/recipient_certificate.h"

#include <algorithm>

#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/identity/encoding.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

constexpr std::string_view kLabel = label("sudare/v1/recipient");
constexpr std::string_view kPrefix = "sudarecert1";
// The end of the year 9999, which is the last that a policy can name.
constexpr std::int64_t kDayMax = 2'932'896;

// Whether the bytes are the one form of what they say: another form is another certificate under
// the same words.
template <class Message>
bool parse_canonical(const std::string& bytes, Message& message) {
  return message.ParseFromString(bytes) && message.SerializeAsString() == bytes &&
         message.GetReflection()->GetUnknownFields(message).empty();
}

bool days_are_right(const v1::RecipientCert& cert) {
  return cert.not_before_day() >= 0 && cert.not_before_day() <= cert.not_after_day() &&
         cert.not_after_day() <= kDayMax;
}

}  // namespace

Result<RecipientCertificate> read_certificate(std::string_view token) {
  if (token.size() > kCertificateCharactersMax) {
    return fail(ErrorCode::kTooLarge, "certificate: longer than any is");
  }
  std::string bytes;
  v1::SignedRecipientCert outer;
  v1::RecipientCert cert;
  AuthorityKey authority;
  Signature signature{};
  if (token.substr(0, kPrefix.size()) != kPrefix ||
      !base64_decode(token.substr(kPrefix.size()), bytes) || !parse_canonical(bytes, outer) ||
      outer.public_key().size() != authority.bytes.size() ||
      outer.signature().size() != signature.size()) {
    return fail(ErrorCode::kMalformed, "certificate: not one, or damaged");
  }
  std::copy(outer.public_key().begin(), outer.public_key().end(), authority.bytes.begin());
  std::copy(outer.signature().begin(), outer.signature().end(), signature.begin());
  if (!signed_by(authority, document_signing_input(kLabel, outer.certificate()), signature)) {
    return fail(ErrorCode::kAuthentication, "certificate: not signed by the authority it names");
  }
  if (!parse_canonical(outer.certificate(), cert) || !is_purpose_name(cert.purpose()) ||
      cert.serial() == 0 || cert.serial() > kSerialMax || !days_are_right(cert)) {
    return fail(ErrorCode::kMalformed, "certificate: what is signed is none");
  }
  TRY(const age::Recipient recipient, age::Recipient::parse(cert.recipient()));
  return RecipientCertificate{cert.purpose(),       recipient, cert.serial(), cert.not_before_day(),
                              cert.not_after_day(), authority};
}

std::string certificate_signing_input(const v1::RecipientCert& certificate) {
  return document_signing_input(kLabel, certificate.SerializeAsString());
}

std::string certificate_token(const v1::RecipientCert& certificate, const AuthorityKey& authority,
                              const Signature& signature) {
  v1::SignedRecipientCert outer;
  outer.set_certificate(certificate.SerializeAsString());
  outer.set_public_key(authority.bytes.data(), authority.bytes.size());
  outer.set_signature(signature.data(), signature.size());
  std::string token(kPrefix);
  base64_append(bytes_of(outer.SerializeAsString()), token);
  return token;
}

}  // namespace sudare
