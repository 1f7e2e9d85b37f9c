// The attackers of the drills, and the rule by which a drill passes: each can fail.
#include <gmock/gmock.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <zstd.h>

#include <fstream>
#include <random>

#include "crypto/crypto_init.h"
#include "crypto/seal/seal.h"
#include "sim/base64_text.h"
#include "sim/drill/bucket_attack.h"
#include "sim/drill/drill.h"
#include "sim/drill/key_search.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim::drill {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DrillReport report_of(const Figure& figure) {
  DrillReport report;
  report.name = "drill";
  report.figures = {figure};
  return report;
}

TEST(DrillRule, PassesWhereTheAttackerGetsNothingAndTheControlAll) {
  EXPECT_THAT(off(report_of({"x", Must::kNothing, 0, 5, 7, 7, 0})), IsEmpty());
  EXPECT_THAT(off(report_of({"x", Must::kNothing, 0, 5, 1, 7, 1})), IsEmpty());
  EXPECT_THAT(off(report_of({"x", Must::kNoticed, 5, 5, 0, 7, 0})), IsEmpty());
}

TEST(DrillRule, AnAttackerWhoGetsSomethingFailsIt) {
  EXPECT_THAT(off(report_of({"x", Must::kNothing, 1, 5, 7, 7, 0})),
              ElementsAre(HasSubstr("1 of 5")));
}

TEST(DrillRule, AWeakControlFailsIt) {
  EXPECT_THAT(off(report_of({"x", Must::kNothing, 0, 5, 6, 7, 0})),
              ElementsAre(HasSubstr("6 of 7")));
  EXPECT_THAT(off(report_of({"x", Must::kNothing, 0, 5, 0, 7, 1})),
              ElementsAre(HasSubstr("0 of 7")));
}

TEST(DrillRule, NothingToGetProvesNothing) {
  EXPECT_EQ(off(report_of({"x", Must::kNothing, 0, 0, 7, 7, 0})).size(), 1U);
  EXPECT_EQ(off(report_of({"x", Must::kNothing, 0, 5, 0, 0, 0})).size(), 1U);
  EXPECT_EQ(off(DrillReport()).size(), 1U);
}

TEST(DrillRule, WhatIsNotNoticedOrNoticedWithoutCauseFailsIt) {
  EXPECT_EQ(off(report_of({"x", Must::kNoticed, 4, 5, 0, 7, 0})).size(), 1U);
  EXPECT_EQ(off(report_of({"x", Must::kNoticed, 5, 5, 1, 7, 0})).size(), 1U);
}

class DrillKeySearch : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto_init().has_value()); }

  static std::string text_of_key(const age::open_side::Identity& identity) {
    const auto text = identity.encode();
    return std::string(text_of(text.bytes()));
  }
  static std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }
  static std::string hex(const std::string& text) {
    std::string out;
    char digits[3];
    for (const char c : text) {
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
      out += digits;
    }
    return out;
  }
  static std::string utf16(const std::string& text, bool big_endian) {
    std::string out;
    for (const char c : text) {
      if (big_endian) out += '\0';
      out += c;
      if (!big_endian) out += '\0';
    }
    return out;
  }
  static std::size_t found_in(const std::string& bytes) {
    KeySearch search;
    search.search("before \xff\n" + bytes + "\n after");
    return search.found();
  }

  age::open_side::Identity identity_ = age::open_side::Identity::generate();
  std::string key_ = text_of_key(identity_);
};

TEST_F(DrillKeySearch, FindsAKeyInEveryForm) {
  EXPECT_EQ(found_in(key_), 1U);
  EXPECT_EQ(found_in(lower(key_)), 1U);
  EXPECT_EQ(found_in(utf16(key_, false)), 1U);
  EXPECT_EQ(found_in(utf16(key_, true)), 1U);
  EXPECT_EQ(found_in(hex(key_)), 1U);
  for (const char* before : {"", "a", "ab"}) {
    EXPECT_EQ(found_in(to_base64(before + key_ + "\n")), 1U) << before;
  }
}

// Not written as a whole: other searches for keys look at this file.
const std::string kPemLabel = "PRIVATE KEY-----";

TEST_F(DrillKeySearch, FindsASigningKeyAndPem) {
  const auto signing = SigningKey::generate();
  const auto text = signing.encode();
  EXPECT_EQ(found_in(std::string(text_of(text.bytes()))), 1U);
  const std::string body = to_base64(std::string(48, 'k'));
  EXPECT_EQ(found_in("-----BEGIN EC " + kPemLabel + "\n" + body + "\n-----END EC " + kPemLabel),
            1U);
  EXPECT_EQ(
      found_in(to_base64("-----BEGIN " + kPemLabel + "\n" + body + "\n-----END " + kPemLabel)), 1U);
}

