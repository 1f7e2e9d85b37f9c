// The proxy that tests of bad networks rely on does the harm that it is told to.
#include "tests/testkit/fault_proxy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>
#include <utility>

#include "tests/testkit/process.h"
#include "tests/testkit/raw_broker.h"
#include "tests/testkit/stream_scan.h"

namespace sudare::testkit {
namespace {

std::size_t count_of_x(std::string_view bytes) {
  std::size_t found = 0;
  for (std::size_t at = bytes.find("xyz"); at != bytes.npos; at = bytes.find("xyz", at + 1)) {
    ++found;
  }
  return found;
}

class FaultProxyTest : public testing::Test {
 protected:
  FaultProxyTest()
      : proxy(broker.port(), count_of_x, [this](std::uint64_t, bool, std::string_view) {
          if (in_turn) std::exchange(in_turn, {})();
        }) {}
  ~FaultProxyTest() override { close(client); }
  void connect_client() { connect_client(broker); }
  void connect_client(RawBroker& peer) {
    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(proxy.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    peer.accept_one();
  }
  void say(const std::string& bytes) const {
    ASSERT_EQ(send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // All that comes to the broker until it pauses for `ms`.
  [[nodiscard]] std::string hear(int ms) const {
    std::string all;
    for (std::string more = broker.receive(ms); !more.empty(); more = broker.receive(ms)) {
      all += more;
    }
    return all;
  }
  // What recv says at the client: 0 the end, -1 and errno an error.
  [[nodiscard]] int end_at_client() const {
    char byte = 0;
    return recv(client, &byte, 1, 0) == 0 ? 0 : errno;
  }

  RawBroker broker;
  std::function<void()> in_turn;  // once, on the proxy's thread, when something came
  FaultProxy proxy;
  int client = -1;
};

TEST_F(FaultProxyTest, PassesBytesBothWaysAndScansThemOverBorders) {
  connect_client();
  say("ab xy");
  EXPECT_EQ(broker.receive(2000), "ab xy");
  say("z cd");
  EXPECT_EQ(broker.receive(2000), "z cd");
  ASSERT_TRUE(broker.send_bytes("back"));
  char bytes[4];
  EXPECT_EQ(recv(client, bytes, sizeof bytes, MSG_WAITALL), 4);
  EXPECT_TRUE(eventually([&] { return proxy.seen().findings == 1; }));
}

TEST_F(FaultProxyTest, CutsInTheMiddleWithAReset) {
  connect_client();
  proxy.cut_after(1234);
  say(std::string(5000, 'a'));
  EXPECT_EQ(hear(500).size(), 1234U);
  EXPECT_EQ(end_at_client(), ECONNRESET);
  EXPECT_EQ(proxy.seen().resets, 1U);
}

TEST_F(FaultProxyTest, WhatIsSaidAfterASettingMeetsItAlsoInMidTurn) {
  std::binary_semaphore turning(0);
  in_turn = [&] {
    turning.release();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  connect_client();
  say("first");
  turning.acquire();
  proxy.cut_after(1234);
  say(std::string(5000, 'a'));
  EXPECT_EQ(hear(500).size(), 1234U);
}

TEST_F(FaultProxyTest, SwallowsWithoutAWordAndForGood) {
  connect_client();
  Weather weather;
  weather.swallow = true;
  proxy.set(weather);
  pollfd one{client, POLLIN, 0};
  say("gone");
  EXPECT_EQ(hear(200), "");
  EXPECT_EQ(poll(&one, 1, 0), 0) << "nobody is told";
  proxy.set({});
  say("gone too");
  EXPECT_EQ(hear(200), "") << "a stream with a hole is none";
  EXPECT_TRUE(eventually([&] { return proxy.seen().swallowed == 12; }));
}

TEST_F(FaultProxyTest, ByteByByteLosesNothing) {
  connect_client();
  Weather weather;
  weather.piece_bytes = 1;
  weather.delay_ms = 20;
  weather.bytes_per_second = 20'000;
  proxy.set(weather);
  const std::string sent(2000, 'b');
  say(sent);
  EXPECT_EQ(hear(1000), sent);
}

TEST_F(FaultProxyTest, LeadsElsewhere) {
  RawBroker other;
  proxy.lead_to(other.port());
  connect_client(other);
  say("hello");
  EXPECT_EQ(other.receive(2000), "hello");
}

TEST(StreamScan, CountsAFindingOnce) {
  StreamScan scan;
  std::size_t found = 0;
  for (const std::string& piece :
       std::vector<std::string>{"..x", "y", "z..", std::string(1000, '.'), "xyz"}) {
    found += scan.take(count_of_x, piece);
  }
  EXPECT_EQ(found, 2U);
}

}  // namespace
}  // namespace sudare::testkit
