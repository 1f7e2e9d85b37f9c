// `sudare doctor` on a unit as it is shipped, with one fault at a time; brokers are real.
#include <gmock/gmock.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "base/clock.h"
#include "crypto/open/identity.h"
#include "fleet/authority/policy_signature.h"
#include "gateway/store/store.h"
#include "tests/system/fleet/healthy_unit.h"
#include "tests/system/fleet/tool.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::fleet_test {
namespace {

using doctor::Outcome;
using doctor::Report;
using doctor::said;
using doctor::worst;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Doctor : public testing::Test {
 protected:
  // What was said of a check, which must have this outcome.
  std::string finds(const std::string& check, Outcome outcome) {
    const Report report = unit_.examine();
    EXPECT_EQ(worst(report, check), outcome) << said(report, check);
    EXPECT_EQ(doctor::without_hint(report), "");
    return said(report, check);
  }
  std::string problem(const std::string& check) { return finds(check, Outcome::kProblem); }
  std::string warning(const std::string& check) { return finds(check, Outcome::kWarning); }

  // As the gateway would have left it.
  void store_state(const StateEntry& entry) {
    StoreOptions options;
    options.directory = unit_.state();
    options.quota_bytes = kQuotaBytesMin;
    const SystemClock clock;
    auto store = Store::open(options, clock);
    ASSERT_TRUE(store);
    CommitGroup group;
    group.state.push_back(entry);
    ASSERT_TRUE((*store)->commit(group));
  }
  void pin_signer() {
    signer_ = SigningKey::generate();
    plain_ = unit_.read("policy.textproto");
    unit_.write("ceiling.textproto", "policy_signer: \"" + signer_->authority().to_string() +
                                         "\" policy_threshold: 1\n" +
                                         unit_.read("ceiling.textproto"));
    for (const char* purpose :
         {"traffic", "diagnostics", "driving-diagnosis", "car-finder", "ownership", "recorder"}) {
      const std::string name = "name: \"" + std::string(purpose) + "\"";
      unit_.replace("ceiling.textproto", name, name + " " + recipient_of(name));
    }
  }
  // `recipient: "…"` of a purpose.
  [[nodiscard]] std::string recipient_of(const std::string& name) const {
    const std::string policy = unit_.read("policy.textproto");
    const std::size_t at = policy.find("recipient: \"", policy.find(name));
    return policy.substr(at, policy.find('"', at + 12) + 1 - at);
  }
  // As the gateway leaves what it took from the cloud. The ceiling pins a signer from then on.
  void come_over_the_air(int serial, const std::string& not_after) {
    if (!signer_) pin_signer();
    std::string text = plain_;
    text.replace(text.find("serial: 1"), 9, "serial: " + std::to_string(serial));
    text.replace(text.find("2099-12-31"), 10, not_after);
    std::ofstream(unit_.state() + "/policy.last-valid") << *sign_policy(text, *signer_);
    store_state({"policy", "serial", std::to_string(serial)});
  }
  // What is told of a check without a finding.
  std::string ok(const std::string& check) {
    const Report report = unit_.examine();
    for (const doctor::Finding& one : report.findings()) {
      if (one.check == check && one.outcome == Outcome::kOk) return one.text;
    }
    return "";
  }
  void move_ceiling_to_image() {
    const std::string image = unit_.path("image");
    fs::create_directory(image);
    fs::copy(unit_.path("etc/ceiling.textproto"), image);
    unit_.replace("gateway.textproto", "\"ceiling.textproto\"",
                  "\"" + image + "/ceiling.textproto\"");
  }
  void tell_machine(const std::string& file, const std::string& text) const {
    fs::create_directories(fs::path(unit_.places() + file).parent_path());
    std::ofstream(unit_.places() + file) << text;
  }

  HealthyUnit unit_;
  std::optional<SigningKey> signer_;
  std::string plain_;
};

TEST_F(Doctor, AGoodUnitHasNoFinding) {
  const Report report = unit_.examine();
  for (const doctor::Finding& one : report.findings()) {
    // It belongs to who runs this, as the state does.
    const bool own_ceiling = one.check == "policy.ceiling" && geteuid() != 0;
    EXPECT_EQ(one.outcome, own_ceiling ? Outcome::kWarning : Outcome::kOk)
        << one.check << ": " << one.where << ": " << one.text;
  }
  ASSERT_EQ(report.findings().size(), doctor::kChecks.size());
  for (std::size_t i = 0; i < doctor::kChecks.size(); ++i) {
    EXPECT_EQ(report.findings()[i].check, doctor::kChecks[i]);
  }
}

// --- configuration, clock, disk, machine

TEST_F(Doctor, AConfigurationThatIsNoneSkipsTheRest) {
  unit_.append("gateway.textproto", "nonsense: 1");
  EXPECT_THAT(problem("config.read"), HasSubstr("gateway.textproto:"));
  const Report report = unit_.examine();
  EXPECT_EQ(worst(report, "cloud.connect"), Outcome::kSkipped);
  EXPECT_EQ(worst(report, "broker.listen"), Outcome::kOk);
}

TEST_F(Doctor, AMissingFileIsFound) {
  fs::remove(unit_.path("etc/cloud-ca.crt"));
  EXPECT_THAT(problem("config.files"), HasSubstr("put it there"));
  EXPECT_THAT(problem("cloud.connect"), HasSubstr("on this side"));
  EXPECT_THAT(problem("cloud.tls"), HasSubstr("on this side"));
}

TEST_F(Doctor, EmptyFilesAndFoldersInTheirPlaceHaveAHint) {
  unit_.write("cloud-ca.crt", "");
  unit_.write("unit.crt", "");
  unit_.write("policy.textproto", "language");
  fs::remove(unit_.path("etc/ceiling.textproto"));
  fs::create_directory(unit_.path("etc/ceiling.textproto"));
  EXPECT_THAT(problem("config.files"), HasSubstr("not a file (name"));
}

TEST_F(Doctor, AClockBeforeTheLastConfirmedDayIsFound) {
  const std::int64_t day = SystemClock().wall_ms() / kMsPerDay + 10;
  store_state({"clock", "floor_day", std::to_string(day)});
  EXPECT_THAT(problem("clock.day"), HasSubstr("10 days before"));
}

TEST_F(Doctor, NoRealTimeClockIsAWarning) {
  fs::remove_all(unit_.places() + "/sys/class/rtc");
  warning("clock.rtc");
}

TEST_F(Doctor, TooLittleRoomIsFound) {
  unit_.append("gateway.textproto", "store { quota_bytes: 1000000000000000 }");
  problem("disk.space");
}

TEST_F(Doctor, AStateDirectoryInMemoryIsFound) {
  const fs::path memory = "/dev/shm/sudare-doctor-" + std::to_string(getpid());
  fs::create_directory(memory);
  unit_.replace("gateway.textproto", unit_.state(), memory.string());
  problem("disk.kind");
  fs::remove_all(memory);
}

TEST_F(Doctor, ADiskThatCantSyncIsFound) {
  fs::remove(unit_.state() + "/outbox.db");
  ASSERT_EQ(mkfifo((unit_.state() + "/outbox.db").c_str(), 0600), 0);
  problem("disk.sync");
}

TEST_F(Doctor, CoreDumpsToAProgramAreAWarning) {
  tell_machine("/proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P\n");
  finds("machine.core", Outcome::kOk);
  tell_machine("/proc/sys/kernel/core_pattern", "|/usr/share/apport/apport -p%p\n");
  warning("machine.core");
}

TEST_F(Doctor, SwapInTheClearIsAWarning) {
  const std::string table = "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 1\n";
  tell_machine("/proc/swaps", table + "/dev/dm-1 partition 1 0 1\n");
  EXPECT_THAT(warning("machine.swap"), HasSubstr("/dev/dm-1"));
  tell_machine("/sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
  finds("machine.swap", Outcome::kOk);
}

// --- state directory

TEST_F(Doctor, AStateDirectoryThatOthersSeeIsFound) {
  chmod(unit_.state().c_str(), 0755);
  problem("state.directory");
}

TEST_F(Doctor, WithoutAStateDirectoryNothingIsSaidOfWhatIsInIt) {
  fs::remove_all(unit_.state());
  problem("state.directory");
  finds("state.left", Outcome::kSkipped);
  finds("state.keys", Outcome::kSkipped);
}

TEST_F(Doctor, AStoreOfAnotherUserIsFound) {
  if (geteuid() != 0) GTEST_SKIP() << "not run: needs root";
  ASSERT_EQ(chown((unit_.state() + "/outbox.db").c_str(), 12345, 12345), 0);
  EXPECT_THAT(problem("state.directory"), HasSubstr("another user"));
}

TEST_F(Doctor, ASealedShareThatWasLeftIsFoundAndNotNamed) {
  std::ofstream(unit_.state() + "/ZVW30-7654321") << "age-encryption.org/v1\n-> X25519 x\n";
  EXPECT_THAT(problem("state.left"), testing::Not(HasSubstr("7654321")));
}

TEST_F(Doctor, AFileOfOthersIsAWarning) {
  std::ofstream(unit_.state() + "/notes") << "x";
  warning("state.left");
}

TEST_F(Doctor, APrivateKeyInTheStateDirectoryIsFound) {
  fs::copy_file(unit_.path("etc/unit.key"), unit_.state() + "/unit.key");
  problem("state.keys");
}

TEST_F(Doctor, AKeyThatOpensOnTheUnitIsFoundAndNotTold) {
  unit_.write("traffic.key", "# purpose: traffic\nAGE-SECRET-" + std::string("KEY-1NOTAKEY\n"));
  const std::string text = problem("state.keys");
  EXPECT_THAT(text, HasSubstr("traffic.key"));
  EXPECT_THAT(text, testing::Not(HasSubstr("1NOTAKEY")));
}

TEST_F(Doctor, ATlsKeyThatOthersMayReadIsFound) {
  chmod(unit_.path("etc/unit.key").c_str(), 0644);
  EXPECT_THAT(problem("state.keys"), HasSubstr("unit.key"));
  EXPECT_THAT(problem("cloud.unit"), HasSubstr("others may read"));
}

TEST_F(Doctor, AUnitThatIsNotProvisionedIsFound) {
  fs::remove(unit_.state() + "/outbox.db");
  EXPECT_THAT(problem("state.store"), HasSubstr("sudare provision"));
  finds("state.chains", Outcome::kSkipped);
}

TEST_F(Doctor, AUnitThatIsBeingErasedIsFound) {
  std::ofstream(unit_.state() + "/erasing") << "sudare-erasing/1\n";
  EXPECT_THAT(problem("state.store"), HasSubstr("sudare provision --erase"));
}

TEST_F(Doctor, ADamagedStoreIsFound) {
  std::fstream(unit_.state() + "/outbox.db", std::ios::in | std::ios::out) << "no database";
  problem("state.store");
}

TEST_F(Doctor, ADamagedChainIsFound) {
  store_state({"epochs", "28", "short"});
  problem("state.chains");
}

TEST_F(Doctor, AStoreInUseIsReadAndNothingIsWritten) {
  StoreOptions options;
  options.directory = unit_.state();
  options.quota_bytes = kQuotaBytesMin;
  const SystemClock clock;
  const auto store = Store::open(options, clock);
  ASSERT_TRUE(store);
  CommitGroup group;
  group.state.push_back({"policy", "serial", "8"});
  ASSERT_TRUE((*store)->commit(group));
  const auto all = [&] {
    std::string bytes;
    for (const auto& entry : fs::directory_iterator(unit_.state())) {
      if (entry.path().extension() == ".db-shm") continue;  // SQLite's locks are in it
      bytes += entry.path().filename().string() + testkit::read_file(entry.path());
    }
    return bytes;
  };
  const std::string before = all();
  finds("state.chains", Outcome::kOk);
  EXPECT_THAT(problem("policy.serial"), HasSubstr("superseded: serial 8"));
  EXPECT_EQ(all(), before);
}

TEST_F(Doctor, NothingIsWrittenWhereNoGatewayRuns) {
  const auto names = [&] {
    std::set<std::string> all;
    // A file that came and went shows in its directory.
    all.insert(std::to_string(fs::last_write_time(unit_.state()).time_since_epoch().count()));
    for (const std::string& directory : {unit_.state(), unit_.path("etc")}) {
      for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.path().filename() == "mosquitto.db") continue;  // the cloud broker's own
        all.insert(entry.path().string() + " " +
                   std::to_string(entry.last_write_time().time_since_epoch().count()));
      }
    }
    return all;
  };
  const auto before = names();
  finds("state.store", Outcome::kOk);
  EXPECT_EQ(names(), before);
}

