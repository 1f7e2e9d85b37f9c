// What the running gateway has given up, seen from outside; and that its work goes on all the same:
// it connects again by name, takes a policy that replaced another, starts clips. What the sandbox
// forbids is tried in tests/unit/sandbox.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/sandbox/landlock.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/fixtures.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

LandlockVersion kernel_version() {
  const auto landlock = Landlock::create();
  return landlock ? landlock->version() : 0;
}

std::string process_file(Unit& unit, const std::string& name) {
  return read_file("/proc/" + std::to_string(unit.gateway().pid()) + "/" + name);
}

// The number behind a name in /proc/PID/status, or in /metrics.
std::int64_t number_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name);
  if (at == std::string::npos) return -1;
  return std::strtoll(text.c_str() + at + 1 + name.size(), nullptr, 10);
}

TEST(GatewayHardening, EveryThreadIsConfinedAndItSaysSo) {
  Unit unit;
  unit.start();
  int threads = 0;
  for (const auto& entry :
       fs::directory_iterator("/proc/" + std::to_string(unit.gateway().pid()) + "/task")) {
    const std::string status = read_file(entry.path() / "status");
    EXPECT_EQ(number_of(status, "Seccomp:\t"), 2) << status;
    EXPECT_EQ(number_of(status, "NoNewPrivs:\t"), 1);
    ++threads;
  }
  EXPECT_GE(threads, 3);
  const std::string version = std::to_string(kernel_version());
  EXPECT_THAT(unit.log(), HasSubstr("sandbox seccomp=1 landlock_version=" + version));
  const std::string metrics = unit.get("/metrics").body;
  EXPECT_EQ(number_of(metrics, "sudare_sandbox_seccomp "), 1);
  EXPECT_EQ(number_of(metrics, "sudare_sandbox_landlock_version "), kernel_version());
  EXPECT_THAT(unit.get("/healthz").body,
              HasSubstr("{\"seccomp\":true,\"landlock_version\":" + version + "}"));
}

TEST(GatewayHardening, NoCoreIsWritten) {
  Unit unit;
  unit.start();
  EXPECT_THAT(process_file(unit, "limits"),
              testing::ContainsRegex("Max core file size +0 +0 +bytes"));
  unit.gateway().signal(SIGABRT);
  EXPECT_EQ(unit.gateway().wait(std::chrono::seconds(20)), 128 + SIGABRT);
}

#if !defined(SUDARE_SANITIZED)  // a sanitizer locks nothing
// A mapping of the process: its flags, and how much of it is locked.
struct Mapping {
  std::string flags;
  std::int64_t locked_kib = 0;
};

std::vector<Mapping> mappings(Unit& unit) {
  std::vector<Mapping> all;
  std::istringstream lines(process_file(unit, "smaps"));
  Mapping current;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("Locked:", 0) == 0) current.locked_kib = std::atoll(line.c_str() + 7);
    if (line.rfind("VmFlags:", 0) == 0) {
      current.flags = line + " ";
      all.push_back(current);
    }
  }
  return all;
}

TEST(GatewayHardening, SecretsAreLockedAndLeftOutOfDumps) {
  if (geteuid() != 0) GTEST_SKIP() << "not run: not root, and the gateway closes its memory";
  Unit unit;
  unit.start();
  std::int64_t locked_kib = 0;
  for (const Mapping& mapping : mappings(unit)) {
    // The rest of the memory is locked, too, and core dumps are off; secrets are in no dump at all.
    // The kernel's own pages (" io ") are none of it.
    const auto has = [&](const char* flag) {
      return mapping.flags.find(flag) != std::string::npos;
    };
    if (!has(" dd ") || has(" io ")) continue;
    EXPECT_THAT(mapping.flags, HasSubstr(" lo "));
    locked_kib += mapping.locked_kib;
  }
  EXPECT_GT(locked_kib, 0);
  EXPECT_GE(number_of(process_file(unit, "status"), "VmLck:"), locked_kib);
  EXPECT_EQ(number_of(unit.get("/metrics").body, "sudare_secrets_not_locked_total "), 0);
  EXPECT_EQ(unit.log().find("secrets_not_locked"), std::string::npos);
}

