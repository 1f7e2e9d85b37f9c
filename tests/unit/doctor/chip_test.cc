// What doctor says of a key in a chip, and how often it asks for it.
#include <gmock/gmock.h>

#include <fstream>

#include "crypto/crypto_init.h"
#include "fleet/doctor/check_live.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/chips.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::doctor {
namespace {

TEST(ChipTest, AWrongPinIsTriedOnceInARun) {
  if (!testkit::has_soft_token()) SUDARE_NOT_RUN("softhsm2, libengine-pkcs11-openssl");
  ASSERT_TRUE(crypto_init());
  testkit::TemporaryDirectory directory;
  testkit::CertificateAuthority authority(directory.path());
  const testkit::Certificate unit = authority.client("unit");
  testkit::SoftToken token(directory.path() / "token");
  token.take(unit.key);
  std::ofstream(token.pin_file()) << "97531\n";
  MqttPeer peer;
  peer.endpoint = {"127.0.0.1", 1, true};  // where nothing answers
  peer.ca_file = authority.ca_file();
  peer.cert_file = unit.certificate;
  peer.key_file = token.uri();
  peer.key_pin_file = token.pin_file();
  peer.key_module = testkit::SoftToken::counting_module();
  Report report;
  check_cloud(peer, 0, report);
  EXPECT_EQ(testkit::SoftToken::logins(), 1);
  EXPECT_EQ(worst(report, "cloud.unit"), Outcome::kProblem);
  EXPECT_THAT(said(report, "cloud.unit"), testing::HasSubstr("PIN"));
}

}  // namespace
}  // namespace sudare::doctor