// By another close() of the file the process would lose SQLite's locks on it.
TEST_F(Doctor, WhileTheStoreIsReadNothingElseOpensIt) {
  const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(inotify_add_watch(watch, (unit_.state() + "/outbox.db").c_str(), IN_OPEN | IN_CLOSE),
            0);
  static_cast<void>(unit_.examine());
  alignas(inotify_event) std::array<char, 4096> buffer{};
  const ssize_t size = read(watch, buffer.data(), buffer.size());
  close(watch);
  int open_now = 0;
  int opened = 0;
  for (ssize_t at = 0; at < size;) {
    const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    open_now += (event->mask & IN_OPEN) != 0 ? 1 : -1;
    if ((event->mask & IN_OPEN) != 0) ++opened;
    EXPECT_LE(open_now, 1);
    at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
  }
  EXPECT_GE(opened, 3);  // by disk.sync, state.keys and state.store
}

// --- the car

TEST_F(Doctor, AUnitInAnotherCarIsFound) {
  store_state({"car", "moved", "yes"});
  EXPECT_THAT(problem("state.car"), HasSubstr("--transfer"));
}

// Closed as well, though not for good.
TEST_F(Doctor, AUnitInDoubtIsFound) {
  store_state({"car", "differs", "1"});
  EXPECT_THAT(problem("state.car"), HasSubstr("in doubt"));
}

