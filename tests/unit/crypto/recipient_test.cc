#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/bech32.h"
#include "crypto/open/identity.h"
#include "crypto/seal/recipient.h"

namespace sudare::age {
namespace {

using open_side::Identity;

// The recipient that the age specification shows, for an identity of 32 bytes 0x42.
constexpr std::string_view kSpecified =
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

Identity identity_of(std::uint8_t byte) {
  SecretBytes<kX25519Bytes> key;
  std::fill(key.bytes().begin(), key.bytes().end(), byte);
  return Identity::from_key(std::move(key));
}

TEST(RecipientTest, IsWhatTheSpecificationShows) {
  EXPECT_EQ(identity_of(0x42).recipient().to_string(), kSpecified);
  const auto parsed = Recipient::parse(kSpecified);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, identity_of(0x42).recipient());
}

TEST(RecipientTest, AnythingElseIsMalformed) {
  const std::string good(kSpecified);
  for (const std::string& text : {std::string(), good + "\n", " " + good, good.substr(1),
                                  std::string("age1"), std::string("ssh-ed25519 AAAA")}) {
    const auto parsed = Recipient::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kMalformed);
  }
}

TEST(RecipientTest, PointsOfLowOrderAreRefused) {
  for (const std::uint8_t first : {std::uint8_t{0}, std::uint8_t{1}}) {
    std::array<std::uint8_t, kX25519Bytes> point = {first};
    std::string text;
    bech32_encode("age", point, grow(text, bech32_characters(3, point.size())));
    const auto parsed = Recipient::parse(text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().code, ErrorCode::kRefused);
  }
}

TEST(RecipientTest, KeyIdsDiffer) {
  EXPECT_NE(identity_of(1).recipient().key_id(), identity_of(2).recipient().key_id());
  EXPECT_EQ(identity_of(1).recipient().key_id(), identity_of(1).recipient().key_id());
}

TEST(IdentityTest, EncodesToWhatItParses) {
  const Identity made = Identity::generate();
  const auto text = made.encode();
  const auto parsed = Identity::parse(text.bytes());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->recipient(), made.recipient());
  EXPECT_FALSE(Identity::parse(text.bytes().first(text.size() - 1)).has_value());
}

TEST(IdentityTest, GeneratedKeysDiffer) {
  EXPECT_NE(Identity::generate().recipient(), Identity::generate().recipient());
}

}  // namespace
}  // namespace sudare::age
