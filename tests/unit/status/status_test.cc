#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "gateway/status/status_page.h"
#include "gateway/status/status_server.h"

namespace sudare {
namespace {

using ::testing::HasSubstr;

GatewaySnapshot healthy() {
  GatewaySnapshot snapshot;
  snapshot.collect.normal_connected = snapshot.collect.urgent_connected = true;
  snapshot.upload.connected = true;
  snapshot.clock_confirmed = snapshot.car_checked = true;
  snapshot.last_commit_ms = 1000;
  snapshot.sandbox = {true, 7};
  snapshot.account.take("traffic", Fate::kQueued, Reason::kNone, 3);
  snapshot.account.take("", Fate::kRejected, Reason::kUnknownTopic, 2);
  return snapshot;
}

TEST(StatusHealth, EachHindranceIsAReason) {
  GatewaySnapshot snapshot = healthy();
  EXPECT_TRUE(health(snapshot, 1500).ok);
  snapshot.commit_failing = true;
  EXPECT_THAT(health(snapshot, 1500).json, HasSubstr("commit_failing"));
  snapshot = healthy();
  snapshot.collect.urgent_connected = false;
  EXPECT_THAT(health(snapshot, 1500).json, HasSubstr("local_disconnected"));
  snapshot = healthy();
  snapshot.restriction = Reason::kPolicyExpired;
  EXPECT_FALSE(health(snapshot, 1500).ok);
}

TEST(StatusHealth, ACarWithoutNetworkIsHealthy) {
  GatewaySnapshot snapshot = healthy();
  snapshot.upload.connected = false;
  const Health page = health(snapshot, 1500);
  EXPECT_TRUE(page.ok);
  const auto json = nlohmann::json::parse(page.json);
  EXPECT_EQ(json.at("notes"), nlohmann::json::array({"cloud_disconnected"}));
  EXPECT_EQ(json.at("last_commit_age_ms"), 500);
}

TEST(StatusHealth, WeakerProtectionIsANote) {
  GatewaySnapshot snapshot = healthy();
  snapshot.sandbox.landlock = 0;
  snapshot.secrets_not_locked = 1;
  const Health page = health(snapshot, 1500);
  EXPECT_TRUE(page.ok);
  const auto json = nlohmann::json::parse(page.json);
  EXPECT_EQ(json.at("notes"), nlohmann::json::array({"no_landlock", "secrets_not_locked"}));
  EXPECT_EQ(json.at("sandbox").at("landlock_version"), 0);
}

TEST(StatusHealth, AUnitThatIsNotCheckedIsANoteAndOneThatWasMovedAReason) {
  GatewaySnapshot snapshot = healthy();
  snapshot.car_checked = false;
  EXPECT_TRUE(health(snapshot, 1500).ok);
  EXPECT_THAT(health(snapshot, 1500).json, HasSubstr("car_not_checked"));
  EXPECT_THAT(metrics_text(snapshot), HasSubstr("sudare_car_checked 0"));
  EXPECT_THAT(metrics_text(snapshot), HasSubstr("sudare_unit_moved 0"));
  snapshot.restriction = Reason::kUnitMoved;
  EXPECT_FALSE(health(snapshot, 1500).ok);
  EXPECT_THAT(health(snapshot, 1500).json, HasSubstr("unit_moved"));
  EXPECT_THAT(metrics_text(snapshot), HasSubstr("sudare_unit_moved 1"));
}

TEST(StatusMetrics, ShowTheAccount) {
  const std::string text = metrics_text(healthy());
  EXPECT_THAT(text, HasSubstr("sudare_rows_taken_total{purpose=\"traffic\"} 3"));
  EXPECT_THAT(text, HasSubstr("sudare_rows{purpose=\"traffic\",fate=\"queued\"} 3"));
  EXPECT_THAT(text,
              HasSubstr("sudare_rows_by_reason_total{purpose=\"\",reason=\"unknown_topic\"} 2"));
}

TEST(StatusMetrics, ShowWhereNewPoliciesStand) {
  GatewaySnapshot snapshot = healthy();
  EXPECT_THAT(metrics_text(snapshot), ::testing::Not(HasSubstr("sudare_policy_days_left")))
      << "without a policy there is nothing to expire";
  snapshot.policy_serial = 3;
  snapshot.policy_days_left = -2;
  snapshot.policy_updates.taken = 1;
  snapshot.policy_updates.refused[static_cast<std::size_t>(PolicyRefusal::kOtherText)] = 4;
  snapshot.upload.policy_oversized = 5;
  snapshot.upload.unexpected_messages = 6;
  const std::string text = metrics_text(snapshot);
  EXPECT_THAT(text, HasSubstr("sudare_policy_days_left -2"));
  EXPECT_THAT(text, HasSubstr("sudare_policy_updates_taken_total 1"));
  EXPECT_THAT(text, HasSubstr("sudare_policy_updates_refused_total{reason=\"other_text\"} 4"));
  EXPECT_THAT(text, HasSubstr("sudare_policy_topic_oversized_total 5"));
  EXPECT_THAT(text, HasSubstr("sudare_uplink_unexpected_total 6"));
  for (std::size_t i = 1; i < kPolicyRefusalCount; ++i) {
    const Literal reason = literal_of(static_cast<PolicyRefusal>(i));
    EXPECT_NE(reason.view(), "unknown");
    EXPECT_THAT(text, HasSubstr("{reason=\"" + std::string(reason.view()) + "\"}"));
  }
}

TEST(StatusMetrics, ClipsAreThereWhereTheyAreTaken) {
  GatewaySnapshot snapshot = healthy();
  EXPECT_THAT(metrics_text(snapshot), ::testing::Not(HasSubstr("sudare_clip")));
  snapshot.clips.on = true;
  snapshot.clips.released = 2;
  snapshot.clips.files_waiting = 3;
  snapshot.clips.rejected[static_cast<std::size_t>(Reason::kClipFindings)] = 1;
  snapshot.clips.rejected[static_cast<std::size_t>(Reason::kNone)] = 4;
  snapshot.store.held_rows = 5;
  const std::string text = metrics_text(snapshot);
  EXPECT_THAT(text, HasSubstr("sudare_clips_released_total 2\n"));
  EXPECT_THAT(text, HasSubstr("sudare_clips_waiting 3\n"));
  EXPECT_THAT(text, HasSubstr("sudare_clips_not_released_total{reason=\"clip_findings\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sudare_clips_not_released_total{reason=\"not_consented\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("sudare_clip_pieces_held 5\n"));
}

TEST(StatusMetrics, HistogramBucketsAccumulate) {
  GatewaySnapshot snapshot = healthy();
  for (const std::int64_t us : {100, 600, 3'000'000}) snapshot.commits.add(us);
  const std::string text = metrics_text(snapshot);
  EXPECT_THAT(text, HasSubstr("sudare_commit_duration_seconds_bucket{le=\"0.0005\"} 1"));
  EXPECT_THAT(text, HasSubstr("sudare_commit_duration_seconds_bucket{le=\"2\"} 2"));
  EXPECT_THAT(text, HasSubstr("sudare_commit_duration_seconds_bucket{le=\"+Inf\"} 3"));
}

TEST(StatusServerTest, AnswersOnLoopbackOnly) {
  SharedSnapshot snapshot(healthy());
  const SystemClock clock;
  EXPECT_FALSE(StatusServer::bind({"0.0.0.0", 0}, snapshot, clock).has_value());
  const auto server = StatusServer::bind({"127.0.0.1", 0}, snapshot, clock);
  ASSERT_TRUE(server.has_value());
  (*server)->serve();
  httplib::Client client("127.0.0.1", (*server)->port());
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  EXPECT_EQ(client.Get("/metrics")->status, 200);
  EXPECT_EQ(client.Get("/etc/passwd")->status, 404);
  snapshot.with([](GatewaySnapshot& shared) { shared.commit_failing = true; });
  EXPECT_EQ(client.Get("/healthz")->status, 503);
}

// With SO_REUSEPORT, which the library sets by itself, both would answer in turn.
TEST(StatusServerTest, ASecondOneDoesNotShareItsPort) {
  const SharedSnapshot snapshot(healthy());
  const SystemClock clock;
  const auto first = StatusServer::bind({"127.0.0.1", 0}, snapshot, clock);
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(StatusServer::bind({"127.0.0.1", (*first)->port()}, snapshot, clock).has_value());
}

// Whoever closes a connection first keeps its address in TIME_WAIT: so does a broker that was
// killed and whose port the status page gets next.
TEST(StatusServerTest, WhatLingersOfAnothersConnectionsDoesNotKeepItOut) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const at = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ASSERT_EQ(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
  ASSERT_EQ(bind(listener, at, size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, at, &size), 0);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(client, at, size), 0);
  close(accept(listener, nullptr, nullptr));
  close(client);
  close(listener);
  const SharedSnapshot snapshot(healthy());
  const SystemClock clock;
  EXPECT_TRUE(
      StatusServer::bind({"127.0.0.1", ntohs(address.sin_port)}, snapshot, clock).has_value());
}

}  // namespace
}  // namespace sudare