TEST_F(Doctor, AUnitThatKeepsNothingOfItsCarIsAWarning) {
  store_state({"car", "fingerprint", ""});
  EXPECT_THAT(warning("state.car"), HasSubstr("nothing is kept of the car"));
}

TEST_F(Doctor, ADamagedFingerprintIsFound) {
  store_state({"car", "fingerprint", "short"});
  problem("state.car");
}

TEST_F(Doctor, APolicyThatAsksNobodyWhoTheCarIsIsAWarning) {
  unit_.replace("policy.textproto", "identity_field: \"vin\"", "");
  unit_.replace("policy.textproto", "identity_field: \"frame_number\"", "");
  EXPECT_THAT(warning("state.car"), HasSubstr("identity_field"));
}

// --- policy

TEST_F(Doctor, APolicyBeyondTheCeilingIsFound) {
  unit_.replace("policy.textproto", "keep_hours: 24 ", "keep_hours: 1000 ");
  EXPECT_THAT(problem("policy.check"), HasSubstr("policy.textproto:"));
}

TEST_F(Doctor, AMissingCeilingIsFound) {
  unit_.replace("gateway.textproto", "ceiling_file: \"ceiling.textproto\"", "");
  problem("policy.ceiling");
}

TEST_F(Doctor, ACeilingThatOthersMayWriteIsFound) {
  chmod(unit_.path("etc/ceiling.textproto").c_str(), 0666);
  problem("policy.ceiling");
}

