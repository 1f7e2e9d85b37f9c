// What the relink authority signs, and how its cars are named.
#include <gmock/gmock.h>

#include <cstring>

#include "crypto/crypto_init.h"
#include "fleet/authority/car_name.h"
#include "fleet/authority/car_pseudonyms.h"
#include "fleet/authority/erasure_order.h"
#include "fleet/authority/member_list.h"

namespace sudare {
namespace {

constexpr std::int64_t kToday = 20'000;

Pseudonym pseudonym(std::uint8_t byte) {
  Pseudonym made{};
  made.fill(byte);
  return made;
}

// Bytes, a few at a time.
ReadBytes reading(const std::string& file) {
  return [&file, at = std::size_t{0}](MutableByteSpan out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({out.size(), file.size() - at, std::size_t{7000}});
    std::memcpy(out.data(), file.data() + at, count);
    at += count;
    return count;
  };
}

class SignedListTest : public testing::Test {
 protected:
  SignedListTest() : authorities_{key_.authority()} { EXPECT_TRUE(crypto_init()); }

  MemberList members(std::vector<Pseudonym> pseudonyms) {
    MemberList list;
    list.purpose = "traffic";
    list.rotation_days = 28;
    list.epoch = 714;
    list.issued_day = kToday;
    list.not_after_day = kToday + 90;
    list.serial = serial_;
    list.pseudonyms = std::move(pseudonyms);
    return list;
  }
  std::string file(std::vector<Pseudonym> pseudonyms) {
    auto bytes = write_member_list(members(std::move(pseudonyms)), key_);
    EXPECT_TRUE(bytes);
    return *bytes;
  }
  Result<MemberList> read(const std::string& bytes) {
    return read_member_list(reading(bytes), authorities_);
  }

