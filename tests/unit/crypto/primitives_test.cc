#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

#include "crypto/base64.h"
#include "crypto/bech32.h"
#include "crypto/hkdf.h"
#include "crypto/secret_bytes.h"
#include "tests/testkit/sanitized.h"

namespace sudare {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes<32>>);
static_assert(!std::is_copy_assignable_v<SecretBytes<32>>);
static_assert(!std::is_copy_constructible_v<SecretBuffer>);
static_assert(!std::is_copy_assignable_v<SecretBuffer>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes<32>>);

std::vector<std::uint8_t> counting(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

TEST(SecretBytesTest, StartsAsZeroAndMovesWithoutCopying) {
  SecretBytes<32> secret;
  EXPECT_EQ(std::accumulate(secret.bytes().begin(), secret.bytes().end(), 0), 0);
  secret.bytes()[0] = 7;
  const std::uint8_t* where = secret.bytes().data();
  const SecretBytes<32> moved = std::move(secret);
  EXPECT_EQ(moved.bytes().data(), where);
  EXPECT_EQ(moved.bytes()[0], 7);
}

TEST(SecretBytesDeathTest, ReadingPastTheEndHitsAGuardPage) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer reports what is meant here";
  EXPECT_DEATH(
      {
        SecretBytes<32> secret;
        const volatile std::uint8_t* past = secret.bytes().data() + secret.size();
        (void)*past;
      },
      "");
}

// In a process of its own: it can't be taken back.
TEST(SecretBytesDeathTest, SharedPagesHoldManySecretsApartAndWipeThem) {
  const auto share = [] {
    SecretBytes<32> before;
    share_secret_pages();
    std::vector<SecretBytes<32>> many(1000);  // with pages of their own these are 4000 mappings
    for (std::size_t i = 0; i < many.size(); ++i) many[i].bytes()[0] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < many.size(); ++i) {
      if (many[i].bytes()[0] != static_cast<std::uint8_t>(i)) std::exit(1);
    }
    before = std::move(many.front());
    const std::uint8_t* const place = many.back().bytes().data();
    many.clear();
    const SecretBytes<32> again;
    std::exit(*place == 0 && again.bytes()[0] == 0 ? 0 : 2);
  };
  EXPECT_EXIT(share(), testing::ExitedWithCode(0), "");
}

TEST(SecretBytesTest, AnEmptySecretTakesNoMemory) {
  SecretBuffer none(0);
  EXPECT_TRUE(none.bytes().empty());
  const SecretBuffer moved = std::move(none);
  EXPECT_TRUE(moved.bytes().empty());
}

// A unit whose limit is too low goes on, and its status says so.
TEST(SecretBytesDeathTest, MemoryThatCannotBeLockedIsCounted) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer takes mlock() for itself";
  const auto without_limit = [] {
    constexpr uid_t kNobody = 65534;
    constexpr rlimit kNone = {0, 0};
    const uid_t user = geteuid();
    if (setrlimit(RLIMIT_MEMLOCK, &kNone) != 0) std::exit(1);
    if (user == 0 && seteuid(kNobody) != 0) std::exit(2);  // root may lock what it likes
    const std::uint64_t before = secrets_not_locked();
    SecretBytes<32> secret;
    secret.bytes()[0] = 7;
    const bool told = secret.bytes()[0] == 7 && secrets_not_locked() == before + 1;
    std::exit(seteuid(user) == 0 && told ? 0 : 3);
  };
  EXPECT_EXIT(without_limit(), testing::ExitedWithCode(0), "");
}

TEST(SecretBytesTest, RandomBytesDiffer) {
  SecretBytes<32> a;
  SecretBytes<32> b;
  random_bytes(a.bytes());
  random_bytes(b.bytes());
  EXPECT_FALSE(constant_time_equal(a.bytes(), b.bytes()));
  EXPECT_TRUE(constant_time_equal(a.bytes(), a.bytes()));
}

TEST(SecretBytesTest, UnequalLengthsAreNotEqual) {
  const std::vector<std::uint8_t> bytes = counting(8);
  EXPECT_FALSE(constant_time_equal(bytes, ByteSpan(bytes).first(7)));
  EXPECT_TRUE(constant_time_equal({}, {}));
}

