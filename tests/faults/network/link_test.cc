// The link of two network namespaces does the harm that it is told to, and what crosses it is seen.
#include "tests/faults/network/link.h"

#include <gtest/gtest.h>

#include "tests/faults/rig/canary.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/mqtt_client.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

class LinkTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string package = Link::missing_package();
    if (!package.empty()) SUDARE_NOT_RUN(package);
    if (const std::string reason = Link::missing(); !reason.empty())
      GTEST_SKIP() << "not run: " << reason;
    link = std::make_unique<Link>(canaries_in);
  }
  // Whether the cloud's side answers that nobody listens there.
  [[nodiscard]] bool answers() const {
    const Inside inside(link->unit());
    const std::string connect = std::string("exec 3<>/dev/tcp/") + kCloudAddress + "/1";
    return testkit::run({"timeout", "1", "bash", "-c", connect}).errors.find("refused") !=
           std::string::npos;
  }
  std::unique_ptr<Link> link;
};

TEST_F(LinkTest, WhatCrossesInTheClearIsSeen) {
  std::unique_ptr<testkit::Broker> cloud;
  {
    const Inside inside(link->cloud());
    testkit::BrokerOptions options;
    options.address = kCloudAddress;
    cloud = std::make_unique<testkit::Broker>(options);
  }
  const Inside inside(link->unit());
  testkit::MqttClientOptions options;
  options.host = kCloudAddress;
  options.port = cloud->port();
  testkit::MqttClient car(options);
  for (std::uint64_t i = 0; i < 100; ++i) car.publish("test/json", numbered_json(i));
  ASSERT_TRUE(car.flush());
  EXPECT_TRUE(testkit::eventually([&] { return link->wire().findings() >= 400; }))
      << link->wire().findings() << " findings in " << link->wire().bytes() << " bytes";
}

TEST_F(LinkTest, AnswersUntilAllPacketsAreLost) {
  EXPECT_TRUE(answers());
  link->replace_address();
  EXPECT_TRUE(answers()) << "from the new address";
  link->lose(100);
  EXPECT_FALSE(answers());
  link->heal();
  EXPECT_TRUE(answers());
}

}  // namespace
}  // namespace sudare::faults
