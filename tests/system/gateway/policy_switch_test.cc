// The moment at which a policy from the cloud comes into force: killed at each call that touches
// the disk, and where the disk doesn't take it. strace finds the calls and does the harm.
// And a policy that waits for its day.
#include <gmock/gmock.h>

#include <array>
#include <sstream>

#include "tests/faults/process/strace.h"
#include "tests/system/gateway/policy_over_the_air.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/sanitized.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Files of the state directory; the directory itself.
constexpr const char* kAside = "policy.last-valid.new";
constexpr const char* kOutbox = "outbox.db-wal";
constexpr const char* kDirectory = "";

// A call of the switch, in its order (gateway/pipeline_policy.h).
struct Call {
  const char* name;
  const char* file;
  bool new_one;  // killed there, the new policy is in force at the next start
};
void PrintTo(const Call& call, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << call.name << " of " << (*call.file == '\0' ? "state" : call.file);
}
constexpr std::array<Call, 6> kSwitch = {{{"openat", kAside, false},
                                          {"write", kAside, false},
                                          {"fsync", kAside, false},
                                          {"rename", kAside, false},
                                          {"fsync", kDirectory, true},
                                          {"fdatasync", kOutbox, true}}};

class PolicySwitch : public PolicyOverTheAir {
 protected:
  void SetUp() override {
    if (const auto reason = faults::no_sight_of_a_gateway(); !reason.empty()) {
      GTEST_SKIP() << reason;
    }
  }
  [[nodiscard]] fs::path trace_file() const { return unit.directory() / "trace"; }
  [[nodiscard]] std::string trace() const { return read_file(trace_file()); }
  [[nodiscard]] fs::path path_of(const Call& call) const {
    return *call.file == '\0' ? unit.state() : unit.state() / call.file;
  }
  // The gateway, from its next start on; `harm` to the `number`-th such call.
  void do_harm(const Call& call, int number, const std::string& harm, const fs::path& program) {
    fs::remove(trace_file());
    const std::string name = call.name;
    std::vector<std::string> options = {"-P", path_of(call).string(), "-e", "trace=" + name};
    if (!harm.empty()) {
      options.insert(options.end(),
                     {"-e", "inject=" + name + ":" + harm + ":when=" + std::to_string(number)});
    }
    unit.use_command(faults::under_strace(trace_file(), options, program));
  }
  void start_without_an_offer() {
    unit.start();
    EXPECT_TRUE(eventually([this] { return shows("sudare_uplink_connected 1"); })) << unit.log();
  }
  // What the next start finds in SQLite's log decides how many calls it makes: nothing, now.
  void start_and_stop(const fs::path& program) {
    unit.use_program(program);
    start_without_an_offer();
    EXPECT_EQ(unit.stop().status, 0);
  }
  // How many such calls a start makes to which the cloud offers nothing new, up to a kill. The next
  // one will make as many.
  int calls_without_an_offer(const Call& call, const fs::path& program) {
    start_and_stop(program);
    do_harm(call, 0, "", program);
    start_without_an_offer();
    unit.kill();
    EXPECT_TRUE(eventually([this] { return trace().find("+++ killed") != std::string::npos; }));
    int count = 0;
    std::istringstream lines(trace());
    for (std::string line; std::getline(lines, line);) {
      if (line.find(std::string(call.name) + "(") != std::string::npos) ++count;
    }
    start_and_stop(program);
    return count;
  }
};

