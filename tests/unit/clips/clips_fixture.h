// The vocabulary of the clips' tests: a car with a spool directory, and a program in sudare-clip's
// place that keeps to its contract (clip/report.h) and fails as it is told to: the first word of a
// clip says how. What comes out otherwise is the clip as it went in.
#pragma once

#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "clip/report.h"
#include "gateway/clips/clips.h"
#include "gateway/store/outbox_reader.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/seal/car.h"

namespace sudare::clips_test {

using seal_test::Car;
using seal_test::kDriving;
using seal_test::kRepair;

// A report line whose number of bytes is the shell's $n.
inline std::string report_line(clip::Outcome outcome, clip::Reason reason) {
  clip::Report report;
  report.outcome = outcome;
  report.reason = reason;
  report.bytes = 987'654'321;
  std::string line = clip::to_line(report);
  line.pop_back();
  const std::string number = "987654321";
  line.replace(line.find(number), number.size(), "'$n'");
  return "printf '%s\\n' '" + line + "' >&2\n";
}

// In sudare-clip's place: passes a file on as if it were a clip, or does what its first eight bytes
// say, which the real one does only when something is wrong (tests/system/gateway/clips_test.cc has
// the real one).
inline std::string worker_script() {
  return "#!/bin/sh\nn=0\nif [ \"$1\" = minimize ]; then\n"
         "  how=$(head -c 8 /proc/self/fd/0)\n  case \"$how\" in\n"
         "    CRASH___) head -c 100000 /proc/self/fd/0; kill -9 $$;;\n"
         "    HANG____) exec sleep 1000;;\n"
         "    REFUSE__) " +
         report_line(clip::Outcome::kRejected, clip::Reason::kContainer) +
         " exit 1;;\n"
         "    MEMORY__) " +
         report_line(clip::Outcome::kRejected, clip::Reason::kMemory) +
         " exit 1;;\n"
         "    CARD____) " +
         report_line(clip::Outcome::kInternal, clip::Reason::kInput) +
         " exit 4;;\n  esac\n  n=$(wc -c </proc/self/fd/0)\n  cat /proc/self/fd/0\n  " +
         report_line(clip::Outcome::kOk, clip::Reason::kNone) +
         "  exit 0\nfi\n"
         "{ how=$(head -c 8 | tee /proc/self/fd/3); n=$(tee /proc/self/fd/3 | wc -c); } 3>&1\n"
         "n=$((n + 8))\n"
         "if [ \"$how\" = FINDING_ ]; then\n  " +
         report_line(clip::Outcome::kFindings, clip::Reason::kMarker) +
         "  exit 3\nfi\n"
         "if [ \"$how\" = UNREAD__ ]; then\n  " +
         report_line(clip::Outcome::kRejected, clip::Reason::kContainer) + "  exit 1\nfi\n" +
         report_line(clip::Outcome::kOk, clip::Reason::kNone);
}

inline constexpr std::uint32_t kPieceBytes = 65'536;

class ClipsTest : public ::testing::Test {
 protected:
  ClipsTest() {
    std::filesystem::create_directory(spool());
    std::ofstream(program()) << worker_script();
    chmod(program().c_str(), 0755);
    give_clips(kRepair);
  }
  void give_clips(PurposeIndex purpose) {
    PurposePlan& plan = car.policy.purposes[purpose];
    plan.batch_bytes_max = 2 * kPieceBytes;
    plan.clips.emplace();
    plan.clips->triggers = {v1::Clips::IMPACT};
    plan.clips->before_ms = plan.clips->after_ms = 10'000;
    plan.clips->chunk_bytes = kPieceBytes;
  }
  [[nodiscard]] ClipPlan& plan(PurposeIndex purpose = kRepair) {
    return *car.policy.purposes[purpose].clips;
  }
  [[nodiscard]] std::filesystem::path spool() const { return car.directory.path() / "spool"; }
  [[nodiscard]] std::filesystem::path program() const { return car.directory.path() / "clip"; }

