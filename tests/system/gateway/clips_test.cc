// Clips through the real gateway and the real sudare-clip: each arrives once and whole, or is
// accounted for, whoever is killed and however long the cloud is away.
#include <gtest/gtest.h>
#include <sodium.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "tests/system/clip/clip_tools.h"
#include "tests/system/gateway/unit.h"
#include "tests/testkit/sanitized.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kPictures =
    "profile: ORIGINAL_PICTURE trigger: IMPACT before_s: 60 after_s: 60 afterwards: DELETE "
    "rejected: KEEP ";

// A clip as it arrived, by its id.
struct Arrived {
  std::map<std::uint32_t, std::string> chunks;
  v1::ClipManifest manifest;

  [[nodiscard]] bool whole() const {
    std::string bytes;
    for (const auto& [index, data] : chunks) bytes += data;
    std::string hash(32, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr,
                       0);
    return manifest.chunk_count() == chunks.size() && manifest.clip_bytes() == bytes.size() &&
           manifest.clip_hash() == hash;
  }
};

class GatewayClips : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TemporaryDirectory;
    clip_ = directory_->path() / "clip.mp4";
    // About 3 MB: some fifty pieces.
    clip_test::make_clip(clip_, {"-vf", "noise=alls=60:allf=t", "-c:v", "libx264", "-preset",
                                 "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-g", "25"});
  }
  static void TearDownTestSuite() { delete directory_; }

  void begin(const std::string& more = "chunk_bytes: 65536") {
    UnitOptions options;
    options.clips = kPictures + more;
    options.cloud_persistence = true;
    unit = std::make_unique<Unit>(options);
    unit->recipient();
  }
  // The recorder: a file is renamed into the directory when it is complete.
  void record(const std::string& name) const {
    fs::copy_file(clip_, unit->directory() / name);
    fs::rename(unit->directory() / name, unit->spool() / name);
  }
  void event(const std::string& name) const {
    MqttClient car(unit->local().port());
    car.publish("test/clip", Unit::clip_payload(name));
    ASSERT_TRUE(car.flush());
  }
  std::map<std::string, Arrived> arrived() {
    std::map<std::string, Arrived> clips;
    for (const v1::Batch& batch : unit->opened().batches) {
      for (const v1::ClipChunk& chunk : batch.chunks()) {
        Arrived& clip = clips[chunk.clip_id()];
        EXPECT_FALSE(clip.chunks.contains(chunk.index())) << "a chunk under two batch ids";
        clip.chunks[chunk.index()] = chunk.data();
        if (chunk.has_manifest()) clip.manifest = chunk.manifest();
      }
    }
    return clips;
  }
  std::size_t whole() {
    const auto clips = arrived();
    return static_cast<std::size_t>(std::count_if(
        clips.begin(), clips.end(), [](const auto& clip) { return clip.second.whole(); }));
  }
  bool metric(const std::string& line) {
    return unit->get("/metrics").body.find(line) != std::string::npos;
  }

  static TemporaryDirectory* directory_;
  static fs::path clip_;
  std::unique_ptr<Unit> unit;
};
TemporaryDirectory* GatewayClips::directory_ = nullptr;
fs::path GatewayClips::clip_;

TEST_F(GatewayClips, OneArrivesAndShowsTheSamePictures) {
  begin();
  unit->start();
  record("a.mp4");
  event("a.mp4");
  ASSERT_TRUE(eventually([&] { return whole() == 1; })) << unit->log();
  EXPECT_TRUE(eventually([&] { return !fs::exists(unit->spool() / "a.mp4"); }));
  const fs::path out = unit->directory() / "arrived.mp4";
  const auto clips = arrived();
  ASSERT_EQ(clips.size(), 1U);
  EXPECT_GT(clips.begin()->second.chunks.size(), 20U);
  std::ofstream file(out, std::ios::binary);
  for (const auto& [index, data] : clips.begin()->second.chunks) file << data;
  file.close();
  EXPECT_EQ(clip_test::pictures_of(out), clip_test::pictures_of(clip_));
  EXPECT_EQ(unit->stop().status, 0);
  const Account account = unit->account();
  EXPECT_TRUE(account.adds_up());
  EXPECT_EQ(account.purposes.at("clips").taken, clips.begin()->second.chunks.size());
}

TEST_F(GatewayClips, WhatIsNoClipIsKeptAndCounted) {
  begin();
  unit->start();
  std::ofstream(unit->spool() / "a.mp4") << "no film";
  event("a.mp4");
  ASSERT_TRUE(eventually([&] {
    return metric("sudare_clips_not_released_total{reason=\"clip_refused\"} 1\n");
  })) << unit->log();
  EXPECT_TRUE(fs::exists(unit->spool() / "a.mp4"));
  EXPECT_TRUE(arrived().empty());
}

TEST_F(GatewayClips, NothingIsSentOverANetworkThatMayBeMetered) {
  begin("chunk_bytes: 65536 unmetered_only: true");
  unit->start();
  record("a.mp4");
  event("a.mp4");
  ASSERT_TRUE(eventually([&] { return metric("sudare_clips_released_total 1\n"); }));
  pause(milliseconds(500));
  EXPECT_TRUE(arrived().empty());
  MqttClient car(unit->local().port());
  car.publish("vehicle/network", "unmetered", 1, true);
  EXPECT_TRUE(eventually([&] { return whole() == 1; }));
}