TEST(HkdfTest, PartsAreTheSameAsTheirConcatenation) {
  const std::vector<std::uint8_t> key = counting(32);
  std::array<std::uint8_t, 80> whole{};
  std::array<std::uint8_t, 80> parts{};
  hkdf_expand(key, {bytes_of("abcdef")}, whole);
  hkdf_expand(key, {bytes_of("abc"), {}, bytes_of("def")}, parts);
  EXPECT_EQ(whole, parts);
}

TEST(Base64Test, RoundTripsEveryLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::vector<std::uint8_t> bytes = counting(size);
    std::string text;
    base64_append(bytes, text);
    EXPECT_EQ(text.size(), base64_characters(size));
    std::string decoded;
    ASSERT_TRUE(base64_decode(text, decoded).has_value());
    EXPECT_EQ(decoded, text_of(bytes));
  }
}

TEST(Base64Test, OnlyTheCanonicalFormIsAccepted) {
  std::string out;
  EXPECT_TRUE(base64_decode("Zg", out).has_value());
  EXPECT_EQ(out, "f");
  for (const char* text : {"Zh", "Zg=", "Zg==", "Z", "Zg\n", " Zg", "Z-", "Zm9vY", "Zm9="}) {
    EXPECT_FALSE(base64_decode(text, out).has_value()) << text;
  }
}

// Found by signed_policy_fuzz: libsodium alone takes all of them for "/".
TEST(Base64Test, BytesBeyondAsciiAreRefused) {
  for (int byte = 0x80; byte <= 0xff; ++byte) {
    std::string out;
    const std::string text = std::string("Zm9") + static_cast<char>(byte);
    EXPECT_FALSE(base64_decode(text, out).has_value()) << byte;
  }
}

std::string encoded(std::string_view prefix, std::size_t size) {
  std::string text;
  bech32_encode(prefix, counting(size), grow(text, bech32_characters(prefix.size(), size)));
  return text;
}

TEST(Bech32Test, RoundTripsEveryLengthInBothCases) {
  for (std::size_t size = 0; size < 70; ++size) {
    for (const std::string_view prefix : {"age", "AGE-SECRET-KEY-"}) {
      const std::string text = encoded(prefix, size);
      std::vector<std::uint8_t> data(size);
      ASSERT_TRUE(bech32_decode(prefix, bytes_of(text), data).has_value()) << text;
      EXPECT_EQ(data, counting(size));
    }
  }
}

TEST(Bech32Test, AnyChangedCharacterIsNoticed) {
  const std::string text = encoded("age", 32);
  std::vector<std::uint8_t> data(32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      changed[i] = static_cast<char>(c);
      EXPECT_EQ(bech32_decode("age", bytes_of(changed), data).has_value(), changed == text);
    }
  }
}

TEST(Bech32Test, PrefixCaseAndLengthMustFit) {
  const std::string text = encoded("age", 32);
  std::string upper = text;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  std::vector<std::uint8_t> data(32);
  EXPECT_FALSE(bech32_decode("age", bytes_of(upper), data).has_value());
  EXPECT_TRUE(bech32_decode("AGE", bytes_of(upper), data).has_value());
  EXPECT_FALSE(bech32_decode("agf", bytes_of(text), data).has_value());
  EXPECT_FALSE(bech32_decode("age", bytes_of(text + "q"), data).has_value());
  data.resize(31);
  EXPECT_FALSE(bech32_decode("age", bytes_of(text), data).has_value());
}

// Of BIP 173: prefixes of other characters, and no data at all.
TEST(Bech32Test, VectorsWithOtherPrefixesAreRead) {
  EXPECT_TRUE(bech32_decode("?", bytes_of("?1ezyfcl"), {}));
  std::vector<std::uint8_t> data(30);
  EXPECT_TRUE(bech32_decode(
      "split", bytes_of("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"), data));
}

// Of BIP 173, too: their checksums are right, and they differ in the last bit that is no data.
TEST(Bech32Test, LeftOverBitsMustBeZero) {
  const std::string start = "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3";
  std::vector<std::uint8_t> data(33);
  EXPECT_TRUE(bech32_decode("tb", bytes_of(start + "q0sl5k7"), data));
  const Status decoded = bech32_decode("tb", bytes_of(start + "pjxtptv"), data);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().what.view(), "bech32: left-over bits");
}

}  // namespace
}  // namespace sudare