  SigningKey key_ = SigningKey::generate();
  std::vector<AuthorityKey> authorities_;
  std::uint64_t serial_ = 1;
};

TEST_F(SignedListTest, EveryByteCounts) {
  const std::string good = file({pseudonym(1), pseudonym(2)});
  ASSERT_TRUE(read(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string forged = good;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_FALSE(read(forged)) << i;
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{10}, good.size() - 1}) {
    const auto cut = read(good.substr(0, length));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::kMalformed);
  }
  EXPECT_EQ(read(good + "x").error().code, ErrorCode::kMalformed);
}

TEST_F(SignedListTest, AnotherAuthoritysListIsRefused) {
  const std::string bytes = file({pseudonym(1)});
  authorities_ = {SigningKey::generate().authority()};
  EXPECT_EQ(read(bytes).error().code, ErrorCode::kAuthentication);
  authorities_.push_back(key_.authority());
  EXPECT_TRUE(read(bytes)) << "one of several";
  authorities_.clear();
  EXPECT_EQ(read(bytes).error().code, ErrorCode::kAuthentication);
}

TEST_F(SignedListTest, AnOrderIsNoMemberList) {
  ErasureOrder order;
  order.purpose = "traffic";
  const auto bytes = write_erasure_order(order, key_);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(read(*bytes).error().code, ErrorCode::kMalformed);
}

TEST_F(SignedListTest, TellsNeitherOrderNorNumberOfCars) {
  const auto small = read(file({pseudonym(9), pseudonym(1)}));
  ASSERT_TRUE(small);
  EXPECT_TRUE(std::is_sorted(small->pseudonyms.begin(), small->pseudonyms.end()));
  EXPECT_EQ(small->pseudonyms.size(), 64U);
  EXPECT_EQ(file({pseudonym(1)}).size(), file({pseudonym(1), pseudonym(2), pseudonym(3)}).size());
}

TEST_F(SignedListTest, AHugeCountIsRefusedBeforeMemoryIsSpent) {
  std::string bytes = file({pseudonym(1)});
  bytes[22] = '\x7f';  // the most significant byte of the count
  EXPECT_EQ(read(bytes).error().code, ErrorCode::kTooLarge);
}

class MemberListsTest : public SignedListTest {
 protected:
  static std::string_view text(const Pseudonym& one) { return text_of(one); }
  MemberLists lists_;
};

TEST_F(MemberListsTest, WhatIsNotForThisPurposeOrOutOfDateIsRefused) {
  EXPECT_EQ(lists_.add(members({pseudonym(1)}), "repair", kToday).error().code,
            ErrorCode::kRefused);
  EXPECT_EQ(lists_.add(members({pseudonym(1)}), "traffic", kToday + 91).error().code,
            ErrorCode::kExpired);
  EXPECT_TRUE(lists_.empty());
}

TEST_F(MemberListsTest, MembersAreOfTheirEpochAlone) {
  ASSERT_TRUE(lists_.add(members({pseudonym(1)}), "traffic", kToday));
  EXPECT_TRUE(lists_.contains(28, 714, text(pseudonym(1)), kToday));
  EXPECT_FALSE(lists_.contains(28, 714, text(pseudonym(2)), kToday));
  EXPECT_FALSE(lists_.contains(28, 715, text(pseudonym(1)), kToday));
  EXPECT_FALSE(lists_.contains(7, 714, text(pseudonym(1)), kToday));
  EXPECT_FALSE(lists_.contains(28, 714, "short", kToday));
}

TEST_F(MemberListsTest, AListEndsWhileItsRecipientRuns) {
  ASSERT_TRUE(lists_.add(members({pseudonym(1)}), "traffic", kToday));
  EXPECT_TRUE(lists_.contains(28, 714, text(pseudonym(1)), kToday + 90));
  EXPECT_FALSE(lists_.contains(28, 714, text(pseudonym(1)), kToday + 91));
}

TEST_F(MemberListsTest, TheGreaterSerialHoldsInEitherOrder) {
  for (const bool newest_first : {false, true}) {
    MemberLists lists;
    for (const std::uint64_t serial :
         newest_first ? std::vector<std::uint64_t>{2, 1} : std::vector<std::uint64_t>{1, 2}) {
      serial_ = serial;
      ASSERT_TRUE(
          lists.add(members({pseudonym(static_cast<std::uint8_t>(serial))}), "traffic", kToday));
    }
    EXPECT_FALSE(lists.contains(28, 714, text(pseudonym(1)), kToday));
    EXPECT_TRUE(lists.contains(28, 714, text(pseudonym(2)), kToday));
  }
}

class ErasureOrdersTest : public SignedListTest {
 protected:
  ErasureOrder order(bool every_time) {
    ErasureOrder made;
    made.purpose = "traffic";
    made.every_time = every_time;
    made.first_day = kToday;
    made.last_day = kToday + 1;
    made.pseudonyms = {pseudonym(1)};
    return made;
  }
  // Through a file.
  ErasureOrder signed_order(bool every_time) {
    const auto bytes = write_erasure_order(order(every_time), key_);
    EXPECT_TRUE(bytes);
    auto back = read_erasure_order(reading(*bytes), authorities_);
    EXPECT_TRUE(back);
    return *back;
  }
  static std::string_view text(const Pseudonym& one) { return text_of(one); }
  ErasureOrders orders_;
};

TEST_F(ErasureOrdersTest, AnotherPurposesOrderIsRefused) {
  EXPECT_EQ(orders_.add(order(true), "repair").error().code, ErrorCode::kRefused);
}

TEST_F(ErasureOrdersTest, APurposeThatWouldBeAPathIsNone) {
  ErasureOrder bad = order(true);
  bad.purpose = "../traffic";
  const auto bytes = write_erasure_order(bad, key_);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(read_erasure_order(reading(*bytes), authorities_).error().code, ErrorCode::kMalformed);
}

TEST_F(ErasureOrdersTest, EveryTimeIsEveryTime) {
  ASSERT_TRUE(orders_.add(signed_order(true), "traffic"));
  EXPECT_TRUE(orders_.names(text(pseudonym(1)), 0));
  EXPECT_TRUE(orders_.names(text(pseudonym(1)), -1));
  EXPECT_TRUE(orders_.names(text(pseudonym(1)), std::numeric_limits<std::int64_t>::max()));
  EXPECT_FALSE(orders_.names(text(pseudonym(2)), 0));
}

TEST_F(ErasureOrdersTest, DaysAreIncluded) {
  ASSERT_TRUE(orders_.add(signed_order(false), "traffic"));
  EXPECT_FALSE(orders_.names(text(pseudonym(1)), kToday * kMsPerDay - 1));
  EXPECT_TRUE(orders_.names(text(pseudonym(1)), kToday * kMsPerDay));
  EXPECT_TRUE(orders_.names(text(pseudonym(1)), (kToday + 2) * kMsPerDay - 1));
  EXPECT_FALSE(orders_.names(text(pseudonym(1)), (kToday + 2) * kMsPerDay));
}

// --- keys

TEST(SigningKeyTest, TextIsReadBack) {
  ASSERT_TRUE(crypto_init());
  const SigningKey key = SigningKey::generate();
  const auto text = key.encode();
  const auto back = SigningKey::parse(text.bytes());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->authority().to_string(), key.authority().to_string());
  const auto authority = AuthorityKey::parse(key.authority().to_string());
  ASSERT_TRUE(authority);
  EXPECT_TRUE(signed_by_any({&*authority, 1}, "text", back->sign("text")));
  EXPECT_FALSE(signed_by_any({&*authority, 1}, "other", back->sign("text")));
}

