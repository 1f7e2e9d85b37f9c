// A short version of each fault of the network.
#include "tests/faults/network/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/faults/network/link.h"
#include "tests/testkit/not_run.h"

namespace sudare::faults {
namespace {

Fault fault_named(const std::string& name) {
  for (Fault& fault : network_faults()) {
    if (fault.name == name) return std::move(fault);
  }
  throw std::runtime_error("no fault " + name);
}

void expect_nothing_lost(const std::string& name) {
  const Fault fault = fault_named(name);
  FaultOptions options;
  options.runs = fault.short_runs;
  options.seed = 1;
  const FaultResult result = fault.run(options);
  for (const std::string& finding : result.findings) ADD_FAILURE() << finding;
  EXPECT_EQ(result.runs, fault.short_runs);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.plaintext, 0U);
  EXPECT_GE(result.acknowledged, 100 * result.runs);
  EXPECT_GT(result.control_lost, 0U);
}

class OverALink : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string package = Link::missing_package();
    if (!package.empty()) SUDARE_NOT_RUN(package);
    if (const std::string reason = Link::missing(); !reason.empty())
      GTEST_SKIP() << "not run: " << reason;
  }
};

TEST_P(OverALink, NothingAcknowledgedIsLost) { expect_nothing_lost(GetParam()); }

std::string name_of(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(NetworkFaults, OverALink,
                         testing::Values("loss", "rate-limit", "address-change"), name_of);

class OverAProxy : public testing::TestWithParam<const char*> {};

TEST_P(OverAProxy, NothingAcknowledgedIsLost) { expect_nothing_lost(GetParam()); }

INSTANTIATE_TEST_SUITE_P(NetworkFaults, OverAProxy,
                         testing::Values("resets", "half-open", "slow-tls", "session-loss",
                                         "refused-publishes", "acl-changes", "packets-over-limit",
                                         "broker-restarts", "long-outage", "backlog"),
                         name_of);

}  // namespace
}  // namespace sudare::faults
