// The relink authority's records, opened with one organisation's key or both.
#include "fleet/authority/provisioned_cars.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "crypto/crypto_init.h"
#include "fleet/provision/sealed_shares.h"
#include "sudare/v1/provisioning.pb.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

class ProvisionedCarsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    both_.push_back(age::open_side::Identity::generate());
    both_.push_back(age::open_side::Identity::generate());
  }
  // The shares of a car, in a.age and b.age of its own name.
  void provision(const std::string& name, const std::string& vin) {
    ProvisionOptions options;
    options.identity.vin = vin;
    options.authorities = {both_[0].recipient(), both_[1].recipient()};
    RootKey root;
    random_bytes(root.bytes());
    const auto shares = seal_shares(options, 20'000, 3, root);
    ASSERT_TRUE(shares);
    for (std::size_t i = 0; i < 2; ++i) write(name + "." + std::to_string(i + 1), (*shares)[i]);
  }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(directory_.path() / name, std::ios::binary) << bytes;
  }
  ProvisionedCarsCounts read(std::span<const age::open_side::Identity> identities) {
    vins_.clear();
    const auto counts = for_each_car({{directory_.path().string()}, {}}, identities,
                                     [this](ProvisionedCar& car) -> Status {
                                       vins_.push_back(car.identity.vin);
                                       EXPECT_EQ(car.transfers, 3U);
                                       return Done{};
                                     });
    EXPECT_TRUE(counts);
    return counts ? *counts : ProvisionedCarsCounts{};
  }

  testkit::TemporaryDirectory directory_;
  std::vector<age::open_side::Identity> both_;
  std::vector<std::string> vins_;
};

TEST_F(ProvisionedCarsTest, NeitherKeyAloneGivesAnything) {
  provision("a", "JTDKB20U793012345");
  for (std::size_t i = 0; i < 2; ++i) {
    const auto counts = read({&both_[i], 1});
    EXPECT_EQ(counts.cars, 0U);
    EXPECT_EQ(counts.lone_shares, 1U);
    EXPECT_EQ(counts.unusable, 1U);
  }
  EXPECT_EQ(read(both_).cars, 1U);
  EXPECT_THAT(vins_, testing::ElementsAre("JTDKB20U793012345"));
}

TEST_F(ProvisionedCarsTest, SharesFindEachOtherInAnyOrder) {
  provision("a", "JTDKB20U793012345");
  provision("b", "JTDKB20U793012346");
  std::filesystem::rename(directory_.path() / "a.1", directory_.path() / "z.1");
  const auto counts = read(both_);
  EXPECT_EQ(counts.cars, 2U);
  EXPECT_EQ(counts.lone_shares, 0U);
}

TEST_F(ProvisionedCarsTest, ACopyOfARecordIsOneCar) {
  provision("a", "JTDKB20U793012345");
  std::filesystem::copy(directory_.path() / "a.1", directory_.path() / "copy.1");
  std::filesystem::copy(directory_.path() / "a.2", directory_.path() / "copy.2");
  const auto counts = read(both_);
  EXPECT_EQ(counts.cars, 1U);
  EXPECT_EQ(counts.lone_shares, 0U);
}

TEST_F(ProvisionedCarsTest, WhatIsNoRecordIsToldAndTheRestGoesOn) {
  provision("b", "JTDKB20U793012345");
  write("a", "hello");
  const auto counts = read(both_);
  EXPECT_EQ(counts.unusable, 1U);
  EXPECT_EQ(counts.cars, 1U);
  EXPECT_EQ(for_each_car({{"no/such/path"}, {}}, both_, {}).error().code, ErrorCode::kNotFound);
}

TEST_F(ProvisionedCarsTest, SharesAndRecordsAreReadStrictly) {
  v1::ProvisioningShare share;
  share.set_version(1);
  share.set_id(std::string(16, 'i'));
  share.set_index(1);
  share.set_count(2);
  EXPECT_TRUE(parse_share(bytes_of(share.SerializeAsString())));
  share.set_index(3);
  EXPECT_FALSE(parse_share(bytes_of(share.SerializeAsString())));
  share.set_index(1);
  share.set_version(2);
  EXPECT_EQ(parse_share(bytes_of(share.SerializeAsString())).error().code, ErrorCode::kUnsupported);
  v1::Provisioning record;
  record.set_version(1);
  record.set_root(std::string(31, 'r'));
  EXPECT_FALSE(parse_provisioned_car(bytes_of(record.SerializeAsString())));
  record.set_root(std::string(32, 'r'));
  EXPECT_TRUE(parse_provisioned_car(bytes_of(record.SerializeAsString())));
}

}  // namespace
}  // namespace sudare
