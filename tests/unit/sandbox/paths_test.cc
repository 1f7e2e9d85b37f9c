// Files and ports: what the configuration names can be read, the state directory can be written,
// and nothing else.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/sandbox/landlock.h"
#include "gateway/sandbox/paths.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/unit/sandbox/child.h"

namespace sudare {
namespace {

using testkit::confined;
using testkit::End;
using testkit::end_of;
using testkit::error_of;

LandlockVersion kernel_version() {
  const auto landlock = Landlock::create();
  return landlock ? landlock->version() : 0;
}

int error_of_open(const std::string& path, int flags) {
  return error_of(open(path.c_str(), flags | O_CLOEXEC, 0600));
}

int error_of_connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  return error_of(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

// In a folder that is itself in "/".
class FileAtTheTop {
 public:
  FileAtTheTop() {
    const int fd = mkstemp(path_.data());
    if (fd < 0) throw std::runtime_error("no file in /tmp");
    close(fd);
  }
  ~FileAtTheTop() { unlink(path_.c_str()); }
  FileAtTheTop(const FileAtTheTop&) = delete;
  FileAtTheTop& operator=(const FileAtTheTop&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/sudare-test-XXXXXX";
};

class GatewaySandboxPaths : public testing::Test {
 protected:
  GatewaySandboxPaths() {
    for (const char* name : {"state", "etc", "spool", "elsewhere"}) {
      std::filesystem::create_directory(at(name));
    }
    write("etc/policy", "first");
    write("elsewhere/secret", "secret");
    write("spool/clip", "clip");
    plan_.state_directory = at("state");
    plan_.policy_file = at("etc/policy");
    plan_.local.peer.endpoint = {"127.0.0.1", 1, false};
    plan_.cloud.peer.endpoint = {"127.0.0.1", 2, false};
  }
  void SetUp() override {
    if (kernel_version() == 0) GTEST_SKIP() << "not run: this kernel has no Landlock";
  }
  [[nodiscard]] std::string at(const std::string& name) const { return directory_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(at(name)) << text;
  }
  int in_sandbox(const std::function<int()>& act) { return confined(plan_, act).status; }
  // Without the filter of calls, so that the test can wait for another process.
  bool forbid_paths_alone() {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && forbid_other_paths(plan_).has_value();
  }
  int opening(const std::string& path, int flags) {
    return in_sandbox([&] { return error_of_open(path, flags); });
  }

  testkit::TemporaryDirectory directory_;
  GatewayConfigPlan plan_;
};

TEST_F(GatewaySandboxPaths, OtherFilesCantBeRead) {
  EXPECT_EQ(opening("/etc/shadow", O_RDONLY), EACCES);
  EXPECT_EQ(opening("/etc/passwd", O_RDONLY), EACCES);
#if !defined(SUDARE_SANITIZED)  // a sanitizer looks for its threads there
  EXPECT_EQ(opening("/proc/self/environ", O_RDONLY), EACCES);
#endif
  EXPECT_EQ(opening(at("elsewhere/secret"), O_RDONLY), EACCES);
  EXPECT_EQ(opening(at("etc/../elsewhere/secret"), O_RDONLY), EACCES);
  EXPECT_EQ(end_of([&] { return error_of_open(at("elsewhere/secret"), O_RDONLY); }).status, 0)
      << "the control";
}

TEST_F(GatewaySandboxPaths, NothingIsWrittenBesideTheStateDirectory) {
  EXPECT_EQ(opening(at("elsewhere/new"), O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(opening(at("elsewhere/secret"), O_WRONLY | O_TRUNC), EACCES);
  EXPECT_EQ(opening(at("etc/policy"), O_RDWR), EACCES);
  EXPECT_EQ(in_sandbox([&] { return error_of(unlink(at("etc/policy").c_str())); }), EACCES);
  EXPECT_NE(in_sandbox([&] {
              return error_of(rename(at("etc/policy").c_str(), at("state/policy").c_str()));
            }),
            0);
  EXPECT_TRUE(std::filesystem::exists(at("etc/policy")));
}

TEST_F(GatewaySandboxPaths, TheStateDirectoryIsTheGateways) {
  EXPECT_EQ(in_sandbox([&] {
              const int file = open(at("state/new").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
              if (file < 0 || ::write(file, "x", 1) != 1 || ftruncate(file, 0) != 0) return 1;
              if (rename(at("state/new").c_str(), at("state/moved").c_str()) != 0) return 2;
              if (open(at("state").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0) return 3;
              return unlink(at("state/moved").c_str()) == 0 ? 0 : 4;
            }),
            0);
}

TEST_F(GatewaySandboxPaths, AFileThatReplacesAConfiguredOneCanBeRead) {
  const End replaced = end_of([&] {
    std::array<int, 2> go{};
    if (pipe(go.data()) != 0) return 1;
    const pid_t other = fork();
    if (other == 0) {
      char byte = 0;
      if (read(go[0], &byte, 1) != 1) _exit(1);
      write("etc/policy.new", "second");
      std::filesystem::rename(at("etc/policy.new"), at("etc/policy"));
      _exit(0);
    }
    Reach reach(plan_);
    if (!forbid_paths_alone()) return 2;
    if (::write(go[1], "x", 1) != 1) return 3;
    waitpid(other, nullptr, 0);
    if (reach.lost()) return 4;
    return error_of_open(at("etc/policy"), O_RDONLY);
  });
  EXPECT_EQ(replaced.status, 0);
}

TEST_F(GatewaySandboxPaths, AnotherDirectoryInTheSpoolsPlaceIsOutOfReach) {
  plan_.clips = ClipsPlan{at("spool"), "/no/such/program", 1};
  EXPECT_EQ(opening(at("spool/clip"), O_RDONLY), 0);
  EXPECT_EQ(opening(at("spool/new"), O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(in_sandbox([&] { return error_of(unlink(at("spool/clip").c_str())); }), 0);
  const End replaced = end_of([&] {
    Reach reach(plan_);
    std::array<int, 2> go{};
    if (pipe(go.data()) != 0) return 1;
    const pid_t other = fork();
    if (other == 0) {
      char byte = 0;
      if (read(go[0], &byte, 1) != 1) _exit(1);
      std::filesystem::rename(at("spool"), at("gone"));
      std::filesystem::create_directory(at("spool"));
      _exit(0);
    }
    if (!forbid_paths_alone()) return 2;
    if (reach.lost()) return 3;
    if (::write(go[1], "x", 1) != 1) return 4;
    waitpid(other, nullptr, 0);
    return reach.lost() ? 0 : 5;
  });
  EXPECT_EQ(replaced.status, 0);
}

TEST_F(GatewaySandboxPaths, ConnectionsGoToTheBrokersPortsAlone) {
  if (kernel_version() < 4) GTEST_SKIP() << "not run: this kernel restricts no ports";
  EXPECT_EQ(in_sandbox([] { return error_of_connect(1); }), ECONNREFUSED);
  EXPECT_EQ(in_sandbox([] { return error_of_connect(2); }), ECONNREFUSED);
  EXPECT_EQ(in_sandbox([] { return error_of_connect(3); }), EACCES);
  EXPECT_EQ(in_sandbox([] { return error_of_connect(53); }), EACCES);
}

TEST_F(GatewaySandboxPaths, NamesAreResolvedWhereABrokerHasOne) {
  const auto resolve = [] {
    addrinfo* found = nullptr;
    const int code = getaddrinfo("localhost", nullptr, nullptr, &found);
    return code == 0 ? error_of_connect(53) : 1;
  };
  plan_.cloud.peer.endpoint.host = "localhost";
  EXPECT_EQ(in_sandbox(resolve), ECONNREFUSED);
  EXPECT_EQ(opening("/etc/hosts", O_RDONLY), 0);
  EXPECT_EQ(opening("/etc/shadow", O_RDONLY), EACCES);
}

TEST_F(GatewaySandboxPaths, AFileAtTheTopIsReadAloneAndNotItsNeighbours) {
  const FileAtTheTop ceiling;
  const FileAtTheTop neighbour;
  plan_.ceiling_file = ceiling.path();
  EXPECT_EQ(opening(ceiling.path(), O_RDONLY), 0);
  EXPECT_EQ(opening(neighbour.path(), O_RDONLY), EACCES);
}

// As in systemd-nspawn of Debian 12, whose own filter answers EPERM to what it does not know.
TEST(GatewaySandboxInAContainer, GoesOnWithoutLandlockAndSaysSo) {
  const End end = end_of([] {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(landlock_create_ruleset), 0) !=
            0 ||
        seccomp_load(filter) != 0) {
      return 1;
    }
    const auto level = enter_sandbox(GatewayConfigPlan());
    if (!level) return 2;
    return level->calls && level->landlock == 0 ? 0 : 3;
  });
  EXPECT_EQ(end.status, 0);
}

}  // namespace
}  // namespace sudare
