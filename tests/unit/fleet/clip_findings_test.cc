// What sudare-clip writes of a clip, as it is printed: the process may have been taken over.
#include "fleet/commands/clip_findings.h"

#include <gtest/gtest.h>

#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace sudare::commands {
namespace {

class ClipFindingsTest : public testing::Test {
 protected:
  Status take(std::string_view text) {
    return findings.take(std::as_bytes(std::span(text.data(), text.size())));
  }
  std::ostringstream out;
  ClipFindings findings{false, out};
};

TEST_F(ClipFindingsTest, WhatIsNoFindingIsRefused) {
  EXPECT_EQ(take("[]\n").error().code, ErrorCode::kMalformed);
}

TEST_F(ClipFindingsTest, ALineThatDoesNotEndIsRefused) {
  EXPECT_EQ(take(std::string(5000, ' ')).error().code, ErrorCode::kTooLarge);
}

TEST_F(ClipFindingsTest, ALineMayComeInPieces) {
  ASSERT_TRUE(take(R"({"what":"ser)"));
  EXPECT_EQ(out.str(), "");
  ASSERT_TRUE(take("ial\",\"offset\":12}\n"));
  EXPECT_NE(out.str().find("serial"), std::string::npos);
  EXPECT_NE(out.str().find("12"), std::string::npos);
}

// Some terminals obey U+009B as they do ESC [.
TEST_F(ClipFindingsTest, NoControlCharacterReachesATerminal) {
  ASSERT_TRUE(take(R"({"what":"a\u001b[2Jb","tells":"\u009b2J","where":"moov/©xyz\u007f"})"
                   "\n"));
  EXPECT_NE(out.str().find("a?[2Jb"), std::string::npos);
  EXPECT_NE(out.str().find("?2J "), std::string::npos);
  EXPECT_NE(out.str().find("moov/©xyz?"), std::string::npos);
  EXPECT_EQ(out.str().find('\x1b'), std::string::npos);
  EXPECT_EQ(out.str().find("\xc2\x9b"), std::string::npos);
}

}  // namespace
}  // namespace sudare::commands
