#include "tests/testkit/process.h"

#include <gmock/gmock.h>
#include <signal.h>

#include "tests/testkit/broker.h"

namespace sudare::testkit {
namespace {

extern "C" void pass_over(int /*number*/) {}

// The campaign catches SIGTERM itself: a gateway that was to end before it was one never heard of
// it.
TEST(Process, ASignalBeforeItIsTheProgramEndsItAllTheSame) {
  struct sigaction own {};
  struct sigaction before {};
  own.sa_handler = pass_over;
  sigaction(SIGTERM, &own, &before);
  for (int i = 0; i < 100; ++i) {
    Process process({"sleep", "60"});
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(std::chrono::seconds(10)), 128 + SIGTERM) << i;
  }
  sigaction(SIGTERM, &before, nullptr);
}

// The kernel gives ports from 32768 on to clients: a broker once found its port taken by one.
TEST(FreePort, IsNoneThatAClientMayGet) {
  for (int i = 0; i < 1000; ++i) {
    const std::uint16_t port = free_port();
    ASSERT_GE(port, 1024);
    ASSERT_LT(port, 32768);
  }
}

TEST(FreePort, IsNoneThatIsListenedTo) {
  const Broker broker;
  EXPECT_TRUE(port_answers(broker.port()));
  for (int i = 0; i < 30'000; ++i) ASSERT_NE(free_port(), broker.port());
}

}  // namespace
}  // namespace sudare::testkit