// Whoever writes the configuration leaves the ceiling out.
TEST_F(Doctor, WhatOthersMayPutInTheGatewaysWayIsFound) {
  come_over_the_air(2, "2099-12-31");
  const std::vector<std::string> files = {unit_.config_file(),
                                          unit_.path("etc/policy.textproto"),
                                          unit_.path("etc/cloud-ca.crt"),
                                          unit_.path("etc/unit.crt"),
                                          unit_.state() + "/policy.last-valid",
                                          unit_.path("etc")};
  for (const std::string& file : files) {
    struct stat info {};
    ASSERT_EQ(stat(file.c_str(), &info), 0);
    chmod(file.c_str(), info.st_mode | S_IWOTH);
    EXPECT_THAT(problem("config.files"), HasSubstr(file + ": others may write")) << file;
    chmod(file.c_str(), info.st_mode);
  }
  finds("config.files", Outcome::kOk);
}

TEST_F(Doctor, ADirectoryOfTheCeilingThatOthersMayWriteIsFound) {
  move_ceiling_to_image();
  chmod(unit_.path("image").c_str(), 0777);
  EXPECT_THAT(problem("policy.ceiling"), HasSubstr("image: others may write the directory"));
}

TEST_F(Doctor, ADirectoryOfTheCeilingThatIsTheGatewaysIsAWarning) {
  if (geteuid() != 0) GTEST_SKIP() << "not run: not root, so no directories of others";
  move_ceiling_to_image();
  constexpr uid_t kGateway = 54321;
  for (const std::string& place : {unit_.state(), unit_.path("image")}) {
    ASSERT_EQ(chown(place.c_str(), kGateway, 0), 0);
  }
  EXPECT_THAT(warning("policy.ceiling"), HasSubstr("image: the gateway's own user may write"));
  ASSERT_EQ(chown(unit_.path("image").c_str(), 0, 0), 0);
  finds("policy.ceiling", Outcome::kOk);
  const std::string link = unit_.state() + "/ceiling.textproto";
  fs::create_symlink(unit_.path("image/ceiling.textproto"), link);
  unit_.replace("gateway.textproto", unit_.path("image/ceiling.textproto"), link);
  EXPECT_THAT(warning("policy.ceiling"), HasSubstr("state: the gateway's own user may write"));
}

