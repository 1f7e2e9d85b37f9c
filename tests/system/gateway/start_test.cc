// Where the gateway can't start, or its surroundings are wrong: it says what and where, and does
// not guess.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "tests/system/gateway/unit.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/raw_broker.h"

namespace sudare::testkit {
namespace {

// Runs to its end; what it printed on stderr.
std::string refusal(Unit& unit) {
  unit.write_config();
  unit.start(false);
  const auto status = unit.gateway().wait(std::chrono::seconds(10));
  EXPECT_EQ(status, 1);
  return unit.log();
}

RunResult check(const Unit& unit) {
  return run({program("sudare-gateway"), "--config", unit.config_file(), "--check"});
}

TEST(GatewayStart, StateDirectoryThatCannotBeWritten) {
  Unit unit;
  unit.set_state("/proc/sudare-state");  // not even root makes a directory there
  const std::string said = refusal(unit);
  EXPECT_NE(said.find("error: /proc/sudare-state"), std::string::npos) << said;
  EXPECT_NE(said.find("hint: "), std::string::npos);
}

TEST(GatewayStart, NotProvisioned) {
  Unit unit;
  unit.set_state(unit.directory() / "fresh");
  const std::string said = refusal(unit);
  EXPECT_NE(said.find("error: "), std::string::npos) << said;
  EXPECT_NE(said.find("sudare provision"), std::string::npos) << said;
}

// What a start left there once made systemd take the unit for a provisioned one.
TEST(GatewayStart, NotProvisionedLeavesNoStore) {
  Unit unit;
  unit.set_state(unit.directory() / "fresh");
  (void)refusal(unit);
  EXPECT_FALSE(std::filesystem::exists(unit.directory() / "fresh" / "outbox.db"));
}

// A file system that lost its blocks leaves a name: SQLite takes an empty file for a new database.
TEST(GatewayStart, AStoreThatIsAnEmptyFileIsNoneAndIsNotMadeAnew) {
  Unit unit;
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  std::filesystem::resize_file(unit.state() / "outbox.db", 0);
  const std::string said = refusal(unit);
  EXPECT_NE(said.find("there is no store in it"), std::string::npos) << said;
  EXPECT_NE(said.find("its store is gone"), std::string::npos) << said;
  EXPECT_EQ(std::filesystem::file_size(unit.state() / "outbox.db"), 0U);
}

TEST(GatewayStart, StateDirectoryThatIsBeingErased) {
  Unit unit;
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  std::ofstream(unit.state() / "erasing") << "sudare-erasing/1\n";
  const std::string said = refusal(unit);
  EXPECT_NE(said.find("it is being erased"), std::string::npos) << said;
  EXPECT_NE(said.find("hint: finish it: sudare provision --erase"), std::string::npos) << said;
}

TEST(GatewayStart, StateDirectoryInUse) {
  Unit unit;
  unit.start();
  const RunResult second = run({program("sudare-gateway"), "--config", unit.config_file()});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.errors.find("is another gateway running"), std::string::npos) << second.errors;
  EXPECT_TRUE(unit.gateway().running());
}

std::uint64_t kib_of(const std::string& status, const std::string& field) {
  const std::size_t at = status.find(field);
  return at == std::string::npos ? 0
                                 : std::strtoull(status.c_str() + at + field.size(), nullptr, 10);
}

// What a car said (a VIN, an e-mail address) was found in the swap of a machine short of memory.
TEST(GatewayStart, NothingOfItsMemoryGetsIntoSwap) {
  if (!std::string_view(SUDARE_SANITIZE).empty())
    GTEST_SKIP() << "not run: sanitizers lock no memory";
  Unit unit;
  unit.start();
  if (unit.log().find("memory_not_locked") != std::string::npos) {
    ASSERT_NE(geteuid(), 0U) << unit.log();
    GTEST_SKIP() << "not run: locking memory takes CAP_IPC_LOCK or no limit";
  }
  MqttClient car(unit.local().port());
  for (std::uint64_t n = 0; n < 1000; ++n) car.publish("test/json", Unit::number_payload(n));
  ASSERT_TRUE(car.flush());
  const std::string status = read_file("/proc/" + std::to_string(unit.gateway().pid()) + "/status");
  EXPECT_GE(kib_of(status, "VmLck:"), kib_of(status, "RssAnon:")) << status;
  EXPECT_GT(kib_of(status, "RssAnon:"), 0U);
}

TEST(GatewayStart, UsageIsExitTwo) {
  EXPECT_EQ(run({program("sudare-gateway")}).status, 2);
  EXPECT_EQ(run({program("sudare-gateway"), "--nonsense"}).status, 2);
  EXPECT_EQ(run({program("sudare-gateway"), "--help"}).status, 0);
  EXPECT_NE(run({program("sudare-gateway"), "--version"}).output.find("sudare-gateway 0."),
            std::string::npos);
}

TEST(GatewayCheck, AcceptsWhatRuns) {
  Unit unit;
  const RunResult result = check(unit);
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find(": ok"), std::string::npos);
}

TEST(GatewayCheck, NamesThePolicysMistake) {
  Unit unit;
  std::ofstream(unit.policy_file(), std::ios::app) << "purpos { }\n";
  const RunResult result = check(unit);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("unknown field \"purpos\""), std::string::npos) << result.errors;
}

TEST(GatewayCheck, NamesMissingFiles) {
  UnitOptions options;
  options.cloud_tls = true;
  Unit unit(options);
  std::filesystem::remove(unit.directory() / "ca" / "unit.key");
  const RunResult result = check(unit);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("unit.key"), std::string::npos) << result.errors;
}

