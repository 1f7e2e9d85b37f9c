// The uplink's TLS key in a chip: the real gateway, in its sandbox, against a broker that asks for
// client certificates. SoftHSM stands for a token that speaks PKCS#11, swtpm for a TPM.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/system/gateway/unit.h"
#include "tests/testkit/chips.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/not_run.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// One at a time: SOFTHSM2_CONF is the process's.
class HardwareKey : public ::testing::Test {
 protected:
  // A unit whose key has moved from ca/unit.key into the chip.
  template <class Chip>
  void begin(Chip& chip) {
    UnitOptions options;
    options.cloud_tls = true;
    options.cloud_persistence = true;  // what comes while the recipient is away
    options.cloud_key = chip.tls();
    options.environment = chip.environment();
    unit_ = std::make_unique<Unit>(options);
    chip.take(unit_->directory() / "ca/unit.key");
    ASSERT_FALSE(fs::exists(unit_->directory() / "ca/unit.key"));
  }
  void publish(std::uint64_t from, std::uint64_t count) {
    MqttClient car(unit_->local().port());
    for (std::uint64_t i = from; i < from + count; ++i) {
      car.publish("test/json", Unit::number_payload(i));
    }
    EXPECT_TRUE(car.flush());
  }
  [[nodiscard]] bool connected() const {
    return unit_->get("/metrics").body.find("sudare_uplink_connected 1") != std::string::npos;
  }
  [[nodiscard]] bool failed_to_connect() const {
    return unit_->log().find("PKCS#11") != std::string::npos;
  }

  TemporaryDirectory chip_directory_;
  std::unique_ptr<Unit> unit_;
};

TEST_F(HardwareKey, InATokenItSignsForTheGatewayAndAgainAfterARestart) {
  if (!has_soft_token()) SUDARE_NOT_RUN("softhsm2, opensc, libengine-pkcs11-openssl");
  SoftToken token(chip_directory_.path() / "token");
  begin(token);
  unit_->recipient();
  unit_->start();
  publish(0, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(5)) << unit_->log();
  unit_->cloud().restart();  // the gateway connects, and the token signs, again
  publish(5, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(10)) << unit_->log();
  EXPECT_EQ(unit_->stop().status, 0);
  unit_->start();
  publish(10, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(15)) << unit_->log();
  EXPECT_THAT(unit_->log(), HasSubstr("sandbox seccomp=1"));
}

TEST_F(HardwareKey, WithoutTheTokenTheQueueWaitsForIt) {
  if (!has_soft_token()) SUDARE_NOT_RUN("softhsm2, opensc, libengine-pkcs11-openssl");
  SoftToken token(chip_directory_.path() / "token");
  begin(token);
  token.pull();
  fs::create_directory(token.store());
  unit_->recipient();
  unit_->start();
  publish(0, 5);
  EXPECT_TRUE(eventually([this] { return failed_to_connect(); })) << unit_->log();
  EXPECT_FALSE(connected());
  token.plug();
  EXPECT_TRUE(unit_->wait_for_numbers(5)) << unit_->log();
}

// libp11 keeps to what it remembers of it: a service manager starts the gateway anew.
TEST_F(HardwareKey, ATokenThatIsPulledEndsTheGatewayInOrder) {
  if (!has_soft_token()) SUDARE_NOT_RUN("softhsm2, opensc, libengine-pkcs11-openssl");
  SoftToken token(chip_directory_.path() / "token");
  begin(token);
  unit_->recipient();
  unit_->start();
  publish(0, 5);
  ASSERT_TRUE(unit_->wait_for_numbers(5)) << unit_->log();
  token.pull();
  unit_->cloud().restart();
  publish(5, 5);
  EXPECT_EQ(unit_->gateway().wait(std::chrono::seconds(30)), 1) << unit_->log();
  EXPECT_THAT(unit_->log(), HasSubstr("key_token_lost"));
  fs::create_directory(token.store());
  token.plug();
  unit_->start();
  EXPECT_TRUE(unit_->wait_for_numbers(10)) << unit_->log();
}

TEST_F(HardwareKey, AWrongPinIsSaidAndNotThePinAndTheRightOneIsTaken) {
  if (!has_soft_token()) SUDARE_NOT_RUN("softhsm2, opensc, libengine-pkcs11-openssl");
  SoftToken token(chip_directory_.path() / "token");
  begin(token);
  std::ofstream(token.pin_file()) << "97531\n";
  unit_->recipient();
  unit_->start();
  publish(0, 5);
  const auto said = [this] { return unit_->log().find("key_pin_refused") != std::string::npos; };
  EXPECT_TRUE(eventually(said)) << unit_->log();
  EXPECT_THAT(unit_->log(), Not(HasSubstr("97531")));
  EXPECT_TRUE(unit_->gateway().running());
  std::ofstream(token.pin_file()) << "4711\n";
  EXPECT_TRUE(unit_->wait_for_numbers(5)) << unit_->log();
}

// swtpm is reached over TCP, anew for each command, which the sandbox does not let: the kernel's
// device of a TPM is opened before.
TEST_F(HardwareKey, InATpmItSignsForTheGatewayAndAgainAfterARestart) {
  if (!has_soft_tpm()) SUDARE_NOT_RUN("swtpm, tpm2-tools, tpm2-openssl");
  SoftTpm tpm(chip_directory_.path() / "tpm");
  begin(tpm);
  unit_->use_program(SUDARE_GATEWAY_WITHOUT_SANDBOX);
  unit_->recipient();
  unit_->start();
  publish(0, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(5)) << unit_->log();
  unit_->cloud().restart();
  publish(5, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(10)) << unit_->log();
  EXPECT_EQ(unit_->stop().status, 0);
  unit_->start();
  publish(10, 5);
  EXPECT_TRUE(unit_->wait_for_numbers(15)) << unit_->log();
}

}  // namespace
}  // namespace sudare::testkit
