// What sealing costs: a whole plan() for records of the size of a position, and its parts alone.
// The parts that do not depend on the number of records (X25519 and Ed25519) are what a commit of
// one record pays for.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/identity.h"
#include "crypto/seal/seal.h"
#include "gateway/minimize/reveal.h"
#include "gateway/seal/batch_writer.h"
#include "gateway/seal/sealer.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

// A result that a benchmark can't go on without.
template <class T>
T need(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

enum : PurposeIndex { kPseudonymous, kUnlinkable };

// 30 bytes that differ from record to record, as a minimised position does.
Release::Content position(int i) {
  std::string payload(30, '\x2a');
  for (std::size_t at = 0; at < 12; ++at) {
    payload[at] = static_cast<char>((i * 2654435761LL) >> (at % 4 * 8));
  }
  return {"vehicle/position", 1'704'067'200'000 + 5000LL * i, Codec::kProtobuf, payload};
}

struct Unit {
  Unit() {
    policy.purposes.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
      PurposePlan& purpose = policy.purposes[i];
      purpose.name = i == kPseudonymous ? "driving" : "traffic";
      purpose.recipients = {age::open_side::Identity::generate().recipient()};
      purpose.linger_ms = 1'000'000;
      purpose.batch_bytes_max = 16'384;
    }
    policy.purposes[kPseudonymous].pseudonym = PseudonymKind::kRotate;
    policy.purposes[kPseudonymous].rotate_days = 7;
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

// add() and plan() of one commit with this many records. Whole batches come along when they are
// full, as in the gateway.
void plan(benchmark::State& state, PurposeIndex purpose) {
  Unit unit;
  const auto records = static_cast<int>(state.range(0));
  int n = 0;
  for (auto _ : state) {
    for (int i = 0; i < records; ++i) {
      unit.sealer->add(Release(MinimizeStage::passkey(), purpose, position(++n)));
    }
    benchmark::DoNotOptimize(need(unit.sealer->plan(false)));
    unit.sealer->committed();
  }
  state.counters["per_record"] = benchmark::Counter(
      static_cast<double>(records),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void BM_PlanPseudonymous(benchmark::State& state) { plan(state, kPseudonymous); }
void BM_PlanWithoutPseudonym(benchmark::State& state) { plan(state, kUnlinkable); }
BENCHMARK(BM_PlanPseudonymous)->Arg(1)->Arg(100)->Arg(1000);
BENCHMARK(BM_PlanWithoutPseudonym)->Arg(1)->Arg(100)->Arg(1000);

std::string serialised(int records) {
  RecordBuffer buffer;
  for (int i = 0; i < records; ++i) buffer.append(position(i));
  std::string bytes;
  buffer.write(0, bytes);
  return bytes;
}

void BM_PartAppend(benchmark::State& state) {
  const Release::Content content = position(1);
  for (auto _ : state) {
    RecordBuffer buffer;
    for (int i = 0; i < state.range(0); ++i) buffer.append(content);
    benchmark::DoNotOptimize(buffer.bytes());
  }
}
BENCHMARK(BM_PartAppend)->Arg(100);

void BM_PartZstd(benchmark::State& state) {
  const std::string batch = serialised(static_cast<int>(state.range(0)));
  std::string out;
  for (auto _ : state) {
    out.clear();
    need(compress_batch(bytes_of(batch), out));
  }
  state.counters["in"] = static_cast<double>(batch.size());
  state.counters["out"] = static_cast<double>(out.size());
}
BENCHMARK(BM_PartZstd)->Arg(1)->Arg(100)->Arg(220);

void BM_PartEd25519(benchmark::State& state) {
  Unit unit;
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        need(sign_batch(*unit.epochs->key(kPseudonymous), "driving", bytes_of(bytes))));
  }
}
BENCHMARK(BM_PartEd25519)->Arg(100)->Arg(16'384);

// One recipient: a fresh ephemeral key and two X25519 operations, which is nearly all at 256 bytes.
void BM_PartAgeSeal(benchmark::State& state) {
  const std::vector<age::Recipient> recipients = {age::open_side::Identity::generate().recipient()};
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    need(age::seal(recipients, bytes_of(bytes), out));
  }
}
BENCHMARK(BM_PartAgeSeal)->Arg(256)->Arg(16'384);

}  // namespace
}  // namespace sudare
