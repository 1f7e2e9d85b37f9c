#include "gateway/detect/frame_number.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "gateway/detect/detector.h"
#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

bool found(const std::string& text) {
  return (detect_in(text) & static_cast<DetectedClasses>(Detected::kFrameNumber)) != 0;
}

TEST(FrameNumberParse, RefusesWhatIsNone) {
  for (const char* text :
       {"", "DAA-ZVW30", "6AA-MXWH60", "KK-FRD33G4S", "GF-S15改", "ZVW30", "ZVW30-", "ZVW30-12345",
        "ZVW30-12345678", "ZVW30-123456a", "30ZVW-1234567", "ZV-1234567", "ABCDE12-1234567",
        "国[01]00001神", "国[01]001国", "国01]00001国", "90915-1234567", "ZVW30-1234567 "}) {
    EXPECT_FALSE(parse_frame_number(text)) << text;
  }
}

TEST(FrameNumberParse, ReadsEveryForm) {
  for (const char* text :
       {"ZVW30-1234567", "zvw30-1234567", "ＺＶＷ３０－１２３４５６７", "ZVW30 1234567",
        "Z V W 3 0 – 1 2 3 4 5 6 7", "ZVW30―1234567", "ＺＶＷ３０ー１２３４５６７"}) {
    const auto number = parse_frame_number(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->type, "ZVW30") << text;
    EXPECT_EQ(number->serial, "1234567") << text;
  }
  EXPECT_EQ(parse_frame_number("ZC6-012345")->type, "ZC6");
  EXPECT_EQ(parse_frame_number("VAB-012345")->type, "VAB");
  EXPECT_EQ(parse_frame_number("MXWH60-4000000")->type, "MXWH60");
}

TEST(FrameNumberParse, AStampedNumberHasNoType) {
  for (const char* text : {"国[01]00001国", "国【01】0002国", "神［41］12345神"}) {
    const auto number = parse_frame_number(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->type, "") << text;
  }
}

TEST(FrameNumberFixture, DetectsNumbersAndNoLookAlikes) {
  SUDARE_FIXTURE_OR_SKIP(path, "vin/jp_frame_numbers.tsv");
  std::istringstream in(testkit::read_file(path));
  int yes = 0;
  int no = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string text = line.substr(0, line.find('\t'));
    // Masked examples hold no serial number.
    const bool expected =
        line.find("negative") == std::string::npos && line.find("masked") == std::string::npos;
    ++(expected ? yes : no);
    EXPECT_EQ(found(text), expected) << line;
    EXPECT_EQ(found("車台番号：" + text + "です"), expected) << line;
    EXPECT_EQ(parse_frame_number(text).has_value(), expected) << line;
  }
  EXPECT_GE(yes, 30);
  EXPECT_GE(no, 6);
}

}  // namespace
}  // namespace sudare