TEST_F(Doctor, AnExpiredPolicyIsFound) {
  unit_.replace("policy.textproto", "2099-12-31", "2026-01-02");
  problem("policy.expiry");
}

// In the place of a key that the policy itself names.
TEST_F(Doctor, ACertificateThatEndsSoonIsFound) {
  const SigningKey authority = SigningKey::generate();
  const std::int64_t today = SystemClock().wall_ms() / kMsPerDay;
  const auto token = certify(
      {"traffic", age::open_side::Identity::generate().recipient(), 1, today - 9, today + 5},
      authority);
  ASSERT_TRUE(token);
  unit_.replace("policy.textproto", recipient_of("name: \"traffic\""),
                "certificate: \"" + *token + "\"");
  unit_.replace(
      "ceiling.textproto", "name: \"traffic\"",
      "name: \"traffic\" recipient_authority: \"" + authority.authority().to_string() + "\"");
  EXPECT_THAT(warning("policy.recipients"), HasSubstr("traffic"));
}

TEST_F(Doctor, ASupersededPolicyIsFound) {
  store_state({"policy", "serial", "8"});
  problem("policy.serial");
}

TEST_F(Doctor, ADamagedSerialIsFound) {
  store_state({"policy", "serial", "eight"});
  EXPECT_THAT(problem("policy.serial"), HasSubstr("damaged"));
}

// The file of the image is the older one from then on: it is the copy that the gateway starts with.
TEST_F(Doctor, AfterAnUpdateOverTheAirThePolicyThatCameIsJudged) {
  const std::string shipped = unit_.read("policy.textproto");
  come_over_the_air(7, "2099-12-31");
  unit_.write("policy.textproto", *sign_policy(shipped, *signer_));
  for (const char* check : {"policy.check", "policy.expiry", "policy.recipients"}) {
    finds(check, Outcome::kOk);
  }
  EXPECT_THAT(ok("policy.serial"), HasSubstr("policy.last-valid: serial 7, 7 was in force"));
  come_over_the_air(8, "2026-01-02");
  EXPECT_THAT(problem("policy.expiry"), HasSubstr("policy.last-valid: the policy has expired"));
  finds("policy.serial", Outcome::kOk);
}

TEST_F(Doctor, WarningsAreOfThePolicyThatCameAndNotOfTheFileThatItSuperseded) {
  pin_signer();
  const std::string ignition = "ignition_field: \"ignition\"";
  ASSERT_NE(plain_.find(ignition), std::string::npos);
  plain_.erase(plain_.find(ignition), ignition.size());
  come_over_the_air(7, "2099-12-31");
  unit_.write("policy.textproto", *sign_policy(plain_, *signer_));
  const std::string text = warning("policy.check");
  EXPECT_THAT(text, HasSubstr("policy.last-valid:"));
  EXPECT_THAT(text, HasSubstr("no source has an ignition_field"));
  EXPECT_THAT(text, testing::Not(HasSubstr("policy.textproto")));
}

TEST_F(Doctor, AFileThatIsNotRightIsAWarningWhereTheUnitHasACopy) {
  come_over_the_air(7, "2099-12-31");
  const std::string text = warning("policy.check");
  EXPECT_THAT(text, HasSubstr("policy.textproto: the policy is not signed"));
  EXPECT_THAT(text, HasSubstr("policy.last-valid: the unit starts with this one, serial 7"));
  finds("policy.expiry", Outcome::kOk);
}

}  // namespace
}  // namespace sudare::fleet_test
