#include "gateway/detect/narrow.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sudare {
namespace {

TEST(Narrow, LeavesOtherTextAsItIs) {
  for (const std::string text : {"", "abc", "簾の車", "\xEF\xBC", "\xFF\xFF\xFF", "é"}) {
    EXPECT_FALSE(needs_narrowing(text)) << text;
    EXPECT_EQ(narrow(text).text, text);
  }
}

TEST(Narrow, RemembersWhereEveryByteCameFrom) {
  const NarrowText narrowed = narrow("aＺー簾");
  EXPECT_EQ(narrowed.text, "aZ-簾");
  EXPECT_EQ(narrowed.origin, (std::vector<std::uint32_t>{0, 1, 4, 7, 8, 9, 10}));
}

TEST(Narrow, LeavesOutWhatHasNoWidth) {
  const std::string text =
      "a\xE2\x80\x8B\xEF\xBB\xBF"
      "b\xE2\x81\xA0";
  EXPECT_TRUE(needs_narrowing(text));
  EXPECT_EQ(narrow(text).text, "ab");
  EXPECT_EQ(narrow(text).origin, (std::vector<std::uint32_t>{0, 7, 11}));
  EXPECT_FALSE(needs_narrowing("\xE2\x80\x8E"));
}

}  // namespace
}  // namespace sudare