TEST_F(DrillKeySearch, AWordAboutKeysIsNone) {
  EXPECT_EQ(found_in("AGE-SECRET-KEY-1 is how one begins"), 0U);
  EXPECT_EQ(found_in(key_.substr(0, key_.size() - 1)), 0U);
  EXPECT_EQ(found_in("looks for -----BEGIN " + kPemLabel + " and its end"), 0U);
}

TEST_F(DrillKeySearch, ThirtyTwoBytesAreTriedAsTheKeyOfARecipient) {
  KeySearch search;
  const std::string bytes = "some state " + std::string(text_of(identity_.key())) + " more";
  search.try_as_keys(bytes, {age::open_side::Identity::generate().recipient()});
  EXPECT_EQ(search.found(), 0U);
  search.try_as_keys(bytes, {identity_.recipient()});
  ASSERT_EQ(search.identities().size(), 1U);
  std::string sealed;
  ASSERT_TRUE(age::seal(std::vector{identity_.recipient()}, bytes_of(std::string("x")), sealed));
  EXPECT_TRUE(opens(search.identities(), sealed));
  EXPECT_TRUE(opens(search.identities(), sealed + "what comes behind it in an image"));
  Identities other;
  other.push_back(age::open_side::Identity::generate());
  EXPECT_FALSE(opens(other, sealed));
}

std::string packed_by_gzip(const std::string& plain) {
  std::string packed;
  google::protobuf::io::StringOutputStream out(&packed);
  google::protobuf::io::GzipOutputStream gzip(&out);
  google::protobuf::io::CodedOutputStream(&gzip).WriteString(plain);
  EXPECT_TRUE(gzip.Close());
  return packed;
}

std::string packed_by_zstd(const std::string& plain) {
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), ZSTD_CLEVEL_DEFAULT);
  EXPECT_EQ(ZSTD_isError(size), 0U);
  packed.resize(size);
  return packed;
}

TEST_F(DrillKeySearch, LooksIntoPackedStreams) {
  const testkit::TemporaryDirectory directory;
  const auto file = directory.path() / "key.z";
  // Digits around it, or a packer may leave it as it is: letters of a key alone gain too little.
  std::mt19937 random(1);
  std::string plain;
  for (int i = 0; i < 2000; ++i) plain += static_cast<char>('0' + random() % 10);
  plain += key_;
  for (const std::string& packed : {packed_by_gzip(plain), packed_by_zstd(plain)}) {
    ASSERT_EQ(packed.find(key_), std::string::npos);
    std::ofstream(file, std::ios::binary) << packed;
    KeySearch search;
    search.search_path(file);
    EXPECT_EQ(search.found(), 1U) << packed.size();
  }
}

// --- telling cars apart

Bucket of_topics(const std::vector<std::string>& topics) {
  Bucket bucket;
  for (const std::string& topic : topics) bucket.push_back({topic, std::string(100, 'x'), 1, {}});
  return bucket;
}

TEST(DrillTellApart, ATopicOfItsOwnTellsACarApart) {
  const Bucket bucket = of_topics({"cars/a/position", "cars/a/position", "cars/b/position"});
  const ToldApart result = tell_apart(bucket, {"a", "a", "b"}, {"a", "b"});
  EXPECT_EQ(result.cars, 1U) << "of b there is only one object";
  EXPECT_EQ(result.apart, 1U);
}

// Three cars alone are told apart by the shard byte; in a crowd they are not.
TEST(DrillTellApart, ACrowdInEachShardHidesIt) {
  std::vector<std::string> topics;
  Owners owners;
  for (int car = 0; car < 3; ++car) {
    for (int batch = 0; batch < 3; ++batch) {
      topics.push_back("sudare/1/ownership/0" + std::to_string(car));
      owners.push_back("car-" + std::to_string(car));
    }
  }
  const std::set<std::string> cars = {"car-0", "car-1", "car-2"};
  EXPECT_EQ(tell_apart(of_topics(topics), owners, cars).apart, 3U);
  for (int other = 0; other < 60; ++other) {
    topics.push_back("sudare/1/ownership/0" + std::to_string(other % 8));
    owners.push_back("other-" + std::to_string(other));
  }
  const ToldApart hidden = tell_apart(of_topics(topics), owners, cars);
  EXPECT_EQ(hidden.apart, 0U);
  EXPECT_GT(hidden.largest, 5U);
}

}  // namespace
}  // namespace sudare::sim::drill
