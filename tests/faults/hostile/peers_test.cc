// What single habits of a hostile peer cost the running gateway: no core, no memory, no message.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "tests/faults/hostile/grammar.h"
#include "tests/faults/hostile/hostile_broker.h"
#include "tests/faults/network/world.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/fault_proxy.h"

namespace sudare::faults {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using testkit::eventually;
using testkit::Unit;

// What the gateway may use of a core while its peers rest; one that reads in a circle uses all.
constexpr double kRestingShare = 0.3;

double cpu_seconds(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::array<std::string, 13> words;  // state is the first; utime and stime the last two
  for (std::string& word : words) fields >> word;
  return (std::stod(words[11]) + std::stod(words[12])) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Of a core, over a while.
double share_of_core(Unit& unit) {
  const auto start = std::chrono::steady_clock::now();
  const double before = cpu_seconds(unit.gateway().pid());
  testkit::pause(milliseconds(1000));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return (cpu_seconds(unit.gateway().pid()) - before) / took.count();
}

// One that says something when it is connected to, something to a CONNECT, and then something at
// each turn.
struct Lines {
  std::string accepted;
  std::string connected;
  std::string turn;
  bool closes = false;  // after these
};

class Scripted final : public Play {
 public:
  explicit Scripted(Lines lines) : lines_(std::move(lines)) {}
  void accepted(Line& line) override { line.send(lines_.accepted); }
  void packet(Line& line, const ClientPacket& packet) override {
    if ((packet.first & 0xf0U) != grammar::kConnect) return;
    line.send(lines_.connected);
    if (lines_.closes) line.close();
    connected_ = true;
  }
  void turn(Line& line) override {
    if (connected_ && line.unsent() == 0) line.send(lines_.turn);
  }

 private:
  Lines lines_;
  bool connected_ = false;
};

HostileBroker::Cast cast_of(const Lines& lines) {
  return [lines](std::uint64_t) { return std::make_unique<Scripted>(lines); };
}

std::string url_of(const HostileBroker& broker) {
  return "mqtt://127.0.0.1:" + std::to_string(broker.port());
}

struct Resting {
  const char* name;
  Lines lines;
};

void PrintTo(const Resting& peer, std::ostream* out) { *out << peer.name; }

class RestingPeer : public testing::TestWithParam<Resting> {};

// As both brokers at once.
TEST_P(RestingPeer, CostsNeitherCoreNorMemory) {
  HostileBroker local(cast_of(GetParam().lines));
  HostileBroker cloud(cast_of(GetParam().lines));
  Unit unit;
  unit.set_local_url(url_of(local));
  unit.set_cloud_url(url_of(cloud));
  unit.write_config();
  unit.start(false);
  ASSERT_TRUE(eventually([&] { return local.connections() >= 2 && cloud.connections() >= 1; }));
  EXPECT_LT(share_of_core(unit), kRestingShare);
  EXPECT_FALSE(grows(unit.gateway().pid()));
  // Whatever is attempted again and again is attempted more and more seldom.
  EXPECT_LT(local.connections() + cloud.connections(), 40U);
  EXPECT_EQ(unit.stop().status, 0);
}

const std::string kGreeting = grammar::connack(false, 0);

INSTANTIATE_TEST_SUITE_P(
    Hostile, RestingPeer,
    testing::Values(Resting{"SaysNothing", {}}, Resting{"OnlyGreets", {"", kGreeting, "", false}},
                    Resting{"GreetsAndCloses", {"", kGreeting, "", true}},
                    Resting{"Closes", {"", "", "", true}},
                    Resting{"SendsHalfAPacket", {"", kGreeting + "\x32\x50\x00"s, "", false}},
                    Resting{"ClaimsAHugePacket",
                            {"", kGreeting + grammar::header(0x32, 268'435'455, 4), "", false}},
                    Resting{"Disconnects",
                            {"", kGreeting + grammar::packet(0xe0, "\x8b\x00"s), "", true}},
                    Resting{"SpeaksTls", {"\x16\x03\x03\x00\x7a\x02\x00\x00\x76"s, "", "", false}},
                    Resting{"SpeaksFirst", {kGreeting + kGreeting, "", "", false}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HostileLocalTls, ABrokerThatNeverAnswersTheHandshakeKeepsNoCoreBusy) {
  HostileBroker local(cast_of({}));
  testkit::UnitOptions options;
  options.cloud_tls = true;  // for its authority
  Unit unit(options);
  unit.set_local_url("mqtts://localhost:" + std::to_string(local.port()));
  unit.write_config();
  std::ifstream in(unit.config_file());
  std::string config((std::istreambuf_iterator<char>(in)), {});
  config.insert(config.find("local {\n") + 8, "  tls { ca_file: \"ca/ca.pem\" }\n");
  std::ofstream(unit.config_file()) << config;
  unit.start(false);
  ASSERT_TRUE(eventually([&] { return local.connections() >= 2; })) << unit.log();
  EXPECT_LT(share_of_core(unit), kRestingShare);
  EXPECT_EQ(unit.stop().status, 0);
}

// A packet of 256 MB that does come.
TEST(HostilePeers, APacketThatNeverEndsIsNotKept) {
  Lines lines;
  lines.connected = kGreeting + grammar::header(0x32, 268'435'455, 4) + grammar::text("test/json");
  lines.turn = std::string(512 * 1024, 'x');
  HostileBroker local(cast_of(lines));
  HostileBroker cloud(cast_of(lines));
  Unit unit;
  unit.set_local_url(url_of(local));
  unit.set_cloud_url(url_of(cloud));
  unit.write_config();
  unit.start(false);
  ASSERT_TRUE(eventually([&] { return local.connections() >= 2 && cloud.connections() >= 2; }));
  testkit::pause(milliseconds(1500));
  EXPECT_FALSE(grows(unit.gateway().pid()));
  EXPECT_EQ(unit.stop().status, 0);
}

// One that a car's software does not know, in each packet that may hold one: MQTT 5 has room for
// what comes later.
TEST(HostilePeers, APropertyThatNobodyKnowsEndsTheConnectionOnly) {
  Lines lines;
  lines.connected = kGreeting + grammar::packet(grammar::kPuback, "\x00\x01\x00\x02\x7f\x01"s);
  HostileBroker local(cast_of(lines));
  HostileBroker cloud(cast_of(lines));
  Unit unit;
  unit.set_local_url(url_of(local));
  unit.set_cloud_url(url_of(cloud));
  unit.write_config();
  unit.start(false);
  EXPECT_TRUE(eventually([&] { return local.connections() >= 4 && cloud.connections() >= 2; }));
  EXPECT_EQ(unit.stop().status, 0);
}

// Nothing that it asked for, without end: the intake goes on, and the end is not held up.
TEST(HostileCloud, AFloodOfPacketsHoldsUpNeitherIntakeNorEnd) {
  Lines lines;
  lines.connected = kGreeting;
  for (int i = 0; i < 20'000; ++i) lines.turn += grammar::packet(grammar::kPingresp, "");
  HostileBroker cloud(cast_of(lines));
  Unit unit;
  unit.set_cloud_url(url_of(cloud));
  unit.write_config();
  unit.start();
  ASSERT_TRUE(eventually([&] { return cloud.connections() >= 1; }));
  testkit::MqttClient car(unit.local().port());
  for (std::uint64_t i = 0; i < 200; ++i) car.publish("test/json", Unit::number_payload(i));
  ASSERT_TRUE(car.flush());
  EXPECT_TRUE(eventually([&] {
    return metric_of(unit.get("/metrics").body, "sudare_rows_taken_total{purpose=\"seq\"}") == 200;
  }));
  EXPECT_EQ(unit.stop().status, 0);
}

// Sends messages with topics that can't be, once each per connection, and hears what of them is
// acknowledged.
class BadTopics final : public Play {
 public:
  explicit BadTopics(std::atomic<int>& acknowledged) : acknowledged_(acknowledged) {}
  void packet(Line& line, const ClientPacket& packet) override {
    if (packet.first == grammar::kPuback) ++acknowledged_;
    if ((packet.first & 0xf0U) != grammar::kConnect) return;
    line.send(kGreeting);
    unsigned id = 0;
    for (const std::string& topic :
         {"nul\0inside"s, "\xff\xfe"s, "\xed\xa0\x80"s, "a/#"s, "+"s, ""s}) {
      line.send(grammar::publish(topic, "{\"seq\": 1}", 1, ++id, false));
    }
  }

 private:
  std::atomic<int>& acknowledged_;
};

TEST(HostileLocal, AMessageWithAnImpossibleTopicIsCountedAndAcknowledgedOnce) {
  std::atomic<int> acknowledged = 0;
  HostileBroker local([&](std::uint64_t) { return std::make_unique<BadTopics>(acknowledged); });
  Unit unit;
  unit.set_local_url(url_of(local));
  unit.write_config();
  unit.start(false);
  constexpr int kAll = 2 * 6;  // of both sessions
  ASSERT_TRUE(eventually([&] { return acknowledged >= kAll; })) << unit.log();
  testkit::pause(milliseconds(500));
  EXPECT_EQ(local.connections(), 2U) << "the connections go on";
  EXPECT_EQ(acknowledged, kAll);
  EXPECT_EQ(unit.stop().status, 0);
  const FateCounts counts = unit.account().purposes.at("");
  EXPECT_EQ(counts.by_reason[static_cast<std::size_t>(Reason::kUnknownTopic)],
            static_cast<std::uint64_t>(kAll));
}

// Acknowledges and forgets.
class Forgetful final : public Play {
 public:
  void packet(Line& line, const ClientPacket& packet) override {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(packet.body[at]); };
    if ((packet.first & 0xf0U) == grammar::kConnect) line.send(kGreeting);
    if ((packet.first & 0xf0U) != grammar::kPublish) return;
    const std::size_t id = 2U + (static_cast<std::size_t>(byte(0)) << 8U | byte(1));
    line.send(grammar::packet(grammar::kPuback, packet.body.substr(id, 2)));
  }
};

TEST(HostileCloud, OneThatAcknowledgesAndForgetsIsAGapAtTheRecipient) {
  HostileBroker forgetful([](std::uint64_t) { return std::make_unique<Forgetful>(); });
  World world({});
  world.publish(50);
  ASSERT_TRUE(world.settle());
  world.lead_to(forgetful.port());
  world.publish(50);
  ASSERT_TRUE(eventually(
      [&] { return world.metric("sudare_rows{purpose=\"seq\",fate=\"delivered\"}") == 101; }));
  world.lead_back();
  world.publish(50);
  ASSERT_TRUE(world.settle());
  const testkit::TemporaryDirectory received;
  world.unit().write_key_file("seq", received.path() / "key");
  std::vector<std::string> command = {testkit::program("sudare"), "open", "--purpose", "seq", "-i",
                                      received.path() / "key"};
  for (const testkit::MqttMessage& message : world.unit().recipient().messages()) {
    command.push_back(received.path() / std::to_string(command.size()));
    std::ofstream(command.back(), std::ios::binary) << message.payload;
  }
  const testkit::RunResult opened = testkit::run(command);
  EXPECT_EQ(opened.status, 3) << opened.errors;
  EXPECT_NE(opened.errors.find("1 gaps"), std::string::npos) << opened.errors;
  EXPECT_NE(opened.errors.find("records 51 to 100"), std::string::npos) << opened.errors;
}

}  // namespace
}  // namespace sudare::faults
