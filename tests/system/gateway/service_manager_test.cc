// What a service manager hears: sd_notify(3)'s datagrams, at a socket as systemd has it.
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/system/gateway/unit.h"

namespace sudare::testkit {
namespace {

class ManagerSocket {
 public:
  explicit ManagerSocket(const std::filesystem::path& path)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  ~ManagerSocket() { close(fd_); }
  ManagerSocket(const ManagerSocket&) = delete;
  ManagerSocket& operator=(const ManagerSocket&) = delete;

  // The next datagram; empty where none comes for `ms`.
  [[nodiscard]] std::string next(int ms) const {
    pollfd one{fd_, POLLIN, 0};
    if (poll(&one, 1, ms) != 1) return "";
    char text[256];
    const ssize_t size = recv(fd_, text, sizeof text, 0);
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  int fd_;
};

class ServiceManagerTest : public testing::Test {
 protected:
  // `usec`: what WatchdogSec= would have set.
  UnitOptions options(const std::string& usec) {
    UnitOptions options;
    options.environment = {{"NOTIFY_SOCKET", path_.string()}, {"WATCHDOG_USEC", usec}};
    return options;
  }
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "notify";
  ManagerSocket manager_{path_};
};

TEST_F(ServiceManagerTest, HearsThatItIsReadyLivesAndStops) {
  Unit unit(options("400000"));
  unit.start();
  EXPECT_EQ(manager_.next(10'000), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager_.next(10'000), "WATCHDOG=1");
  EXPECT_EQ(unit.stop().status, 0);
  std::string last = "WATCHDOG=1";
  while (last == "WATCHDOG=1") last = manager_.next(1000);
  EXPECT_EQ(last, "STOPPING=1");
}

// The loop that commits is the one that feeds: a gateway that hangs is ended and started again.
TEST_F(ServiceManagerTest, HearsNothingOfOneThatHangs) {
  Unit unit(options("400000"));
  unit.start();
  EXPECT_EQ(manager_.next(10'000), "READY=1");
  unit.gateway().signal(SIGSTOP);
  while (!manager_.next(0).empty()) {
  }
  EXPECT_EQ(manager_.next(1500), "");
  unit.gateway().signal(SIGCONT);
  EXPECT_EQ(manager_.next(10'000), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, AWatchdogOfAnotherProcessIsNotFed) {
  UnitOptions other = options("400000");
  other.environment.emplace_back("WATCHDOG_PID", "1");
  Unit unit(other);
  unit.start();
  EXPECT_EQ(manager_.next(10'000), "READY=1");
  EXPECT_EQ(manager_.next(2500), "");
}

TEST_F(ServiceManagerTest, OneThatIsNotReadyNeverSaysSo) {
  Unit unit(options(""));
  std::filesystem::remove_all(unit.state());
  unit.start(false);
  EXPECT_EQ(unit.gateway().wait(std::chrono::seconds(10)), 1);
  EXPECT_EQ(manager_.next(100), "");
}

TEST(ServiceManagerNone, AnAddressThatIsNoSocketIsNoHindrance) {
  for (const char* address : {"", "/nowhere/notify", "relative", "@"}) {
    UnitOptions options;
    options.environment = {{"NOTIFY_SOCKET", address}};
    Unit unit(options);
    unit.start();
    EXPECT_EQ(unit.stop().status, 0) << address;
  }
}

}  // namespace
}  // namespace sudare::testkit
