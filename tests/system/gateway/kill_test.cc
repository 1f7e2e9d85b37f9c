// kill -9 at random points under load: nothing that the gateway acknowledged is lost, and the
// account adds up. The control acknowledges first and must lose, or this test would not notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "tests/system/gateway/unit.h"

namespace sudare::testkit {
namespace {

using std::chrono::milliseconds;

// SUDARE_KILLS: how many; 200 by default. SUDARE_SEED: of the points in time.
std::uint32_t number_from_environment(const char* name, std::uint32_t preset) {
  const char* text = std::getenv(name);
  return text == nullptr ? preset : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

// A car that publishes numbers, about a thousand a second, until told to stop.
class Car {
 public:
  explicit Car(std::uint16_t port) : client_(port), thread_([this] { run(); }) {}
  // Everything published, once the broker has it all.
  std::uint64_t stop() {
    stopping_ = true;
    thread_.join();
    EXPECT_TRUE(client_.flush());
    return published_;
  }

 private:
  void run() {
    while (!stopping_) {
      for (int i = 0; i < 10; ++i) client_.publish("test/json", Unit::number_payload(published_++));
      pause(milliseconds(10));
    }
  }

  MqttClient client_;
  std::uint64_t published_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

bool connected(const Unit& unit) { return unit.log().find("local_connected") != std::string::npos; }

// Kills the program `kills` times: one in four at any moment from its start, so that recovery and
// start-up are hit too; the others while it takes messages, however slow the machine is. Then lets
// the gateway finish. The numbers that never arrived.
std::vector<std::uint64_t> lost_after_kills(Unit& unit, const std::filesystem::path& victim,
                                            std::uint32_t kills) {
  const std::uint32_t seed = number_from_environment("SUDARE_SEED", std::random_device{}());
  std::cout << "seed " << seed << ", kills " << kills << "\n";
  std::mt19937 random(seed);
  unit.recipient();
  // The broker keeps messages for a session that exists.
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  unit.use_program(victim);
  Car car(unit.local().port());
  std::uint32_t at_work = 0;
  for (std::uint32_t i = 0; i < kills; ++i) {
    unit.start(false);
    if (i % 4 != 0) {
      EXPECT_TRUE(eventually([&] { return connected(unit); }));
    }
    pause(milliseconds(random() % 150));
    unit.kill();
    at_work += connected(unit) ? 1 : 0;
  }
  std::cout << at_work << " of them at a gateway that was connected\n";
  EXPECT_GT(at_work, kills / 2);
  const std::uint64_t published = car.stop();
  unit.use_program(program("sudare-gateway"));
  unit.start();
  // Redelivery and upload are over when the account shows an empty queue twice in a row.
  int empty = 0;
  eventually([&] {
    const bool now = unit.get("/metrics").body.find("sudare_queue_rows 0") != std::string::npos;
    pause(milliseconds(400));
    empty = now ? empty + 1 : 0;
    return empty >= 3;
  });
  EXPECT_EQ(unit.stop().status, 0) << unit.log();
  const std::set<std::uint64_t> arrived = unit.opened().numbers;
  std::vector<std::uint64_t> lost;
  for (std::uint64_t n = 0; n < published; ++n) {
    if (!arrived.contains(n)) lost.push_back(n);
  }
  std::cout << "published " << published << ", arrived " << arrived.size() << ", lost "
            << lost.size() << "\n";
  EXPECT_GT(published, 0U);
  EXPECT_EQ(unit.opened().failures, 0U);
  return lost;
}

TEST(GatewayKill, NothingAcknowledgedIsLostAndTheAccountAddsUp) {
  Unit unit;
  const auto lost = lost_after_kills(unit, program("sudare-gateway"),
                                     number_from_environment("SUDARE_KILLS", 200));
  EXPECT_EQ(lost, std::vector<std::uint64_t>());
  const Account account = unit.account();
  EXPECT_TRUE(account.adds_up());
  const FateCounts counts = account.purposes.at("seq");
  EXPECT_EQ(counts.by_fate[static_cast<std::size_t>(Fate::kDelivered)],
            static_cast<std::int64_t>(counts.taken));
}

TEST(GatewayKill, TheControlThatAcknowledgesFirstLoses) {
  Unit unit;
  const auto lost = lost_after_kills(unit, SUDARE_ACKNOWLEDGE_FIRST, 20);
  EXPECT_FALSE(lost.empty());
}

}  // namespace
}  // namespace sudare::testkit
