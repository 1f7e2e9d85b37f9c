#include <gmock/gmock.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "gateway/policy/recipient_certificate.h"
#include "tests/unit/policy/signing.h"

namespace sudare::policy_test {
namespace {

using testing::HasSubstr;

// The ceiling of "anonymous" and "rescue" alone, which pins the authority for both where it may.
class CertificatesTest : public testing::Test {
 protected:
  // purposes() with certificates in place of the recipient of "anonymous".
  static std::string with(const std::vector<std::string>& tokens) {
    std::string written;
    for (const std::string& token : tokens) written += "certificate: \"" + token + "\" ";
    return replaced(purposes(), "recipient: \"" + recipient(2) + "\"", written);
  }
  [[nodiscard]] std::unique_ptr<const CeilingPlan> pinning(const SigningKey& key) const {
    std::string text;
    for (const char* name : {"service", "owner", "anonymous"}) {
      const bool mine = std::string(name) == "anonymous";
      text += "purpose { name: \"" + std::string(name) + "\" " +
              (mine ? "recipient_authority: \"" + key.authority().to_string() + "\" " : "") +
              (std::string(name) == "owner" ? "audience: OWNER " : "") +
              "ceiling { cell: EXACT allow: [DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, "
              "AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID, DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, "
              "BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE, RADIO_ID, PERSON_NAME, "
              "FREE_TEXT, VIDEO, AUDIO] } longest_pseudonym { until_transfer {} } "
              "keep_hours_max: 72 }\n";
    }
    text += "purpose { name: \"rescue\" recipient: \"" + recipient(4) +
            "\" ceiling { cell: EXACT allow: [VIN, PHONE] } essential: true longest_pseudonym { "
            "rotate_days: 1 } keep_hours_max: 24 consent: LEGAL_OBLIGATION }\n";
    return ceiling_of(text);
  }
  static std::string refusal(const std::string& text, const CeilingPlan* ceiling = nullptr) {
    const PolicyLoad result = load(text, ceiling);
    EXPECT_EQ(result.policy, nullptr);
    return printed(result.diagnostics);
  }

