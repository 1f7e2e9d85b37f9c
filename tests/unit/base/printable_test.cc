#include "base/printable.h"

#include <gtest/gtest.h>

#include "base/diagnostic.h"

namespace sudare {

// Takes the place of the real reader, which this test does not link.
struct PolicyReader {
  static DiagnosticKey key() { return {}; }
};

namespace {

TEST(PrintableTest, ControlCharactersShowAsTheirBytes) {
  EXPECT_EQ(printable("a\x1b[2Kb\r\nc"), R"(a\x1b[2Kb\x0d\x0ac)");
  EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), R"(\x00\x7f)");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            R"(\xc2\x9b31m)");
}

TEST(PrintableTest, MarksThatTurnTheDirectionOfWritingShowAsTheirBytes) {
  EXPECT_EQ(printable("a\xe2\x80\xae"), R"(a\xe2\x80\xae)");
  EXPECT_EQ(printable("\xe2\x81\xa6"), R"(\xe2\x81\xa6)");
  EXPECT_EQ(printable("\xe2\x80\xa8"), R"(\xe2\x80\xa8)");
  EXPECT_EQ(printable("\xd8\x9c"), R"(\xd8\x9c)");
}

TEST(PrintableTest, WhatIsNoUtf8ShowsAsItsBytes) {
  EXPECT_EQ(printable("\x80"), R"(\x80)");
  EXPECT_EQ(printable("\xc0\x9b"), R"(\xc0\x9b)");          // longer than it must be
  EXPECT_EQ(printable("\xe0\x82\x9b"), R"(\xe0\x82\x9b)");  // the same
  EXPECT_EQ(printable("\xed\xa0\x80"), R"(\xed\xa0\x80)");  // half a pair
  EXPECT_EQ(printable("\xe3\x81"), R"(\xe3\x81)");          // cut off
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
}

TEST(PrintableTest, AnEscapeThatSomebodyWroteIsNoEscapeOfOurs) {
  EXPECT_EQ(printable(R"(\x1b)"), R"(\\x1b)");
}

TEST(PrintableTest, TextsStayAsTheyAre) {
  for (const char* const text :
       {"", "vehicle/position to traffic", "0 … 5", "簾", "\xf0\x9f\x9a\x97"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(PrintableTest, ADiagnosticMakesUpNoLines) {
  const Diagnostic one(PolicyReader::key(), DiagnosticSeverity::kWarning, "a\nb", 0, 0,
                       "field \"x\nerror: y\"", "see \x1b[8m");
  EXPECT_EQ(one.to_string(), "warning: a\\x0ab: field \"x\\x0aerror: y\"\nhint: see \\x1b[8m\n");
}

}  // namespace
}  // namespace sudare
