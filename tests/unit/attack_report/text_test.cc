#include "sim/page/text.h"

#include <gmock/gmock.h>

#include <limits>

namespace sudare::sim::attack {
namespace {

TEST(ReportText, EscapesEveryCharacterThatHtmlReads) {
  EXPECT_EQ(escaped("a<b>&\"'\x01\x7F\n"), "a&lt;b&gt;&amp;&quot;&#39;   ");
  EXPECT_EQ(escaped("自宅 é"), "自宅 é");
}

TEST(ReportText, NumbersHaveNoNegativeZeroAndNoNan) {
  EXPECT_EQ(decimal(-0.04, 1), "0.0");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN(), 1), "–");
  EXPECT_EQ(percent(0.0384), "3.8 %");
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(meters(999.6), "1000 m");
  EXPECT_EQ(meters(3400), "3.4 km");
}

TEST(ReportText, GroupsThousands) {
  EXPECT_EQ(grouped(999, 0), "999");
  EXPECT_EQ(grouped(1234567.25, 1), "1,234,567.3");
  EXPECT_EQ(grouped(-1000, 0), "-1,000");
  EXPECT_EQ(grouped(std::numeric_limits<double>::quiet_NaN(), 0), "–");
}

TEST(ReportText, PadsByColumnsNotBytes) {
  EXPECT_EQ(right("≤ 5 %", 7), "  ≤ 5 %");
  EXPECT_EQ(left("≤", 3) + "|", "≤  |");
}

}  // namespace
}  // namespace sudare::sim::attack
