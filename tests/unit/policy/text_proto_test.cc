#include "gateway/policy/text_proto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "gateway/policy/findings.h"
#include "gateway/policy/text_tokens.h"
#include "tests/unit/policy/support.h"

namespace sudare {
namespace {

using policy_test::expect_refused;
using policy_test::load;
using policy_test::printed;
using testing::HasSubstr;

TEST(PolicyTextTest, AnUnknownNameIsReportedAtTheName) {
  expect_refused("language: 1\n  ^serail: 2\n", "unknown field \"serail\" in Policy");
  EXPECT_THAT(printed(load("serail: 2").diagnostics), HasSubstr("did you mean \"serial\"?"));
}

TEST(PolicyTextTest, AnUnknownEnumValueIsReportedAtTheValue) {
  expect_refused("purpose { consent: ^OPT_INN }", "unknown value \"OPT_INN\" for \"consent\"");
}

TEST(PolicyTextTest, SeveralErrorsAreReportedAtOnceInTheOrderOfTheFile) {
  const PolicyLoad result =
      load("langage: 1\npurpose { nam: \"x\" { } linger_ms: \"5\" }\nsource { codec: XML }\n");
  EXPECT_EQ(result.policy, nullptr);
  const std::string all = printed(result.diagnostics);
  EXPECT_THAT(all, HasSubstr("p.textproto:1:1: unknown field \"langage\""));
  EXPECT_THAT(all, HasSubstr("p.textproto:2:11: unknown field \"nam\""));
  EXPECT_THAT(load("a: 1 b { c: [1, {d: 2}] } e: \"x\" \"y\" f < > g: -1 h: 2").diagnostics,
              testing::SizeIs(6));
}

TEST(PolicyTextTest, WrongKindsOfValuesAreReportedAtTheValue) {
  expect_refused("purpose { name: ^traffic }", "\"name\" takes text");
  expect_refused("purpose { linger_ms: ^\"5\" }", "\"linger_ms\" takes a whole number");
  expect_refused("purpose { linger_ms: ^-5 }", "\"linger_ms\" takes a whole number");
  expect_refused("purpose { linger_ms: ^4294967296 }", "too large");
  expect_refused("purpose { essential: ^yes }", "\"essential\" takes true or false");
  expect_refused("source { release { field { coarsen { step: ^{} } } } }", "takes a number");
  expect_refused("purpose: ^5", "\"purpose\" is a message");
  expect_refused("source { codec: ^1 }", "\"codec\" takes a name");
}

TEST(PolicyTextTest, WhatIsGivenTwiceIsReportedAtTheSecond) {
  expect_refused("serial: 1 ^serial: 2", "\"serial\" is given twice");
  expect_refused("purpose { pseudonym { none {} ^rotate_days: 1 } }", "exclude each other");
}

TEST(PolicyTextTest, ColumnsCountBytesAlsoBehindTabs) {
  expect_refused("\tpurpose {\n\t\t name:\t^traffic }", "takes text");
}

// A text of the cloud's is read on the thread that commits: one line must cost no more than many.
TEST(PolicyTextTest, ALongLineIsLookedAtOnce) {
  const std::string file = "p";
  std::string text;
  while (text.size() < 200'000) text += "\tn: { \"\\q\" }";  // tabs, and errors of the tokenizer's
  Diagnostics diagnostics;
  TextTokens tokens(PolicyReader::key(), file, text, 5, diagnostics);
  TextPosition last{1, 0};
  for (; !tokens.at_end(); tokens.next()) {
    const TextPosition at = tokens.position();
    EXPECT_EQ(at.line, 1);
    EXPECT_GT(at.column, last.column);
    EXPECT_EQ(tokens.position().column, at.column);
    ASSERT_EQ(text.substr(static_cast<std::size_t>(at.column) - 1, tokens.text().size()),
              tokens.text());
    last = at;
  }
  EXPECT_EQ(diagnostics.size(), 5U);
  EXPECT_LT(tokens.bytes_looked_at(), 2 * text.size());
}

TEST(PolicyTextTest, AnEndInsideAMessageIsReportedThere) {
  expect_refused("purpose { name: \"a\" ^", "the file ends inside a message");
  expect_refused("unknown { a { ^", "the file ends inside a message");
}

TEST(PolicyTextTest, BrokenTokensAreReported) {
  EXPECT_EQ(load("purpose { name: \"traffic\n").policy, nullptr);
  EXPECT_THAT(printed(load("purpose { name: \"a\\xff\" }").diagnostics),
              HasSubstr("p.textproto:1:17: \"name\" is not valid UTF-8"));
  EXPECT_EQ(load(std::string("\0\x01\xff", 3)).policy, nullptr);
  expect_refused("^}", "expected the name of a field");
  expect_refused("^[sudare.v1.Policy] {}", "expected the name of a field");
}

TEST(PolicyTextTest, ListsAndSeparatorsReadAsInTextFormat) {
  const std::string text = policy_test::purposes();
  EXPECT_EQ(printed(load(text + "source { classify [{ path: \"a\" class: VIN }, { path: \"b\" "
                                "class: VIN };] }")
                        .diagnostics)
                .find("unknown"),
            std::string::npos);
  expect_refused("purpose { ceiling { allow: [VIN, ^VINN] } }", "unknown value \"VINN\"");
  expect_refused("purpose { recipient: [\"a\" \"b\" ^5]", "expected \",\" or \"]\"");
}

TEST(PolicyTextTest, DepthThatTheSchemaDoesNotKnowCostsNoStack) {
  EXPECT_EQ(load("x " + std::string(100'000, '{')).policy, nullptr);
  EXPECT_EQ(load("purpose: " + std::string(100'000, '[')).policy, nullptr);
}

TEST(PolicyTextTest, ATooLargeFileIsRefused) {
  const PolicyLoad result = load(std::string(kOperatorFileBytesMax + 1, ' '));
  EXPECT_THAT(printed(result.diagnostics), HasSubstr("too large"));
}

TEST(PolicyTextTest, ValuesInQuotesAreNeverRepeated) {
  const std::string secret = "AGE-SECRET-KEY-1QQQQ";
  const std::string text =
      policy_test::replaced(policy_test::purposes(), policy_test::recipient(1), secret);
  const std::string all = printed(load(text).diagnostics);
  EXPECT_THAT(all, HasSubstr("this is a private key"));
  EXPECT_THAT(all, testing::Not(HasSubstr("QQQQ")));
}

}  // namespace
}  // namespace sudare
