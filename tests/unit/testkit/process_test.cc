#include "tests/testkit/process.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>

#include "tests/testkit/broker.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;

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
  for (int i = 0; i < 1000; ++i) ASSERT_NE(free_port(), broker.port());
}

// A gateway that was killed found its port taken when it came back: by another campaign's broker.
TEST(FreePort, IsOfThisProcessAlone) {
  if (std::getenv("SUDARE_TELL_PORT") != nullptr) {
    std::cout << "port " << free_port() << std::endl;
    return;
  }
  std::set<std::uint16_t> own;
  for (int i = 0; i < 1000; ++i) own.insert(free_port());
  for (int i = 0; i < 20; ++i) {
    const RunResult other = run({"env", "SUDARE_TELL_PORT=1", fs::read_symlink("/proc/self/exe"),
                                 "--gtest_filter=FreePort.IsOfThisProcessAlone"});
    const auto at = other.output.find("port ");
    ASSERT_NE(at, std::string::npos) << other.output;
    EXPECT_EQ(own.count(static_cast<std::uint16_t>(std::stoi(other.output.substr(at + 5)))), 0U);
  }
}

TEST(FindCommand, FindsWhatDebianKeepsForRootToo) {
  EXPECT_EQ(find_command("no-such-command"), "");
  EXPECT_NE(find_command("sh"), "");
  EXPECT_NE(find_command("mosquitto"), "");
}

}  // namespace
}  // namespace sudare::testkit
