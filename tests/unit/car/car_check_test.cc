// A unit that was moved into another car stops, and not by a single wrong value.
#include "gateway/car/car_check.h"

#include <gtest/gtest.h>

#include "crypto/crypto_init.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

constexpr std::string_view kVin = "JTDKB20U793012345";
constexpr std::string_view kFrame = "ZVW30-1234567";

class CarCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    store_ = std::move(*Store::open({directory_.path() / "state", 1 << 20, 0}, clock_));
  }
  void provision(std::string_view vin, std::string_view frame) {
    CommitGroup group;
    ASSERT_TRUE(CarCheck::provision({}, vin, frame, group.state));
    ASSERT_TRUE(store_->commit(group));
    begin();
  }
  // As after a restart.
  void begin() {
    auto check = CarCheck::load(*store_);
    ASSERT_TRUE(check);
    check_ = std::move(*check);
  }
  void commit() {
    CommitGroup group;
    check_->take_changes(group.state);
    ASSERT_TRUE(store_->commit(group));
  }
  void put(const std::string& key, const std::string& value) {
    CommitGroup group;
    group.state.push_back({kCarModule, key, value});
    ASSERT_TRUE(store_->commit(group));
  }
  bool look(std::string_view vin, std::string_view frame = "", bool retained = false) {
    return check_->look(Personal<CarNumbers>({std::string(vin), std::string(frame)}), retained);
  }
  // A VIN that the fingerprint tells from the unit's: one in a thousand is not told.
  [[nodiscard]] std::string other_vin() const {
    const auto states = store_->states(kCarModule);
    const auto kept = CarCheck::fingerprint_of(*states);
    for (int i = 100'000;; ++i) {
      std::string vin = "WVWZZZ1KZAW" + std::to_string(i);
      if ((*kept)->match(vin, "") == CarFingerprint::Match::kOther) return vin;
    }
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CarCheck> check_;
};

TEST_F(CarCheckTest, DamagedStateIsRefused) {
  put("fingerprint", "nonsense");
  EXPECT_EQ(CarCheck::load(*store_).error().code, ErrorCode::kMalformed);
  put("fingerprint", "");
  put("differs", "3x");
  EXPECT_EQ(CarCheck::load(*store_).error().code, ErrorCode::kMalformed);
}

TEST_F(CarCheckTest, AUnitWithoutAFingerprintIsNotChecked) {
  begin();
  EXPECT_FALSE(check_->checked());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(look(kVin));
  EXPECT_FALSE(check_->moved());
}

TEST_F(CarCheckTest, ThreeValuesOfAnotherCarInARowStopTheUnit) {
  provision(kVin, "");
  const std::string other = other_vin();
  EXPECT_FALSE(look(other));
  EXPECT_FALSE(look(other));
  EXPECT_FALSE(check_->moved());
  EXPECT_TRUE(look(other));
  EXPECT_TRUE(check_->moved());
  EXPECT_FALSE(look(other)) << "said once";
  EXPECT_EQ(check_->differed(), 4U);
}

TEST_F(CarCheckTest, ItsOwnValueBeginsTheCountAnew) {
  provision(kVin, "");
  const std::string other = other_vin();
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(look(other));
    EXPECT_FALSE(look(other));
    EXPECT_FALSE(look(kVin));
  }
  EXPECT_FALSE(check_->moved());
}

TEST_F(CarCheckTest, FromTheFirstValueOfAnotherCarOnItIsInDoubtUntilItsOwn) {
  provision(kVin, "");
  EXPECT_FALSE(check_->stopped());
  EXPECT_FALSE(look(other_vin()));
  EXPECT_TRUE(check_->stopped());
  commit();
  begin();
  EXPECT_TRUE(check_->stopped()) << "over restarts";
  EXPECT_FALSE(look(kVin));
  EXPECT_FALSE(check_->stopped());
}

// It comes again with each subscription.
TEST_F(CarCheckTest, WhatTheBrokerRetainedMakesADoubtAndNeverMore) {
  provision(kVin, "");
  const std::string other = other_vin();
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(look(other, "", true));
    commit();
    begin();
  }
  EXPECT_TRUE(check_->stopped());
  EXPECT_FALSE(check_->moved());
  EXPECT_FALSE(look(kVin, "", true));
  EXPECT_FALSE(check_->stopped());
}

TEST_F(CarCheckTest, GarbledValuesNeitherCountNorForgive) {
  provision(kVin, "");
  const std::string other = other_vin();
  EXPECT_FALSE(look(other));
  EXPECT_FALSE(look("JTDKB20U79301234"));  // one short
  EXPECT_FALSE(look(""));
  EXPECT_FALSE(look("", kFrame));
  EXPECT_FALSE(look(other));
  EXPECT_FALSE(look("?????????????????"));
  EXPECT_TRUE(look(other));
}

TEST_F(CarCheckTest, OneOfTwoNumbersOfAnotherCarIsEnough) {
  provision(kVin, kFrame);
  const std::string other = other_vin();
  for (std::uint32_t i = 1; i < kCarDiffersMax; ++i) EXPECT_FALSE(look(other, kFrame));
  EXPECT_TRUE(look(other, kFrame));
}

// Many cars say who they are once a start.
TEST_F(CarCheckTest, TheCountLivesOverRestarts) {
  provision(kVin, "");
  const std::string other = other_vin();
  for (std::uint32_t i = 1; i < kCarDiffersMax; ++i) {
    EXPECT_FALSE(look(other));
    commit();
    begin();
  }
  EXPECT_TRUE(look(other));
}

TEST_F(CarCheckTest, AMovedUnitStaysMovedBackInItsOwnCar) {
  provision(kVin, "");
  const std::string other = other_vin();
  while (!look(other)) {
  }
  commit();
  begin();
  EXPECT_TRUE(check_->moved());
  EXPECT_FALSE(look(kVin));
  commit();
  begin();
  EXPECT_TRUE(check_->moved());
}

TEST_F(CarCheckTest, WhatDoesNotChangeIsNotWritten) {
  provision(kVin, "");
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(look(kVin));
  std::vector<StateEntry> changes;
  check_->take_changes(changes);
  EXPECT_TRUE(changes.empty());
}

TEST_F(CarCheckTest, ANewOwnerOfTheSameCarKeepsItsFingerprint) {
  provision(kVin, kFrame);
  const auto former = store_->states(kCarModule);
  std::vector<StateEntry> same;
  std::vector<StateEntry> another;
  ASSERT_TRUE(CarCheck::provision(*former, kVin, "zvw30-1234567", same));
  ASSERT_TRUE(CarCheck::provision(*former, other_vin(), kFrame, another));
  ASSERT_EQ(same.size(), 1U);
  ASSERT_EQ(another.size(), 1U);
  EXPECT_EQ(same[0].value, (*former)[0].value);
  EXPECT_NE(another[0].value, (*former)[0].value);
}

}  // namespace
}  // namespace sudare