  void watch() {
    auto made = Clips::create({spool(), program(), 600'000}, car.policy, *car.store, *car.sealer,
                              *car.time, car.clock, [this](PurposeIndex index) {
                                if (no_clock) {
                                  return ClipGate{false, Fate::kRejected, Reason::kClockUnknown};
                                }
                                return closed.contains(index)
                                           ? ClipGate{false, Fate::kNotConsented, Reason::kNone}
                                           : ClipGate{true, Fate::kQueued, Reason::kNone};
                              });
    ASSERT_TRUE(made) << made.error().what.view();
    clips = std::move(*made);
  }
  // The process ends, however it ends, and starts again.
  void reboot() {
    reader.reset();
    clips.reset();
    car.reboot();
    watch();
  }
  // What the pipeline's next commit would take along.
  void commit_changes() {
    CommitGroup group;
    clips->take_changes(group.state);
    ASSERT_TRUE(car.store->commit(group));
  }

  // The recorder writes a file and closes it.
  std::string record(const std::string& name, std::size_t bytes, const std::string& how = "") {
    std::string content = how;
    for (std::size_t i = 0; content.size() < bytes; ++i) content += "frame " + std::to_string(i);
    content.resize(bytes);
    std::ofstream(spool() / name, std::ios::binary) << content;
    return content;
  }
  void event(const std::string& file, v1::Clips::Trigger trigger = v1::Clips::IMPACT,
             const std::string& model = "") {
    ClipNotice notice;
    notice.file = file;
    notice.model = model;
    notice.trigger = trigger;
    notice.moment_ms = 15'000;
    clips->event(Personal<ClipNotice>(notice));
    commit_changes();
  }

  // As the gateway's loop does, until the condition holds or ten seconds are over.
  template <class Condition>
  bool turn_until(Condition true_now) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!true_now()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::array<pollfd, 2> fds = {pollfd{clips->spool_fd(), POLLIN, 0},
                                   pollfd{clips->job_fd(), POLLIN, 0}};
      poll(fds.data(), fds.size(), static_cast<int>(std::min<std::int64_t>(clips->next_ms(), 20)));
      clips->turn();
    }
    return true;
  }
  // Hours pass, until nothing waits any more.
  bool give_up() {
    clips->turn();
    for (int i = 0; i < 20 && clips->status().files_waiting > 0; ++i) {
      turn_for(50);
      (void)turn_until([&] { return !clips->status().in_work; });
      car.clock.advance_ms(3'600'000);
    }
    return settle();
  }
  void turn_for(int ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    (void)turn_until([&] { return std::chrono::steady_clock::now() > end; });
  }
  bool settle(std::size_t files = 0) {
    clips->turn();  // what happened before the call is known by now
    return turn_until([&] {
      const ClipStatus status = clips->status();
      return status.spool_there && status.files_waiting == files && !status.in_work &&
             car.store->held_rows() == 0;
    });
  }
  [[nodiscard]] std::uint64_t not_released(Reason reason) const {
    return clips->status().rejected[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::int64_t rows(const std::string& purpose, Fate fate) const {
    const Account account = car.store->account();
    EXPECT_TRUE(account.adds_up());
    const auto found = account.purposes.find(purpose);
    return found == account.purposes.end() ? 0
                                           : found->second.by_fate[static_cast<std::size_t>(fate)];
  }

  // The chunks that may be sent to a purpose, in the order of the outbox.
  std::vector<v1::ClipChunk> chunks(const std::string& purpose = "repair") {
    if (!reader) {
      reader = std::move(*OutboxReader::open(car.directory.path() / "state", car.store->session(),
                                             car.clock, car.store->journaled()));
    }
    std::vector<v1::ClipChunk> all;
    const auto ready = reader->ready({}, 1000, 1U << 30);
    EXPECT_TRUE(ready);
    for (const OutboxRow& row : *ready) {
      if (row.purpose != purpose) continue;
      std::string plaintext;
      v1::Batch batch;
      EXPECT_TRUE(age::open_side::open({&car.identities[car.index_of(purpose)], 1},
                                       bytes_of(row.bytes), plaintext));
      const auto opened = open_signed_batch(purpose, bytes_of(plaintext));
      EXPECT_TRUE(opened && batch.ParseFromString(opened->batch));
      for (const v1::ClipChunk& chunk : batch.chunks()) all.push_back(chunk);
    }
    return all;
  }
  static std::string joined(const std::vector<v1::ClipChunk>& chunks) {
    std::string clip;
    for (const v1::ClipChunk& chunk : chunks) clip += chunk.data();
    return clip;
  }

  Car car;
  std::set<PurposeIndex> closed;  // purposes without consent
  bool no_clock = false;          // no purpose may be served for now
  std::unique_ptr<Clips> clips;
  std::unique_ptr<OutboxReader> reader;
};

}  // namespace sudare::clips_test
