// What a commit costs, and that it does not cost more with a million rows in the queue. The disk's
// fsync dominates: run it where the gateway would run. `rss_mib` is the process's anonymous
// resident memory after the work.
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/clock.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/store/store.h"
#include "tests/testkit/seal_stage_for_tests.h"
#include "tests/testkit/temporary_directory.h"

namespace {

using namespace sudare;

constexpr std::uint64_t kQuotaBytes = std::uint64_t{8} << 30;
constexpr std::size_t kRowBytes = 300;

// Of a record within a fragment, compressed and sealed.
constexpr std::size_t kRecordBytes = 60;

double anonymous_mib() {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/status", "r"),
                                                       std::fclose);
  char line[256];
  while (file && std::fgets(line, sizeof line, file.get()) != nullptr) {
    if (std::strncmp(line, "RssAnon:", 8) == 0) return std::strtod(line + 8, nullptr) / 1024;
  }
  return 0;
}

Sealed row(RowId id, std::uint32_t records, std::size_t bytes, bool fragment) {
  SealedMeta meta;
  meta.id = id;
  meta.purpose = "traffic";
  meta.epoch_days = 28;
  meta.records = {id * 1000, records};
  meta.fragment = fragment;
  meta.priority = 2;
  meta.keep_hours = 72;
  return Sealed(SealStage::passkey(), meta, std::string(bytes, static_cast<char>(id)));
}

struct Bench {
  testkit::TemporaryDirectory root;
  SystemClock clock;
  StoreOptions options{root.path().string(), kQuotaBytes, 0};
  std::unique_ptr<Store> store = std::move(Store::open(options, clock).value());

  void add(std::uint32_t rows, std::uint32_t records, std::size_t bytes, bool fragment) {
    CommitGroup group;
    const RowId first = store->next_row_id();
    for (std::uint32_t i = 0; i < rows; ++i) {
      group.add.push_back(row(first + i, records, bytes, fragment));
    }
    group.account.take("traffic", Fate::kQueued, Reason::kNone,
                       static_cast<std::uint64_t>(rows) * records);
    if (!store->commit(group)) std::abort();
  }
  void fill(std::int64_t rows) {
    constexpr std::int64_t kRowsPerCommit = 1000;
    for (; rows > 0; rows -= kRowsPerCommit) add(kRowsPerCommit, 1, kRowBytes, false);
  }
};

// One fragment of range(0) records per commit, as at each group commit of the gateway.
void commit_group(benchmark::State& state) {
  Bench bench;
  const auto records = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) bench.add(1, records, 400 + records * kRecordBytes, true);
  state.counters["records/s"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}
BENCHMARK(commit_group)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime()->Unit(benchmark::kMicrosecond);

// A commit of a hundred small rows with range(0) rows queued before: the processor's time counts,
// as fsync takes the same either way.
void enqueue_with_backlog(benchmark::State& state) {
  Bench bench;
  bench.fill(state.range(0));
  for (auto _ : state) bench.add(100, 1, kRowBytes, false);
  state.counters["rss_mib"] = anonymous_mib();
}
BENCHMARK(enqueue_with_backlog)
    ->Arg(0)
    ->Arg(1'000'000)
    ->Iterations(300)
    ->Unit(benchmark::kMicrosecond);

// From the start after a crash to the first commit: a journal that is full is played back, and
// range(0) rows are queued.
void start_with_backlog(benchmark::State& state) {
  Bench bench;
  bench.fill(state.range(0));
  bench.store.reset();
  bench.options.journal_bytes = journal_bytes_for(kQuotaBytes);
  for (auto _ : state) {
    state.PauseTiming();
    const pid_t crashed = fork();
    if (crashed == 0) {
      bench.store = std::move(Store::open(bench.options, bench.clock).value());
      for (int i = 0; i < 120; ++i) bench.add(1, 10, 3000, true);
      _exit(0);
    }
    waitpid(crashed, nullptr, 0);
    state.ResumeTiming();
    bench.store = std::move(Store::open(bench.options, bench.clock).value());
    bench.add(1, 1, kRowBytes, true);
    state.PauseTiming();
    bench.store.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(start_with_backlog)
    ->Arg(0)
    ->Arg(1'000'000)
    ->Iterations(20)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Reading a hundred rows and deleting them as delivered, with range(0) rows queued.
void drain_with_backlog(benchmark::State& state) {
  Bench bench;
  bench.fill(state.range(0));
  auto reader = std::move(OutboxReader::open(bench.options.directory, bench.store->session(),
                                             bench.clock, bench.store->journaled())
                              .value());
  for (auto _ : state) {
    const auto rows = reader->ready({}, 100, 1'000'000);
    if (!rows || rows->size() != 100) std::abort();
    CommitGroup group;
    for (const OutboxRow& ready : *rows) group.delivered.push_back(ready.id);
    if (!bench.store->commit(group)) std::abort();
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(state.iterations() * 100),
                                                benchmark::Counter::kIsRate);
  state.counters["rss_mib"] = anonymous_mib();
}
BENCHMARK(drain_with_backlog)
    ->Arg(40'000)
    ->Arg(1'000'000)
    ->Iterations(300)
    ->Unit(benchmark::kMicrosecond);

// Reading alone, past a window of outstanding rows.
void ready_past_outstanding(benchmark::State& state) {
  Bench bench;
  bench.fill(state.range(0));
  auto reader = std::move(OutboxReader::open(bench.options.directory, bench.store->session(),
                                             bench.clock, bench.store->journaled())
                              .value());
  std::vector<RowId> outstanding;
  const auto sent = reader->ready({}, 1000, 10'000'000);
  for (const OutboxRow& ready : *sent) outstanding.push_back(ready.id);
  for (auto _ : state) benchmark::DoNotOptimize(reader->ready(outstanding, 10, 1'000'000));
}
BENCHMARK(ready_past_outstanding)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