  SigningKey authority_ = fresh_key();
  SigningKey stranger_ = fresh_key();
};

TEST_F(CertificatesTest, SaysWhatWasCertified) {
  const auto one = read_certificate(certificate(authority_, "anonymous", 7, 3, 11, 19));
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->purpose, "anonymous");
  EXPECT_EQ(one->recipient.to_string(), recipient(7));
  EXPECT_EQ(one->serial, 3U);
  EXPECT_EQ(one->not_before_day, 11);
  EXPECT_EQ(one->not_after_day, 19);
  EXPECT_EQ(one->authority, authority_.authority());
}

TEST_F(CertificatesTest, WhatIsNoneIsRefused) {
  const std::string good = certificate(authority_, "anonymous", 7, 3);
  for (const std::string& bad :
       {std::string(), std::string("sudarecert1"), std::string("sudarecert1="), good + "A",
        good.substr(0, good.size() - 4), "x" + good, std::string("sudarecert1AAAA")}) {
    EXPECT_FALSE(read_certificate(bad).has_value()) << bad;
  }
  EXPECT_EQ(read_certificate(std::string(10'000, 'a')).error().code, ErrorCode::kTooLarge);
}

TEST_F(CertificatesTest, EveryChangedByteIsSeen) {
  const std::string good = certificate(authority_, "anonymous", 7, 3);
  std::string bytes;
  ASSERT_TRUE(base64_decode(good.substr(11), bytes).has_value());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    std::string token = "sudarecert1";
    base64_append(bytes_of(changed), token);
    EXPECT_FALSE(read_certificate(token).has_value()) << i;
  }
}

TEST_F(CertificatesTest, SignedNonsenseIsRefused) {
  const auto token = [this](const auto& change) {
    v1::RecipientCert cert;
    cert.set_purpose("anonymous");
    cert.set_recipient(recipient(7));
    cert.set_serial(1);
    cert.set_not_before_day(10);
    cert.set_not_after_day(20);
    change(cert);
    return certificate_token(cert, authority_.authority(),
                             authority_.sign(certificate_signing_input(cert)));
  };
  EXPECT_TRUE(read_certificate(token([](v1::RecipientCert&) {})).has_value());
  EXPECT_FALSE(read_certificate(token([](auto& cert) { cert.set_purpose("A b"); })).has_value());
  EXPECT_FALSE(read_certificate(token([](auto& cert) { cert.set_recipient("age1"); })).has_value());
  EXPECT_FALSE(read_certificate(token([](auto& cert) { cert.set_serial(0); })).has_value());
  const auto serial = [&token](std::uint64_t one) {
    return read_certificate(token([one](auto& cert) { cert.set_serial(one); })).has_value();
  };
  EXPECT_TRUE(serial(kSerialMax));
  EXPECT_FALSE(serial(kSerialMax + 1));
  EXPECT_FALSE(read_certificate(token([](auto& cert) { cert.set_not_after_day(9); })).has_value());
  EXPECT_FALSE(
      read_certificate(token([](auto& cert) { cert.set_not_before_day(-1); })).has_value());
  EXPECT_FALSE(
      read_certificate(token([](auto& cert) { cert.set_not_after_day(INT64_MAX); })).has_value());
  EXPECT_FALSE(read_certificate(token([](auto& cert) {
                 cert.GetReflection()->MutableUnknownFields(&cert)->AddVarint(99, 1);
               })).has_value());
}

TEST_F(CertificatesTest, AreTakenUnderTheAuthorityThatTheImagePins) {
  const auto ceiling = pinning(authority_);
  const std::string policy = with({certificate(authority_, "anonymous", 7, 1)});
  expect_accepted(policy, ceiling.get());
  expect_accepted(policy);
  const auto loaded = load(policy, ceiling.get());
  ASSERT_EQ(loaded.policy->purposes[1].certified.size(), 1U);
  EXPECT_TRUE(loaded.policy->purposes[1].recipients.empty());
}

TEST_F(CertificatesTest, AnotherAuthoritysIsRefused) {
  const auto ceiling = pinning(authority_);
  EXPECT_THAT(refusal(with({certificate(stranger_, "anonymous", 7, 1)}), ceiling.get()),
              HasSubstr("pins no such authority"));
  const auto service =
      replaced(purposes(), "recipient: \"" + recipient(1) + "\"",
               "certificate: \"" + certificate(authority_, "service", 7, 1) + "\"");
  EXPECT_THAT(
      refusal(replaced(service, "recipient: \"" + recipient(2) + "\"",
                       "certificate: \"" + certificate(authority_, "anonymous", 8, 1) + "\""),
              ceiling.get()),
      HasSubstr("pins no such authority"));
}

TEST_F(CertificatesTest, APolicyAloneCannotNameARecipientBesideAnAuthority) {
  const auto ceiling = pinning(authority_);
  EXPECT_THAT(refusal(purposes(), ceiling.get()), HasSubstr("not among those that the image pins"));
}

TEST_F(CertificatesTest, HoldForTheirPurposeOnly) {
  EXPECT_THAT(refusal(with({certificate(authority_, "service", 7, 1)})),
              HasSubstr("is for the purpose \"service\""));
}

TEST_F(CertificatesTest, EssentialPurposesTakeNone) {
  const std::string policy = replaced(purposes(), "recipient: \"" + recipient(4) + "\"",
                                      "recipient: \"" + recipient(4) + "\" certificate: \"" +
                                          certificate(authority_, "rescue", 7, 1) + "\"");
  EXPECT_THAT(refusal(policy), HasSubstr("essential purpose takes no certificate"));
  const CeilingLoad load = load_ceiling(
      "c", "purpose { name: \"rescue\" recipient: \"" + recipient(4) +
               "\" recipient_authority: \"" + authority_.authority().to_string() +
               "\" essential: true longest_pseudonym { none {} } keep_hours_max: 1 }\n");
  EXPECT_THAT(printed(load.diagnostics), HasSubstr("the image alone names"));
}

TEST_F(CertificatesTest, OneSerialIsOneCertificate) {
  EXPECT_THAT(refusal(with({certificate(authority_, "anonymous", 7, 1),
                            certificate(authority_, "anonymous", 8, 1)})),
              HasSubstr("have the serial 1"));
}

TEST_F(CertificatesTest, ADamagedOneAndAWrongSignatureAreSaid) {
  EXPECT_THAT(refusal(with({"sudarecert1AAAA"})), HasSubstr("no recipient's certificate"));
  const std::string good = certificate(authority_, "anonymous", 7, 1);
  std::string bytes;
  ASSERT_TRUE(base64_decode(good.substr(11), bytes).has_value());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::string token = "sudarecert1";
  base64_append(bytes_of(bytes), token);
  EXPECT_THAT(refusal(with({token})), HasSubstr("signature of this certificate is wrong"));
}

TEST_F(CertificatesTest, TheOwnersKeyIsSeenInACertificate) {
  EXPECT_THAT(refusal(with({certificate(authority_, "anonymous", 3, 1)})),
              HasSubstr("the owner's key of \"owner\""));
}

TEST_F(CertificatesTest, PurposesThatOneRecipientJoinsAreSeenInCertificates) {
  const PolicyLoad loaded = load(with({certificate(authority_, "anonymous", 1, 1)}));
  EXPECT_THAT(printed(loaded.diagnostics), HasSubstr("have a recipient in common"));
}

TEST_F(CertificatesTest, ARecipientIsNamedInOneWay) {
  const std::string token = certificate(authority_, "anonymous", 2, 1);
  const std::string policy =
      replaced(purposes(), "recipient: \"" + recipient(2) + "\"",
               "recipient: \"" + recipient(2) + "\" certificate: \"" + token + "\"");
  EXPECT_THAT(refusal(policy), HasSubstr("named without a certificate as well"));
}

TEST_F(CertificatesTest, TooManyAreRefused) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 9; ++i) {
    tokens.push_back(
        certificate(authority_, "anonymous", 10 + i, static_cast<std::uint64_t>(i) + 1));
  }
  EXPECT_THAT(refusal(with(tokens)), HasSubstr("too many recipients"));
}

TEST_F(CertificatesTest, AnEndBeforeThePolicysIsWarnedOf) {
  EXPECT_THAT(printed(load(with({certificate(authority_, "anonymous", 7, 1)})).diagnostics),
              HasSubstr("days before the policy"));
}

TEST_F(CertificatesTest, RecipientsOfADayAreThoseThatHoldOnIt) {
  const PolicyLoad loaded = load(with({certificate(authority_, "anonymous", 7, 1, 10, 20),
                                       certificate(authority_, "anonymous", 8, 2, 18, 30),
                                       certificate(authority_, "anonymous", 8, 3, 25, 40)}));
  ASSERT_NE(loaded.policy, nullptr) << printed(loaded.diagnostics);
  const auto on = [&](std::int64_t day) {
    std::vector<std::string> keys;
    for (const auto& one : loaded.policy->purposes[1].recipients_on(day)) {
      keys.push_back(one.to_string());
    }
    return keys;
  };
  using testing::ElementsAre;
  EXPECT_THAT(on(9), testing::IsEmpty());
  EXPECT_THAT(on(10), ElementsAre(recipient(7)));
  EXPECT_THAT(on(18), ElementsAre(recipient(7), recipient(8)));
  EXPECT_THAT(on(20), ElementsAre(recipient(7), recipient(8)));
  EXPECT_THAT(on(21), ElementsAre(recipient(8)));
  EXPECT_THAT(on(27), ElementsAre(recipient(8)));
  EXPECT_THAT(on(41), testing::IsEmpty());
}

}  // namespace
}  // namespace sudare::policy_test
