// `sudare audit`.
#include "tests/system/fleet/tool.h"
#include "tests/unit/fleet/forged_batch.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class AuditTool : public ToolTest {};

TEST_F(AuditTool, SaysWhereAndNeverWhat) {
  write("logs/a.log", "user taro@example.jp logged in\n");
  write("logs/b.log", "nothing to see\n");
  const auto audited = sudare({"audit", path("logs")});
  EXPECT_EQ(audited.status, 3);
  const std::vector<Json> found = lines(audited.output);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["where"], path("logs/a.log"));
  EXPECT_EQ(found[0]["offset"], 5);
  EXPECT_EQ(found[0]["class"], "email");
  EXPECT_EQ(found[0].size(), 4U);
  EXPECT_THAT(audited.output + audited.errors, Not(HasSubstr("taro")));
}

TEST_F(AuditTool, CountsWhichOfTheGivenItFound) {
  write("data/x", "account Q77-ABCDEF at 35.6812362,139.7671248");
  write("ids", "Q77-ABCDEF\nQ77-GHIJKL\n");
  write("places", "35.6812362,139.7671248\n34.7,135.5\n");
  const auto audited = sudare({"audit", path("data"), "--identifiers", path("ids"), "--positions",
                               path("places"), "--report", path("report.json")});
  EXPECT_EQ(audited.status, 3);
  const Json report = Json::parse(read("report.json"));
  EXPECT_EQ(report["found_identifiers"], 1);
  EXPECT_EQ(report["identifiers"], 2);
  EXPECT_EQ(report["found_positions"], 1);
  EXPECT_EQ(report["positions"], 2);
  EXPECT_EQ(report["findings"]["identifier"], 1);
}

TEST_F(AuditTool, SealedBatchesAreClean) {
  const Forge forge;
  for (int i = 0; i < 50; ++i) {
    write("queue/" + std::to_string(i), forge.sealed(forge.signed_batch(0, 10)));
  }
  const auto audited = sudare({"audit", path("queue")});
  EXPECT_EQ(audited.status, 0) << audited.output;
  EXPECT_TRUE(audited.output.empty());
}

TEST_F(AuditTool, WhatCanNotBeReadIsAFailure) {
  const auto audited = sudare({"audit", path("missing")});
  EXPECT_EQ(audited.status, 1);
  EXPECT_THAT(audited.errors, HasSubstr("missing"));
  write("short", "abc\n");
  const auto refused = sudare({"audit", path("short"), "--identifiers", path("short")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("line"));
}

}  // namespace
}  // namespace sudare::fleet_test
