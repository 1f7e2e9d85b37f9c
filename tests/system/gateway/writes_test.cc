// What the running gateway changes on disk, seen by strace: everything is in its state directory,
// but for the recorder's files that it takes out of the spool. So the rest of a unit may be
// read-only.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/faults/process/strace.h"
#include "tests/system/clip/clip_tools.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/sanitized.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::IsEmpty;

// Calls with a path that change nothing on disk. Every other one counts as a change, so that one
// that nobody thought of is noticed.
constexpr std::array<std::string_view, 22> kOnlyLook = {
    "access",       "faccessat", "faccessat2",
    "stat",         "lstat",     "newfstatat",
    "statx",        "fstat",     "statfs",
    "fstatfs",      "readlink",  "readlinkat",
    "chdir",        "fchdir",    "execve",
    "execveat",     "getcwd",    "getxattr",
    "lgetxattr",    "listxattr", "inotify_add_watch",
    "fanotify_mark"};
constexpr std::array<std::string_view, 4> kOpen = {"open", "openat", "openat2", "creat"};
constexpr std::array<std::string_view, 6> kToWrite = {"O_WRONLY", "O_RDWR",   "O_CREAT",
                                                      "O_TRUNC",  "O_APPEND", "O_TMPFILE"};

bool is_change(const std::string& name, const std::string& arguments) {
  if (std::find(kOnlyLook.begin(), kOnlyLook.end(), name) != kOnlyLook.end()) return false;
  if (std::find(kOpen.begin(), kOpen.end(), name) == kOpen.end()) return true;
  return name == "creat" || std::any_of(kToWrite.begin(), kToWrite.end(), [&](auto flag) {
           return arguments.find(flag) != std::string::npos;
         });
}

// Paths that calls of this trace (strace -f -y -e trace=%file) change, or try to. A relative path
// is taken from its directory's descriptor, and where there is none, it is told as it is.
std::vector<std::string> changed(const std::string& trace) {
  static const std::regex call(R"(^\d+ +(\w+)\((.*)$)");
  static const std::regex path(R"re((?:<([^>"]*)>, )?"([^"]*)")re");
  std::vector<std::string> all;
  std::istringstream lines(trace);
  std::smatch parts;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_search(line, parts, call)) continue;
    const std::string arguments = parts[2];
    if (!is_change(parts[1], arguments)) continue;
    for (auto at = std::sregex_iterator(arguments.begin(), arguments.end(), path);
         at != std::sregex_iterator(); ++at) {
      all.push_back((fs::path((*at)[1].str()) / (*at)[2].str()).lexically_normal().string());
    }
  }
  return all;
}

bool is_below(const std::string& path, const fs::path& directory) {
  return path.rfind(directory.string() + "/", 0) == 0 || path == directory.string();
}

std::vector<std::string> strace(const fs::path& output, const fs::path& program) {
  return faults::under_strace(output, {"-y", "-s", "4096", "-e", "trace=%file"}, program);
}

class GatewayWrites : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "not run: a sanitizer's library writes its own files";
    UnitOptions options;
    options.clips =
        "profile: ORIGINAL_PICTURE trigger: IMPACT before_s: 60 after_s: 60 afterwards: DELETE "
        "rejected: KEEP chunk_bytes: 65536";
    options.cloud_persistence = true;
    unit = std::make_unique<Unit>(options);
    unit->recipient();
  }
  void start() {
    const std::string name = "trace." + std::to_string(traces_.size());
    traces_.push_back(unit->directory() / name);
    unit->use_command(strace(traces_.back(), program("sudare-gateway")));
    unit->start();
  }
  void stop() {
    EXPECT_EQ(unit->stop().status, 0) << unit->log();
    ASSERT_TRUE(eventually(
        [&] { return read_file(traces_.back()).find(" +++ exited with 0") != std::string::npos; }));
  }
  void publish(std::uint64_t first, std::uint64_t count) {
    MqttClient car(unit->local().port());
    for (std::uint64_t i = first; i < first + count; ++i) {
      car.publish("test/json", Unit::number_payload(i));
      car.publish("test/urgent", Unit::number_payload(1000 + i));
    }
    car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 1})");
    ASSERT_TRUE(car.flush());
  }
  void record_a_clip() {
    const fs::path made = unit->directory() / "made.mp4";
    clip_test::make_clip(made, {"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"});
    fs::rename(made, unit->spool() / "a.mp4");
    MqttClient car(unit->local().port());
    car.publish("test/clip", Unit::clip_payload("a.mp4"));
    ASSERT_TRUE(car.flush());
  }
  bool metric(const std::string& line) {
    return eventually([&] { return unit->get("/metrics").body.find(line) != std::string::npos; },
                      std::chrono::seconds(40));
  }
  // Neither in the state directory nor, of the recorder's own files, in the spool.
  [[nodiscard]] std::vector<std::string> elsewhere() const {
    std::vector<std::string> out;
    for (const std::string& path : everywhere()) {
      if (is_below(path, unit->state()) || is_below(path, unit->spool())) continue;
      if (path != "/dev/null") out.push_back(path);
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> everywhere() const {
    std::vector<std::string> all;
    for (const fs::path& trace : traces_) {
      const std::vector<std::string> one = changed(read_file(trace));
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }

  std::unique_ptr<Unit> unit;

 private:
  std::vector<fs::path> traces_;
};

TEST_F(GatewayWrites, TheTraceShowsAChangeElsewhere) {
  const fs::path script = unit->directory() / "elsewhere";
  std::ofstream(script) << "cd '" << unit->directory().string()
                        << "' && echo x > made && mv made moved && mkdir sub && rmdir sub\n";
  const fs::path output = unit->directory() / "trace";
  std::vector<std::string> command = strace(output, "/bin/sh");
  command.push_back(script);
  ASSERT_EQ(run(command).status, 0);
  ASSERT_TRUE(eventually(
      [&] { return read_file(output).find(" +++ exited with 0") != std::string::npos; }));
  const std::vector<std::string> found = changed(read_file(output));
  const std::string here = fs::canonical(unit->directory()).string();
  for (const char* name : {"made", "moved", "sub"}) {
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const std::string& path) {
      return path == here + "/" + name || path == name;
    })) << name;
  }
}

TEST_F(GatewayWrites, AreAllInItsStateDirectory) {
  if (const auto reason = faults::no_sight_of_a_gateway(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  start();
  publish(0, 20);
  ASSERT_TRUE(unit->wait_for_numbers(40, std::chrono::seconds(40))) << unit->log();
  record_a_clip();
  ASSERT_TRUE(metric("sudare_clips_released_total 1\n")) << unit->log();
  ASSERT_TRUE(eventually([&] { return !fs::exists(unit->spool() / "a.mp4"); }));
  unit->write_policy("2099-12-30");
  unit->gateway().signal(SIGHUP);
  ASSERT_TRUE(metric("sudare_policy_reloads_total 1\n")) << unit->log();
  unit->cloud().stop();
  publish(20, 20);
  ASSERT_NO_FATAL_FAILURE(stop());
  unit->cloud().start();
  start();
  ASSERT_TRUE(unit->wait_for_numbers(80, std::chrono::seconds(40))) << unit->log();
  ASSERT_NO_FATAL_FAILURE(stop());
  EXPECT_THAT(everywhere(), Contains((unit->state() / "outbox.db").string()));
  EXPECT_THAT(everywhere(), Contains((unit->spool() / "a.mp4").string()));
  EXPECT_THAT(elsewhere(), IsEmpty());
}

}  // namespace
}  // namespace sudare::testkit
