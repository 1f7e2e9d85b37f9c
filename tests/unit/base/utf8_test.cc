// The judge is simdjson, which has nothing in common with it.
#include "base/utf8.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>

namespace sudare {
namespace {

bool judged(const std::string& bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

TEST(Utf8, WhatRfc3629ForbidsIsRefused) {
  for (const char* bytes :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "twelve ASCII\x80", "\xc2\xa2\xc2"}) {
    EXPECT_FALSE(valid_utf8(bytes)) << testing::PrintToString(bytes);
    EXPECT_FALSE(judged(bytes)) << testing::PrintToString(bytes);
  }
}

TEST(Utf8, TheFirstAndLastOfEachLengthAreTaken) {
  using std::string_view_literals::operator""sv;
  for (const auto bytes :
       {""sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
        "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv,
        "vehicle/position \xe4\xbd\x8d\xe7\xbd\xae"sv}) {
    EXPECT_TRUE(valid_utf8(bytes)) << testing::PrintToString(bytes);
  }
}

// Every sequence of three bytes, at every place beside eight bytes of ASCII.
TEST(Utf8, ThreeBytesAreJudgedAsSimdjsonDoes) {
  std::string bytes = "01234567abc01234567";
  std::size_t different = 0;
  for (unsigned all = 0; all < 1U << 24; all += all % 251 == 0 ? 1 : 7) {
    for (unsigned i = 0; i < 3; ++i) bytes[8 + i] = static_cast<char>(all >> (16 - 8 * i));
    different += valid_utf8(bytes) != judged(bytes) ? 1U : 0U;
  }
  EXPECT_EQ(different, 0U);
}

TEST(Utf8, DamagedTextIsJudgedAsSimdjsonDoes) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string text = "\xe6\xa8\xaa\xe6\xb5\x9c, a\xc3\xa9, \xf0\x9f\x9a\x97 and plain text";
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = text.substr(random() % text.size());
    if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    ASSERT_EQ(valid_utf8(bytes), judged(bytes)) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace sudare
