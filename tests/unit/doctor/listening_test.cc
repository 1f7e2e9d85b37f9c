#include "fleet/doctor/listening.h"

#include <gmock/gmock.h>

#include "fleet/doctor/report.h"

namespace sudare::doctor {
namespace {

// As x86 and arm64 print them.
constexpr const char* kTitles = "  sl  local_address rem_address   st tx_queue rx_queue\n";

std::vector<ListeningPort> parse(const std::string& lines) {
  return parse_listening(kTitles + lines);
}

TEST(Listening, WhatIsNoLineIsPassedOver) {
  EXPECT_TRUE(parse("x\n 0: 0100007F 0 0A\n 0: 0100007F:075X 00000000:0000 0A\n"
                    " 0: 01:075B 00000000:0000 0A\n")
                  .empty());
}

TEST(Listening, OnlyWhatListensCounts) {
  EXPECT_TRUE(parse(" 0: 00000000:075B 00000000:0000 01 0:0\n").empty());
}

TEST(Listening, LoopbackIsToldFromEveryInterface) {
  const auto ports = parse(
      " 0: 0100007F:075B 00000000:0000 0A\n 1: 00000000:075B 00000000:0000 0A\n"
      " 2: 00000000000000000000000001000000:075B 0:0 0A\n"
      " 3: 00000000000000000000000000000000:075B 0:0 0A\n"
      " 4: 0000000000000000FFFF00000100007F:075B 0:0 0A\n");
  ASSERT_EQ(ports.size(), 5U);
  for (const ListeningPort& one : ports) EXPECT_EQ(one.port, 1883);
  EXPECT_TRUE(ports[0].loopback);
  EXPECT_FALSE(ports[1].loopback);
  EXPECT_TRUE(ports[2].loopback);
  EXPECT_FALSE(ports[3].loopback);
  EXPECT_TRUE(ports[4].loopback);
}

TEST(Listening, ATableHasABound) {
  std::string lines;
  for (std::size_t i = 0; i < kListeningPortsMax + 10; ++i) {
    lines += " 0: 0100007F:075B 00000000:0000 0A\n";
  }
  EXPECT_EQ(parse(lines).size(), kListeningPortsMax);
}

TEST(Report, ACheckKeepsABoundedNumberOfFindings) {
  Report report;
  {
    Check check(report, "broker.acl");
    for (int i = 0; i < 1000; ++i) check.problem("much", "");
  }
  EXPECT_EQ(report.findings().size(), Report::kFindingsMax + 1);
}

TEST(Report, ACheckWithoutFindingIsOk) {
  Report report;
  Check(report, "broker.acl").ok("fine");
  ASSERT_EQ(report.findings().size(), 1U);
  EXPECT_EQ(report.findings()[0].text, "fine");
}

}  // namespace
}  // namespace sudare::doctor