// At each of its calls on the disk. Before the copy has its name it is the old one, after that the
// new one; and what was in force is never gone.
TEST_F(PolicySwitch, KilledAtAnyCallOfTheSwitchTheOldOneOrTheNewOneIsInForce) {
  const fs::path gateway = program("sudare-gateway");
  std::uint64_t before = 1;
  std::uint64_t serial = 1;
  for (const Call& call : kSwitch) {
    SCOPED_TRACE(std::string(call.name) + " of " + path_of(call).string());
    ++serial;
    const int others = calls_without_an_offer(call, gateway);
    do_harm(call, others + 1, "signal=SIGKILL", gateway);
    publish(policy(serial));
    unit.start(false);
    ASSERT_TRUE(eventually([this] {
      return trace().find("+++ killed by SIGKILL") != std::string::npos;
    })) << trace();
    unit.kill();
    unit.cloud().stop();  // what is in force without the cloud
    unit.use_program(gateway);
    unit.start();
    if (call.new_one) before = serial;
    EXPECT_TRUE(in_force(before)) << unit.get("/metrics").body;
    EXPECT_TRUE(shows("sudare_policy_served 1"));
    unit.kill();
    unit.cloud().start();
  }
  EXPECT_EQ(before, serial);
}

// A call that fails is done to the gateway without its sandbox, which would end it.
class PolicyNotKept : public PolicySwitch, public testing::WithParamInterface<Call> {};

// Where the copy has its name and the floors can't be raised, the old policy is still in force. The
// new one is tried again.
TEST_P(PolicyNotKept, OneThatTheDiskDoesNotTakeIsTriedAgain) {
  const fs::path gateway = SUDARE_GATEWAY_WITHOUT_SANDBOX;
  unit.use_program(gateway);
  unit.start();
  unit.kill();
  const int others = calls_without_an_offer(GetParam(), gateway);
  do_harm(GetParam(), others + 1, "error=EIO", gateway);
  publish(policy(2));
  unit.recipient();
  unit.start();
  EXPECT_TRUE(is_refused("not_kept")) << unit.log() << trace();
  EXPECT_TRUE(in_force(1));
  EXPECT_TRUE(comes_into_force(2)) << unit.log();
  EXPECT_TRUE(shows("sudare_policy_updates_taken_total 1"));
  EXPECT_TRUE(is_refused("not_kept"));
  EXPECT_THAT(trace(), HasSubstr("(INJECTED)"));
  serves(1);
}

INSTANTIATE_TEST_SUITE_P(Switch, PolicyNotKept,
                         testing::Values(kSwitch[0], kSwitch[3], kSwitch[5]));

// A clock that the test sets while the gateway runs, whose sandbox would keep the clock's file from
// it.
class PolicyOnAnotherDay : public PolicyOverTheAir {
 protected:
  PolicyOnAnotherDay() : PolicyOverTheAir(options()) {
    unit.use_program(SUDARE_GATEWAY_WITHOUT_SANDBOX);
  }
  static void set(const std::string& time) {
    std::ofstream(clock_file().string() + ".new") << "@" << time << "\n";
    std::filesystem::rename(clock_file().string() + ".new", clock_file());
  }

 private:
  static std::filesystem::path clock_file() {
    static const TemporaryDirectory directory;
    return directory.path() / "clock";
  }
  static UnitOptions options() {
    UnitOptions options;
    options.environment = {{"LD_PRELOAD", SUDARE_FAKETIME},
                           {"FAKETIME_TIMESTAMP_FILE", clock_file().string()},
                           {"FAKETIME_NO_CACHE", "1"},
                           {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}};
    return options;
  }
};

// The broker sends it once: the car looks at it again by itself.
TEST_F(PolicyOnAnotherDay, OneThatHadNotBegunComesIntoForceOnItsDay) {
  if (testkit::kSanitized) {
    GTEST_SKIP() << "not run: libfaketime and a sanitizer exclude each other";
  }
  set("2030-06-29 10:00:00");
  publish(sign(with(plain(2), "not_after", "not_before: \"2030-06-30\" not_after")));
  unit.start();
  EXPECT_TRUE(is_refused("not_yet")) << unit.log();
  EXPECT_TRUE(in_force(1));
  set("2030-06-30 10:00:00");
  EXPECT_TRUE(comes_into_force(2)) << unit.log();
  EXPECT_TRUE(is_refused("not_yet"));
  EXPECT_TRUE(shows("sudare_policy_topic_messages_total 1"));
}

}  // namespace
}  // namespace sudare::testkit