TEST_F(GatewayClips, ADaySendsNoMoreThanItMay) {
  begin("chunk_bytes: 65536 daily_bytes_max: 2097152");
  unit->start();
  record("a.mp4");
  event("a.mp4");
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (const MqttMessage& message : unit->recipient().messages()) sum += message.payload.size();
    return sum;
  };
  ASSERT_TRUE(eventually([&] { return bytes() > 1'900'000; }));
  EXPECT_EQ(unit->stop().status, 0);
  unit->start();
  pause(milliseconds(500));
  EXPECT_LE(bytes(), 2'097'152U);
  EXPECT_EQ(whole(), 0U);
}

TEST_F(GatewayClips, AnOutageInTheMiddleDelaysAndLosesNothing) {
  begin();
  unit->start();
  for (int i = 0; i < 3; ++i) {
    const std::string name = std::to_string(i) + ".mp4";
    record(name);
    event(name);
    ASSERT_TRUE(eventually([&] { return arrived().size() > static_cast<std::size_t>(i); }));
    unit->cloud().stop();
    pause(milliseconds(300));
    unit->cloud().start();
  }
  EXPECT_TRUE(eventually([&] { return whole() == 3; }, seconds(30))) << unit->log();
  EXPECT_EQ(arrived().size(), 3U);
}

long status_kib(pid_t pid, const std::string& name) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  }
  return -1;
}

TEST_F(GatewayClips, TheGatewayGrowsByNoMoreThanSomeOfTheLargestPieces) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer keeps what was freed";
  begin("chunk_bytes: 524288");
  unit->start();
  const pid_t pid = unit->gateway().pid();
  const long before = status_kib(pid, "VmHWM");
  const long anonymous = status_kib(pid, "RssAnon");
  for (int i = 0; i < 3; ++i) {
    record(std::to_string(i) + ".mp4");
    event(std::to_string(i) + ".mp4");
  }
  ASSERT_TRUE(eventually([&] { return whole() == 3; })) << unit->log();
  const long grown = status_kib(pid, "VmHWM") - before;
  std::cout << "peak: " << before << " KiB and " << grown << " more; anonymous: " << anonymous
            << " KiB before, " << status_kib(pid, "RssAnon") << " after\n";
  EXPECT_LE(grown, 8 * 1024);
}

// --- kill -9

std::uint32_t number_from_environment(const char* name, std::uint32_t preset) {
  const char* const text = std::getenv(name);
  return text == nullptr ? preset : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

// The processes that the gateway has started.
std::vector<pid_t> workers_of(pid_t gateway) {
  const std::string pid = std::to_string(gateway);
  std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; children >> child;) all.push_back(child);
  return all;
}

// SUDARE_KILLS: how many; SUDARE_SEED: of the points in time.
TEST_F(GatewayClips, KillingEitherProcessLosesAndRepeatsNone) {
  const std::uint32_t kills = number_from_environment("SUDARE_KILLS", 40);
  const std::uint32_t seed = number_from_environment("SUDARE_SEED", std::random_device{}());
  std::cout << "seed " << seed << ", kills " << kills << "\n";
  std::mt19937 random(seed);
  begin();
  // The broker keeps events for a session that exists.
  unit->start();
  EXPECT_EQ(unit->stop().status, 0);
  std::size_t clips = 0;
  std::size_t workers_killed = 0;
  for (std::uint32_t i = 0; i < kills; ++i) {
    if (i % 2 == 0) {
      const std::string name = std::to_string(clips++) + ".mp4";
      record(name);
      event(name);
    }
    if (i == kills / 2) unit->cloud().stop();
    if (i == kills / 2 + 5) unit->cloud().start();
    unit->start(false);
    pause(milliseconds(random() % 250));
    if (i % 3 == 0) {
      const auto workers = workers_of(unit->gateway().pid());
      for (const pid_t worker : workers) workers_killed += ::kill(worker, SIGKILL) == 0 ? 1 : 0;
      pause(milliseconds(random() % 50));
    }
    unit->kill();
  }
  unit->start();
  const bool done = eventually(
      [&] {
        // An event that the broker repeats after its file is done and deleted waits until it
        // expires.
        return metric("sudare_clips_waiting 0\n") && metric("sudare_queue_rows 0\n");
      },
      seconds(180));  // an emulator is slow
  EXPECT_TRUE(done) << unit->get("/metrics").body;
  EXPECT_EQ(unit->stop().status, 0);
  const FateCounts counts = unit->account().purposes.at("clips");
  EXPECT_TRUE(unit->account().adds_up());
  const auto rejected = counts.by_fate[static_cast<std::size_t>(Fate::kRejected)];
  std::cout << clips << " clips, " << whole() << " arrived, " << rejected << " rejected, "
            << workers_killed << " workers killed\n";
  EXPECT_EQ(whole(), arrived().size()) << "no part of a clip arrives without the rest";
  EXPECT_EQ(whole() + static_cast<std::size_t>(rejected), clips);
  EXPECT_GT(whole(), 0U);
  EXPECT_EQ(unit->opened().failures, 0U);
}

}  // namespace
}  // namespace sudare::testkit
