// How often a chip is asked with a wrong PIN, which it counts before it locks. The engine, the
// provider and what they remember and count are a process's: each test forks one of its own.
#include "gateway/mqtt/hardware_key.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>

#include "tests/testkit/certificates.h"
#include "tests/testkit/chips.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

// Where the body fails, its process ends with 1, and gtest shows what it said.
void in_own_process(const std::function<void()>& body) {
  EXPECT_EXIT(
      {
        body();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

class HardwareKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!testkit::has_soft_token()) SUDARE_NOT_RUN("softhsm2, libengine-pkcs11-openssl");
    token_ = std::make_unique<testkit::SoftToken>(directory_.path() / "token");
    testkit::CertificateAuthority authority(directory_.path());
    token_->take(authority.client("unit").key);
    peer_.key_file = token_->uri();
    peer_.key_pin_file = token_->pin_file();
    peer_.key_module = testkit::SoftToken::counting_module();
  }
  void pin(const char* text) const { std::ofstream(peer_.key_pin_file) << text << "\n"; }
  [[nodiscard]] ErrorCode failure() const {
    const auto key = load_hardware_key(peer_);
    EXPECT_FALSE(key);
    return key ? ErrorCode::kInternal : key.error().code;
  }

  testkit::TemporaryDirectory directory_;
  std::unique_ptr<testkit::SoftToken> token_;
  MqttPeer peer_;
};

TEST_F(HardwareKeyTest, AWrongPinIsTriedOnce) {
  in_own_process([this] {
    pin("97531");
    ASSERT_TRUE(prepare_hardware_key(peer_));
    EXPECT_EQ(testkit::SoftToken::logins(), 1);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(failure(), ErrorCode::kRefused);
    EXPECT_EQ(testkit::SoftToken::logins(), 1);
    EXPECT_EQ(hardware_pins_refused(), 1U);
  });
}

TEST_F(HardwareKeyTest, AnotherPinInTheFileIsTried) {
  in_own_process([this] {
    pin("97531");
    ASSERT_TRUE(prepare_hardware_key(peer_));
    pin("86420");
    EXPECT_EQ(failure(), ErrorCode::kRefused);
    EXPECT_EQ(failure(), ErrorCode::kRefused);
    EXPECT_EQ(testkit::SoftToken::logins(), 2);
    EXPECT_EQ(hardware_pins_refused(), 2U);
    pin("4711");
    EXPECT_TRUE(load_hardware_key(peer_));
    EXPECT_FALSE(hardware_key_lost());
  });
}

TEST_F(HardwareKeyTest, ATokenThatIsAwayDoesNotSpoilThePin) {
  in_own_process([this] {
    token_->pull();
    ASSERT_TRUE(prepare_hardware_key(peer_));
    EXPECT_EQ(failure(), ErrorCode::kUnavailable);
    token_->plug();
    EXPECT_TRUE(load_hardware_key(peer_));
    EXPECT_EQ(hardware_pins_refused(), 0U);
  });
}

class TpmKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!testkit::has_soft_tpm()) SUDARE_NOT_RUN("swtpm, tpm2-tools, tpm2-openssl");
    tpm_ = std::make_unique<testkit::SoftTpm>(directory_.path() / "tpm");
    for (const auto& [name, value] : tpm_->environment()) setenv(name.c_str(), value.c_str(), 1);
    testkit::CertificateAuthority authority(directory_.path());
    tpm_->take(authority.client("unit").key);
    peer_.key_file = tpm_->uri();
    peer_.key_pin_file = tpm_->pin_file();
  }
  testkit::TemporaryDirectory directory_;
  std::unique_ptr<testkit::SoftTpm> tpm_;
  MqttPeer peer_;
};

TEST_F(TpmKeyTest, AWrongPinIsRefusedAndAnotherOneTaken) {
  in_own_process([this] {
    std::ofstream(peer_.key_pin_file) << "97531\n";
    ASSERT_TRUE(prepare_hardware_key(peer_));
    const auto refused = load_hardware_key(peer_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRefused);
    EXPECT_EQ(hardware_pins_refused(), 1U);
    std::ofstream(peer_.key_pin_file) << "4711\n";
    EXPECT_TRUE(load_hardware_key(peer_));
  });
}

}  // namespace
}  // namespace sudare