TEST(SigningKeyTest, WhatIsNotOneKeyIsRefused) {
  ASSERT_TRUE(crypto_init());
  const auto text = SigningKey::generate().encode();
  const std::string line = std::string(text_of(text.bytes())) + "\n";
  EXPECT_TRUE(parse_signing_key_file(bytes_of("# comment\n\n" + line)));
  EXPECT_FALSE(parse_signing_key_file(bytes_of(line + line)));
  EXPECT_FALSE(parse_signing_key_file({}));
  EXPECT_FALSE(parse_signing_key_file(bytes_of("hello\n")));
  EXPECT_FALSE(
      AuthorityKey::parse("age1eammhdqgtzv873f4zvf92cf8g5zd2m5d7r5tts3x4cesenx7hcaq9r65en"));
}

// --- names

TEST(CarNameTest, FormsOfAFrameNumberAreOne) {
  const std::string name = frame_name("ZVW30-1234567");
  for (const char* form : {"zvw30-1234567", "ＺＶＷ３０－１２３４５６７", "ZVW30 1234567",
                           " ZVW30 - 1234567 ", "Z V W 3 0 - 1 2 3 4 5 6 7", "ZVW30ー1234567"}) {
    EXPECT_EQ(frame_name(form), name) << form;
  }
  EXPECT_NE(frame_name("ZVW30-1234568"), name);
}

TEST(CarNameTest, StampedNumbersOfTwoOfficesAreTwo) {
  EXPECT_EQ(frame_name("国[01]00001国"), frame_name("国［０１］００００１国"));
  EXPECT_NE(frame_name("国[01]00001国"), frame_name("東[01]00001東"));
  EXPECT_NE(frame_name("国[01]00001国"), frame_name("国[02]00001国"));
}

TEST(CarNameTest, FormsOfAVinAreOneAndAVinIsNoFrameNumber) {
  EXPECT_EQ(vin_name("jtdkb20u793012345"), vin_name("JTDKB-20U7-9301 2345"));
  EXPECT_NE(vin_name("JTDKB20U793012345"), frame_name("JTDKB20U793012345"));
  EXPECT_EQ(vin_name(" "), "");
  EXPECT_EQ(names_of({"JTDKB20U793012345", "", ""}).size(), 1U);
}

// --- pseudonyms of a car

class CarPseudonymsTest : public testing::Test {
 protected:
  CarPseudonymsTest() {
    EXPECT_TRUE(crypto_init());
    random_bytes(car_.root.bytes());
    car_.day = kToday;
    car_.transfers = 2;
  }
  std::vector<CarPseudonym> of(std::uint16_t rotation, std::int64_t first, std::int64_t last) {
    std::vector<CarPseudonym> found;
    status_ = for_each_pseudonym(car_, {{"traffic", rotation}}, {first, last},
                                 [&](const CarPseudonym& one) -> Status {
                                   found.push_back(one);
                                   return Done{};
                                 });
    return found;
  }
  ProvisionedCar car_;
  Status status_;
};

TEST_F(CarPseudonymsTest, AreThoseThatTheCarHas) {
  const auto found = of(28, kToday, kToday + 28);
  ASSERT_EQ(found.size(), 2U);
  auto chain = chain_start(car_.root, 28);
  ASSERT_TRUE(chain);
  EXPECT_EQ(found[0].pseudonym, epoch_key(*chain, "traffic", 28, 714)->pseudonym);
  EXPECT_EQ(found[1].pseudonym, epoch_key(chain_step(*chain), "traffic", 28, 715)->pseudonym);
  EXPECT_EQ(found[1].days.first, 715 * 28);
}

TEST_F(CarPseudonymsTest, BeginWithTheChains) {
  EXPECT_TRUE(of(28, 0, kToday - 1).empty());
  EXPECT_EQ(of(28, 0, kToday).size(), 1U);
}

TEST_F(CarPseudonymsTest, UntilTransferIsOneOfItsCount) {
  const auto found = of(0, 0, kToday + 1000);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].epoch, 2U);
  auto chain = chain_start(car_.root, 0);
  EXPECT_EQ(found[0].pseudonym, epoch_key(*chain, "traffic", 0, 2)->pseudonym);
}

TEST_F(CarPseudonymsTest, ATooLongSpanAndNoRotationAreRefused) {
  EXPECT_TRUE(of(1, 0, kToday + kSpanDaysMax + 1).empty());
  EXPECT_EQ(status_.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(of(5, 0, kToday).empty());
  EXPECT_EQ(status_.error().code, ErrorCode::kRefused);
}

TEST(OwnershipsTest, EachEndsOnTheDayOfTheNext) {
  Ownerships all;
  all.add("car", 100, 0);
  all.add("car", 200, 1);
  all.add("car", 200, 2);
  all.add("other", 150, 0);
  EXPECT_EQ(all.days("car", 100, 0).last, 200);
  EXPECT_EQ(all.days("car", 200, 1).last, 200);
  EXPECT_EQ(all.days("car", 200, 2).last, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(all.days("other", 150, 0).last, std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace sudare
