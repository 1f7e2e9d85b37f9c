#include "fleet/diff/diff_output.h"

#include <gtest/gtest.h>

namespace sudare {
namespace {

// A topic that rubs out its line and writes another in its place.
std::vector<PolicyChange> hostile() {
  return {
      {DiffEffect::kLess, "", "not_after 2028-12-31, was 2029-12-31"},
      {DiffEffect::kMore, "a\x1b[2K\rreleases less: b\xc2\x9b\xe2\x80\xae", "field n\nm is new"}};
}

TEST(DiffOutput, WhatAnAuthorWroteMovesNoCursorAndMakesUpNoLine) {
  EXPECT_EQ(diff_text(hostile()),
            "releases more:\n"
            "  a\\x1b[2K\\x0dreleases less: b\\xc2\\x9b\\xe2\\x80\\xae: field n\\x0am is new\n"
            "releases less:\n"
            "  not_after 2028-12-31, was 2029-12-31\n");
}

TEST(DiffOutput, JsonIsAscii) {
  EXPECT_EQ(diff_json(hostile()),
            "{\"effect\":\"more\",\"where\":\"a\\u001b[2K\\rreleases less: b\\u009b\\u202e\","
            "\"text\":\"field n\\nm is new\"}\n"
            "{\"effect\":\"less\",\"where\":\"\",\"text\":\"not_after 2028-12-31, was "
            "2029-12-31\"}\n");
}

TEST(DiffOutput, NoChangeIsSaidToPeopleOnly) {
  EXPECT_EQ(diff_text({}), "no difference in what is released\n");
  EXPECT_EQ(diff_json({}), "");
}

}  // namespace
}  // namespace sudare