// --- the uplink's certificates

// Every greeting used to start the waiting times anew: such a broker was asked four times a second,
// by the whole fleet.
TEST(GatewayStart, ABrokerThatGreetsAndClosesIsAskedMoreAndMoreSeldom) {
  RawBroker cloud;
  UnitOptions options;
  options.cloud_port = cloud.port();
  Unit unit(options);
  unit.start();
  for (int i = 0; i < 4; ++i) {
    cloud.accept_one();
    EXPECT_NE(cloud.receive(10'000), "");
    EXPECT_TRUE(cloud.send_bytes({"\x20\x02\x00\x00", 4}));
    cloud.close_one();
  }
  EXPECT_TRUE(eventually([&] {
    return unit.log().find("cloud_connected") != std::string::npos &&
           unit.log().find("attempt=4") != std::string::npos;
  })) << unit.log();
}

class GatewayTls : public ::testing::Test {
 protected:
  static UnitOptions options() {
    UnitOptions options;
    options.cloud_tls = true;
    return options;
  }
  // The gateway refuses this broker, and goes on when the right one is back.
  void refuses(const BrokerTls& wrong) {
    unit.replace_cloud(wrong);
    unit.start();
    MqttClient car(unit.local().port());
    car.publish("test/json", Unit::number_payload(1));
    ASSERT_TRUE(
        eventually([&] { return unit.log().find("cloud_unreachable") != std::string::npos; }));
    EXPECT_NE(unit.get("/metrics").body.find("sudare_uplink_connects_total 0"), std::string::npos);
    EXPECT_TRUE(unit.gateway().running());
    EXPECT_EQ(unit.stop().status, 0);
    unit.replace_cloud({unit.authority().ca_file(), unit.authority().server(), true});
    unit.recipient();
    unit.start();
    EXPECT_TRUE(unit.wait_for_numbers(1)) << unit.log();
  }
  Unit unit{options()};
};

TEST_F(GatewayTls, ExpiredCertificate) {
  refuses({unit.authority().ca_file(), unit.authority().expired_server(), false});
}
TEST_F(GatewayTls, AnotherHostsCertificate) {
  refuses({unit.authority().ca_file(), unit.authority().server_elsewhere(), false});
}
TEST_F(GatewayTls, AnotherAuthority) {
  CertificateAuthority other(unit.directory() / "other");
  refuses({other.ca_file(), other.server(), false});
}

// --- a clock that is wrong

TEST_F(GatewayTls, AClockIn1970IsNoReasonToRefuseTheCloud) {
  unit.set_clock("@1970-01-01 00:00:10");
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  EXPECT_TRUE(unit.wait_for_numbers(1)) << unit.log();
}

TEST_F(GatewayTls, AClockIn2100RefusesTheCloudUntilItIsRight) {
  unit.set_clock("@2100-01-01 00:00:00");
  unit.start();
  ASSERT_TRUE(
      eventually([&] { return unit.log().find("cloud_unreachable") != std::string::npos; }));
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  ASSERT_TRUE(car.flush());
  EXPECT_EQ(unit.stop().status, 0);
  unit.set_clock("");
  unit.recipient();
  unit.start();
  car.publish("test/json", Unit::number_payload(2));
  EXPECT_TRUE(unit.wait_for_numbers(1)) << unit.log();
}

// --- a full disk

class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path at) : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    mounted_ = mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=3m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  void grow() const { ASSERT_EQ(mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0); }
  void fill() const {
    std::ofstream out(at_ / "filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

TEST(GatewayDisk, FullHoldsBackAcknowledgementsAndLosesNothing) {
  Unit unit;
  const SmallDisk disk(unit.directory() / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "not run: mounting a small disk takes root";
  unit.set_state(unit.directory() / "disk" / "state");
  unit.write_config();
  unit.provision();
  unit.recipient();
  unit.start();
  disk.fill();
  MqttClient car(unit.local().port());
  for (std::uint64_t n = 0; n < 3000; ++n) car.publish("test/json", Unit::number_payload(n));
  ASSERT_TRUE(car.flush());
  ASSERT_TRUE(eventually([&] { return unit.log().find("commit_failed") != std::string::npos; }))
      << unit.get("/metrics").body;
  EXPECT_TRUE(eventually([&] { return unit.get("/healthz").status == 503; }));
  EXPECT_TRUE(unit.gateway().running());
  disk.grow();
  EXPECT_TRUE(unit.wait_for_numbers(3000)) << unit.log();
  EXPECT_TRUE(eventually([&] { return unit.get("/healthz").status == 200; }))
      << unit.get("/healthz").body;
}

// --- what is inside the program

TEST(GatewaySymbols, NoPrivateKeySideIsLinked) {
  const RunResult gateway = run({"nm", "-C", SUDARE_GATEWAY});
  ASSERT_EQ(gateway.status, 0) << gateway.errors;
  ASSERT_NE(gateway.output.find("sudare::Gateway::run"), std::string::npos) << "stripped";
  EXPECT_EQ(gateway.output.find("open_side"), std::string::npos);
  // The test notices: the same program with the opening side linked in on purpose.
  const RunResult control = run({"nm", "-C", SUDARE_GATEWAY_WITH_OPEN});
  EXPECT_NE(control.output.find("open_side"), std::string::npos);
}

}  // namespace
}  // namespace sudare::testkit