TEST(GatewayHardening, WhereNothingCanBeLockedItSaysSoAndWorks) {
  Unit unit;
  const fs::path script = unit.directory() / "without-locks";
  std::ofstream(script) << "#!/bin/sh\nexec prlimit --memlock=0:0 setpriv --bounding-set=-ipc_lock "
                        << program("sudare-gateway").string() << " \"$@\"\n";
  chmod(script.c_str(), 0700);
  unit.use_program(script);
  unit.recipient();
  unit.start();
  EXPECT_EQ(number_of(process_file(unit, "status"), "VmLck:"), 0);
  EXPECT_THAT(unit.log(), HasSubstr("warning secrets_not_locked count="));
  EXPECT_GT(number_of(unit.get("/metrics").body, "sudare_secrets_not_locked_total "), 0);
  EXPECT_THAT(unit.get("/healthz").body, HasSubstr("\"secrets_not_locked\""));
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  EXPECT_TRUE(unit.wait_for_numbers(1));
}
#endif

// The certificate and key are read anew, and the name is asked for anew.
TEST(GatewayHardening, ItConnectsAgainByNameWithAKeyThatReplacedAnother) {
  UnitOptions options;
  options.cloud_tls = true;
  Unit unit(options);
  ASSERT_THAT(unit.cloud().url(), HasSubstr("//localhost:"));
  unit.start();
  ASSERT_TRUE(eventually([&] { return unit.log().find("cloud_connected") != std::string::npos; }));
  unit.cloud().stop();
  for (const char* name : {"ca/unit.pem", "ca/unit.key", "ca/ca.pem"}) {
    const fs::path file = unit.directory() / name;
    if (!fs::exists(file)) continue;
    fs::copy_file(file, file.string() + ".new");
    fs::rename(file.string() + ".new", file);
  }
  unit.cloud().start();
  EXPECT_TRUE(eventually([&] {
    return number_of(unit.get("/metrics").body, "sudare_uplink_connects_total ") == 2;
  })) << unit.log();
  unit.recipient();
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  EXPECT_TRUE(unit.wait_for_numbers(1)) << unit.log();
}

TEST(GatewayHardening, APolicyThatReplacedAnotherIsLoaded) {
  Unit unit;
  unit.start();
  const fs::path aside = unit.directory() / "policy.new";
  std::ofstream(aside) << unit.policy_text("2098-12-31");
  fs::rename(aside, unit.policy_file());
  unit.gateway().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return unit.log().find("policy_loaded") != std::string::npos; }))
      << unit.log();
}

// The control: what happens where a file can't be reached any more.
TEST(GatewayHardening, OutOfReachItEndsAndWorksWhenStartedAgain) {
  if (kernel_version() == 0) GTEST_SKIP() << "not run: this kernel has no Landlock";
  UnitOptions options;
  options.clips =
      "profile: ORIGINAL_PICTURE trigger: IMPACT before_s: 60 after_s: 60 "
      "afterwards: DELETE rejected: KEEP chunk_bytes: 65536";
  Unit unit(options);
  unit.start();
  fs::rename(unit.spool(), unit.directory() / "old-spool");
  fs::create_directory(unit.spool());
  EXPECT_EQ(unit.gateway().wait(std::chrono::seconds(30)), 1);
  EXPECT_THAT(unit.log(), HasSubstr("error files_out_of_reach"));
  EXPECT_THAT(unit.log(), HasSubstr("stopped"));
  unit.start();
  EXPECT_THAT(unit.get("/metrics").body, HasSubstr("sudare_clip_spool_there 1"));
  EXPECT_EQ(unit.stop().status, 0);
}

}  // namespace
}  // namespace sudare::testkit
