#include "fleet/doctor/mosquitto_acl.h"

#include <gmock/gmock.h>

namespace sudare::doctor {
namespace {

TEST(MosquittoAcl, WhatIsNoRuleIsAComplaint) {
  EXPECT_EQ(parse_acl({"acl", "allow all\ntopic\n"}).complaints.size(), 2U);
}

TEST(MosquittoAcl, RulesBelongToTheUserAboveThem) {
  const AclFile acl = parse_acl({"acl", "topic read a\n# x\nuser the app\ntopic write b/#\n"});
  ASSERT_EQ(acl.rules.size(), 2U);
  EXPECT_EQ(acl.rules[0].user, "");
  EXPECT_EQ(acl.rules[1].user, "the app");
  EXPECT_EQ(acl.rules[1].place.line, 4);
  EXPECT_TRUE(acl.rules[1].write && !acl.rules[1].read);
}

TEST(MosquittoAcl, WithoutAnAccessItIsBoth) {
  const AclFile acl = parse_acl({"acl", "user a\ntopic read\npattern x/%u\ntopic deny y\n"});
  EXPECT_EQ(acl.rules.at(0).filter, "read");
  EXPECT_TRUE(acl.rules[0].read && acl.rules[0].write);
  EXPECT_EQ(acl.rules.at(1).user, "*");
  EXPECT_FALSE(acl.rules.at(2).read || acl.rules[2].write);
}

TEST(MosquittoAcl, AFilterCoversWhatItMatches) {
  for (const auto& [wide, narrow] : std::vector<std::pair<std::string, std::string>>{
           {"#", "a"}, {"#", "#"}, {"a/#", "a"}, {"a/#", "a/b/#"}, {"+/b", "a/b"}, {"+", "+"}}) {
    EXPECT_TRUE(covers(wide, narrow)) << wide << " " << narrow;
  }
  for (const auto& [wide, narrow] : std::vector<std::pair<std::string, std::string>>{
           {"a", "#"}, {"a/#", "b"}, {"a/b", "a"}, {"a", "a/b"}, {"+", "a/b"}, {"a/b", "a/+"}}) {
    EXPECT_FALSE(covers(wide, narrow)) << wide << " " << narrow;
  }
}

TEST(MosquittoAcl, FiltersOverlapWhereATopicMatchesBoth) {
  const auto pairs = [](std::initializer_list<std::pair<const char*, const char*>> all) {
    return std::vector<std::pair<std::string, std::string>>(all.begin(), all.end());
  };
  for (const auto& [a, b] : pairs({{"sudare/+/traffic/#", "sudare/1/#"},
                                   {"+/+/+/+", "sudare/1/#"},
                                   {"a/#", "a"},
                                   {"+/b", "a/+"},
                                   {"#", "a/b"},
                                   {"a//b", "a/+/b"}})) {
    EXPECT_TRUE(overlaps(a, b)) << a << " " << b;
    EXPECT_TRUE(overlaps(b, a)) << b << " " << a;
  }
  for (const auto& [a, b] :
       pairs({{"sudare/policy", "sudare/1/#"}, {"a/+", "a"}, {"a/+", "a/b/c"}, {"+", "a/b"}})) {
    EXPECT_FALSE(overlaps(a, b)) << a << " " << b;
    EXPECT_FALSE(overlaps(b, a)) << b << " " << a;
  }
}

TEST(MosquittoAcl, APatternsOwnLevelsMatchAnyAtMost) {
  const AclFile acl = parse_acl({"acl", "pattern write a/%c/x-%u/b\nuser a\ntopic write a/%c\n"});
  EXPECT_EQ(widest_filter(acl.rules.at(0)), "a/+/+/b");
  EXPECT_EQ(widest_filter(acl.rules.at(1)), "a/%c");
}

}  // namespace
}  // namespace sudare::doctor
