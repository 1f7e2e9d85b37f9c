// So few bits of a car's numbers that they name nobody.
#include "gateway/car/car_fingerprint.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/crypto_init.h"

namespace sudare {
namespace {

using Match = CarFingerprint::Match;

constexpr std::string_view kVin = "JTDKB20U793012345";
constexpr std::string_view kFrame = "ZVW30-1234567";

class CarFingerprintTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto_init()); }
  static std::string vin_of(int car) {
    std::string serial = std::to_string(100'000 + car);
    return "JTDKB20U793" + serial;
  }
};

TEST_F(CarFingerprintTest, WhatIsNoNumberHasNone) {
  EXPECT_FALSE(CarFingerprint::make("", ""));
  EXPECT_FALSE(CarFingerprint::make("not a VIN", "7"));
}

TEST_F(CarFingerprintTest, BytesThatAreNoneAreRefused) {
  const std::string good = CarFingerprint::make(kVin, "")->encode();
  ASSERT_EQ(good.size(), kFingerprintBytes);
  std::string version = good;
  version[0] = 2;
  std::string bits = good;
  bits[1] = 16;
  std::string over = good;
  over[18] = '\x04';  // 2^10: one more than ten bits hold
  std::string empty = good;
  empty[18] = empty[19] = '\xff';
  for (const std::string& bad :
       {version, bits, over, empty, good.substr(1), good + "x", std::string()}) {
    const auto decoded = CarFingerprint::decode(bad);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kMalformed);
  }
  EXPECT_TRUE(CarFingerprint::decode(good));
}

TEST_F(CarFingerprintTest, GarbledAndUnknownNumbersSayNothing) {
  const auto one = CarFingerprint::make(kVin, "");
  EXPECT_EQ(one->match("", ""), Match::kNothing);
  EXPECT_EQ(one->match("JTDKB20U79301234", ""), Match::kNothing);
  EXPECT_EQ(one->match("", kFrame), Match::kNothing);  // it was not known at provisioning
  EXPECT_FALSE(one->covers(kVin, kFrame));
  EXPECT_FALSE(one->covers("", kFrame));
  EXPECT_TRUE(one->covers("WVWZZZ1KZAW000123", ""));
}

TEST_F(CarFingerprintTest, TheSameCarIsKnownHoweverItIsWritten) {
  const auto one = CarFingerprint::make(kVin, kFrame);
  const auto read = CarFingerprint::decode(one->encode());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->match("jtdkb20u7 9301 2345", ""), Match::kSame);
  EXPECT_EQ(read->match("", "zvw30-1234567"), Match::kSame);
  EXPECT_EQ(read->match(kVin, kFrame), Match::kSame);
}

// A thousandth of all cars passes for this one, whoever looks: the unit that is moved, and the
// thief.
TEST_F(CarFingerprintTest, OneCarInAThousandLooksLikeThisOne) {
  constexpr int kCars = 100'000;
  const auto one = CarFingerprint::make(kVin, "");
  int same = 0;
  for (int car = 0; car < kCars; ++car) {
    same += one->match(vin_of(car), "") == Match::kSame ? 1 : 0;
  }
  EXPECT_GT(same, kCars / 1024 / 2);
  EXPECT_LT(same, kCars / 1024 * 2);
}

// Both numbers together tell no more than one: 2^-10 of those that know both of every car.
TEST_F(CarFingerprintTest, TwoNumbersTellNoMoreThanOne) {
  constexpr int kCars = 100'000;
  const auto one = CarFingerprint::make(kVin, kFrame);
  int same = 0;
  for (int car = 0; car < kCars; ++car) {
    const std::string frame = "ZVW30-" + std::to_string(1'000'000 + car);
    same += one->match(vin_of(car), frame) == Match::kSame ? 1 : 0;
  }
  EXPECT_GT(same, kCars / 1024 / 2);
  EXPECT_LT(same, kCars / 1024 * 2);
}

TEST_F(CarFingerprintTest, TwoFingerprintsOfACarAreNotAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(CarFingerprint::make(kVin, kFrame)->encode());
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace sudare
