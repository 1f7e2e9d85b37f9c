// What a clip costs in the gateway: framing against compressing a piece, sealing one, and the whole
// way from the recorder's file to sealed pieces, without the store. SUDARE_CLIP_MB: size of the
// generated clip (256).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/identity.h"
#include "gateway/clips/clip_job.h"
#include "gateway/clips/reveal.h"
#include "gateway/seal/sealer.h"
#include "tests/system/clip/clip_tools.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

constexpr std::uint32_t kPieceBytes = 262'144;

// A result that a benchmark can't go on without.
template <class T>
T need(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

std::string noise(std::size_t bytes) {
  std::string text(bytes, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) *
                          static_cast<std::int64_t>(state.iterations()));
}

void BM_PartFrame(benchmark::State& state) {
  const std::string piece = noise(kPieceBytes);
  std::string out;
  for (auto _ : state) {
    out.clear();
    need(frame_batch(bytes_of(piece), out));
  }
  count_bytes(state, piece.size());
}
BENCHMARK(BM_PartFrame);

void BM_PartZstdLevel1(benchmark::State& state) {
  const std::string piece = noise(kPieceBytes);
  std::string out;
  for (auto _ : state) {
    out.clear();
    need(compress_batch(bytes_of(piece), out));
  }
  count_bytes(state, piece.size());
}
BENCHMARK(BM_PartZstdLevel1);

// A purpose with clips, and what seals its pieces.
struct Unit {
  Unit() {
    need(crypto_init());
    policy.purposes.resize(1);
    PurposePlan& purpose = policy.purposes[0];
    purpose.name = "clips";
    purpose.recipients = {age::open_side::Identity::generate().recipient()};
    purpose.batch_bytes_max = 1'048'576;
    purpose.pseudonym = PseudonymKind::kRotate;
    purpose.rotate_days = 7;
    store = need(Store::open({directory.path() / "state", 16 << 20, 0}, clock));
    CommitGroup group;
    need(Epochs::provision(19'723, group.state));
    need(store->commit(group));
    time = need(TrustedTime::load(*store, clock, 19'700));
    epochs = need(Epochs::load(*store, *time, policy));
    sealer = need(Sealer::create(policy, *epochs, *store, clock));
  }

  testkit::TemporaryDirectory directory;
  SystemClock clock;
  Policy policy;
  std::unique_ptr<Store> store;
  std::unique_ptr<TrustedTime> time;
  std::unique_ptr<Epochs> epochs;
  std::unique_ptr<Sealer> sealer;
};

void BM_SealPiece(benchmark::State& state) {
  Unit unit;
  const auto bytes = static_cast<std::size_t>(state.range(0));
  ClipPiece piece(ClipStage::passkey(), 0);
  piece.refill(ClipStage::passkey(), ClipStage::key()).data = noise(bytes);
  for (auto _ : state) benchmark::DoNotOptimize(need(unit.sealer->seal_piece(piece)));
  count_bytes(state, bytes);
}
BENCHMARK(BM_SealPiece)->Arg(65'536)->Arg(kPieceBytes)->Arg(524'288);

// Noise that no encoder can shrink, repeated by ffmpeg without encoding it again.
const std::string& big_clip() {
  static const testkit::TemporaryDirectory* const directory = new testkit::TemporaryDirectory;
  static const std::string path = [] {
    const std::string part = directory->path() / "part.mp4";
    const std::string whole = directory->path() / "whole.mp4";
    clip_test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25", "-t", "5", "-vf",
                       "noise=alls=80:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf",
                       "20", "-pix_fmt", "yuv420p", "-g", "25", part});
    const char* const text = std::getenv("SUDARE_CLIP_MB");
    const auto wanted = (text == nullptr ? 256U : std::strtoul(text, nullptr, 10)) << 20U;
    const auto times = wanted / std::filesystem::file_size(part);
    clip_test::ffmpeg({"-stream_loop", std::to_string(times), "-i", part, "-c", "copy", whole});
    return whole;
  }();
  return path;
}

Spool::Opened open_clip(const std::string& path) {
  Spool::Opened opened{clip::OwnedFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), {}};
  struct stat info {};
  if (fstat(opened.file.get(), &info) != 0) std::abort();
  opened.state = {static_cast<std::uint64_t>(info.st_size),
                  info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
  return opened;
}

double children_s() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void take_clip(benchmark::State& state, bool seal) {
  Unit unit;
  const std::string& path = big_clip();
  ClipOrder order;
  order.piece_bytes = kPieceBytes;
  order.options.mode = clip::Mode::kMinimize;
  order.options.profile = clip::Profile::kOriginalPicture;
  const double before_s = children_s();
  for (auto _ : state) {
    ClipJob job =
        need(ClipJob::start(testkit::program("sudare-clip"), order, open_clip(path), unit.clock));
    for (ClipJob::Step step = job.step(); step != ClipJob::Step::kLast; step = job.step()) {
      if (step == ClipJob::Step::kPiece) {
        if (seal) benchmark::DoNotOptimize(need(unit.sealer->seal_piece(job.piece())));
        job.stored();
      } else if (step == ClipJob::Step::kWaiting) {
        pollfd wanted{job.descriptor(), POLLIN, 0};
        poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(job.time_left().count(), 1000)));
      } else {
        std::abort();
      }
    }
  }
  count_bytes(state, std::filesystem::file_size(path));
  // Of both processes, per byte of the clip: what a loaded machine can't disturb.
  const double megabytes = static_cast<double>(std::filesystem::file_size(path)) * 1e-6 *
                           static_cast<double>(state.iterations());
  state.counters["worker_ms_per_MB"] = (children_s() - before_s) * 1e3 / megabytes;
}
void BM_RebuildVerify(benchmark::State& state) { take_clip(state, false); }
void BM_RebuildVerifySeal(benchmark::State& state) { take_clip(state, true); }
BENCHMARK(BM_RebuildVerify)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_RebuildVerifySeal)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sudare
