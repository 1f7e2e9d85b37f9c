#include "gateway/detect/vin.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "gateway/detect/detector.h"
#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

bool found(const std::string& text) {
  return (detect_in(text) & static_cast<DetectedClasses>(Detected::kVin)) != 0;
}

TEST(VinParse, RefusesWhatIsNone) {
  for (const char* text :
       {"", "WVWUK63B92P54681", "WVWUK63B92P5468188", "WVWUK63B92P54681I", "WVWUK63B92P54681o",
        "WVWUK63B92P54681Q", "WVWUK63B92P54681!", "-----------------"}) {
    EXPECT_FALSE(parse_vin(text)) << text;
  }
}

TEST(VinParse, ReadsAnyCaseWidthAndSeparators) {
  for (const char* text :
       {"1M8GDM9AXKP042788", "1m8gdm9axkp042788", "1M8-GDM9A-X-KP042788",
        "1 M 8 G D M 9 A X K P 0 4 2 7 8 8", "１Ｍ８ＧＤＭ９ＡＸＫＰ０４２７８８"}) {
    const auto vin = parse_vin(text);
    ASSERT_TRUE(vin) << text;
    EXPECT_EQ(std::string(vin->text.data(), vin->text.size()), "1M8GDM9AXKP042788");
    EXPECT_TRUE(vin_check_digit_holds(*vin));
  }
}

TEST(VinParse, TheCheckDigitNoticesOneWrongCharacter) {
  const std::string good = "1HGCM82633A004352";
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (good[i] > '9') continue;  // some letters stand for the same number
    std::string bad = good;
    bad[i] = bad[i] == '9' ? '0' : static_cast<char>(bad[i] + 1);
    const auto vin = parse_vin(bad);
    ASSERT_TRUE(vin);
    EXPECT_FALSE(vin_check_digit_holds(*vin)) << bad;
  }
}

TEST(VinParse, MakerModelAndYear) {
  const auto lexus = parse_vin("JTHBYLFF305000302");
  EXPECT_EQ(vin_maker(*lexus).view(), "Lexus");
  EXPECT_EQ(vin_model_year(*lexus), 0) << "Lexus for Taiwan: no year at position 10";
  const auto corolla = parse_vin("1NXBR32E77Z923602");
  EXPECT_EQ(vin_maker(*corolla).view(), "Toyota");
  EXPECT_EQ(vin_model_year(*corolla), 2007);
  EXPECT_EQ(std::string(vin_model(*corolla).data(), kVinModelLength), "BR32E");
  EXPECT_EQ(vin_maker(*parse_vin("JTZ00000000000000")).view(), "Toyota");
  EXPECT_EQ(vin_maker(*parse_vin("ZZZ00000000000000")).view(), "");
  EXPECT_EQ(vin_model_year(*parse_vin("ZZZ000000Y0000000")), 2030);
}

TEST(VinFixture, DetectsWhatHasTheSyntaxAndNothingElse) {
  SUDARE_FIXTURE_OR_SKIP(path, "vin/vin_vectors.tsv");
  std::istringstream in(testkit::read_file(path));
  int yes = 0;
  int no = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string text;
    std::string syntax;
    std::string check;
    std::getline(fields, text, '\t');
    std::getline(fields, syntax, '\t');
    std::getline(fields, check, '\t');
    const bool expected = syntax.rfind("yes", 0) == 0;
    ++(expected ? yes : no);
    EXPECT_EQ(found(text), expected) << line;
    EXPECT_EQ(found("vin=" + text + ";"), expected) << line;
    EXPECT_EQ(parse_vin(text).has_value(), expected) << line;
    if (expected) {
      EXPECT_EQ(vin_check_digit_holds(*parse_vin(text)), check.rfind("valid", 0) == 0) << line;
    }
  }
  EXPECT_GE(yes, 25);
  EXPECT_GE(no, 8);
}

}  // namespace
}  // namespace sudare
