#include "crypto/identity/epoch_chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "crypto/identity/batch_signature.h"
#include "crypto/identity/shares.h"

namespace sudare {
namespace {

RootKey root_of(std::uint8_t byte) {
  RootKey root;
  std::fill(root.bytes().begin(), root.bytes().end(), byte);
  return root;
}

Pseudonym pseudonym_at(const RootKey& root, std::string_view purpose, std::uint16_t days,
                       std::uint32_t epoch, int steps) {
  auto chain = chain_start(root, days);
  EXPECT_TRUE(chain.has_value());
  ChainKey current = std::move(*chain);
  for (int i = 0; i < steps; ++i) current = chain_step(current);
  const auto key = epoch_key(current, purpose, days, epoch);
  EXPECT_TRUE(key.has_value());
  return key->pseudonym;
}

TEST(EpochChainTest, PurposeRotationEpochVehicleAndStepEachChangeThePseudonym) {
  const RootKey root = root_of(1);
  const std::set<Pseudonym> all = {pseudonym_at(root, "traffic", 28, 700, 0),
                                   pseudonym_at(root, "diagnosis", 28, 700, 0),
                                   pseudonym_at(root, "traffic", 7, 700, 0),
                                   pseudonym_at(root, "traffic", 28, 701, 0),
                                   pseudonym_at(root, "traffic", 28, 700, 1),
                                   pseudonym_at(root_of(2), "traffic", 28, 700, 0),
                                   pseudonym_at(root, "traffic", kUntilTransfer, 700, 0)};
  EXPECT_EQ(all.size(), 7U);
  EXPECT_EQ(pseudonym_at(root, "traffic", 28, 700, 0), pseudonym_at(root, "traffic", 28, 700, 0));
}

TEST(EpochChainTest, OtherRotationLengthsAreRefused) {
  EXPECT_EQ(chain_start(root_of(1), 30).error().code, ErrorCode::kRefused);
}

TEST(EpochChainTest, PurposesHaveANameThatFitsItsLength) {
  const auto chain = chain_start(root_of(1), 1);
  EXPECT_EQ(epoch_key(*chain, "", 1, 0).error().code, ErrorCode::kRefused);
  EXPECT_EQ(epoch_key(*chain, std::string(256, 'x'), 1, 0).error().code, ErrorCode::kRefused);
  EXPECT_TRUE(epoch_key(*chain, std::string(255, 'x'), 1, 0).has_value());
}

TEST(EpochChainTest, TheRecipientComputesThePseudonymFromThePublicKey) {
  const auto chain = chain_start(root_of(1), 28);
  const auto key = epoch_key(*chain, "traffic", 28, 700);
  EXPECT_EQ(*pseudonym_of("traffic", 28, 700, key->public_key), key->pseudonym);
}

TEST(EpochChainTest, EpochsAreAlignedToTheUnixDay) {
  EXPECT_EQ(epoch_of_day(1, 20'000), 20'000U);
  EXPECT_EQ(epoch_of_day(28, 27), 0U);
  EXPECT_EQ(epoch_of_day(28, 28), 1U);
  EXPECT_EQ(epoch_of_day(364, 20'000), 54U);
}

TEST(EpochChainTest, APurposeHasANameOf1To255Bytes) {
  const auto chain = chain_start(root_of(9), 28);
  ASSERT_TRUE(chain);
  const auto key = epoch_key(*chain, std::string(255, 'p'), 28, 1);
  ASSERT_TRUE(key);
  for (const std::string& name : {std::string(), std::string(256, 'p')}) {
    EXPECT_EQ(epoch_key(*chain, name, 28, 1).error().code, ErrorCode::kRefused);
    EXPECT_EQ(pseudonym_of(name, 28, 1, key->public_key).error().code, ErrorCode::kRefused);
    EXPECT_EQ(sign_batch(*key, name, bytes_of("x")).error().code, ErrorCode::kRefused);
    EXPECT_EQ(verify_batch(key->public_key, name, bytes_of("x"), {}).error().code,
              ErrorCode::kRefused);
  }
}

TEST(EpochChainTest, AWalkIsAsManySteps) {
  RootKey root;
  random_bytes(root.bytes());
  auto stepped = chain_start(root, 28);
  auto walked = chain_start(root, 28);
  ASSERT_TRUE(stepped && walked);
  chain_walk(*walked, 0);
  EXPECT_TRUE(constant_time_equal(walked->bytes(), stepped->bytes()));
  for (int i = 0; i < 5; ++i) *stepped = chain_step(*stepped);
  chain_walk(*walked, 5);
  EXPECT_TRUE(constant_time_equal(walked->bytes(), stepped->bytes()));
}

TEST(SharesTest, BothTogetherAreTheSecretAndEachAloneIsNot) {
  RootKey root = root_of(9);
  const Shares shares = split_secret(root.bytes());
  EXPECT_FALSE(constant_time_equal(shares.first.bytes(), root.bytes()));
  EXPECT_FALSE(constant_time_equal(shares.second.bytes(), root.bytes()));
  const auto joined = join_shares(shares.first.bytes(), shares.second.bytes());
  ASSERT_TRUE(joined.has_value());
  EXPECT_TRUE(constant_time_equal(joined->bytes(), root.bytes()));
  const Shares again = split_secret(root.bytes());
  EXPECT_FALSE(constant_time_equal(shares.first.bytes(), again.first.bytes()));
}

TEST(SharesTest, SharesOfDifferentLengthsDoNotJoin) {
  const Shares shares = split_secret(root_of(9).bytes());
  EXPECT_FALSE(join_shares(shares.first.bytes(), shares.second.bytes().first(31)).has_value());
}

}  // namespace
}  // namespace sudare
