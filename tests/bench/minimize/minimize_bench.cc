// What a message costs between the in-vehicle broker and seal: decode, detect, minimize. One
// purpose, a 1 km cell, a time bucket, a coarsened speed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"
#include "gateway/minimize/cell.h"
#include "gateway/minimize/minimizer.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "tests/unit/minimize/source_builder.h"

namespace sudare {
namespace {

using testkit::coarsen;
using testkit::keep;
using testkit::SourceBuilder;

class NoKeys final : public FieldKeys {
 public:
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex) const override { return nullptr; }
};

void set_release(SourceBuilder& source) {
  for (const char* const name : {"latitude_e7", "longitude_e7", "time_ms"}) {
    source.field(name, keep());
  }
  source.field("speed_kmh", coarsen(5)).field("heading_deg", coarsen(45));
  source.release.cell = v1::M1000;
  source.release.bucket_ms = 60'000;
}

SourcePlan protobuf_source() {
  SourceBuilder source("vehicle/position", *vehicle::v1::Position::descriptor());
  set_release(source);
  return source.build();
}

SourcePlan json_source() {
  SourceBuilder source("vehicle/position");
  set_release(source);
  source.classify("latitude_e7", v1::LATITUDE, v1::DEGREES_E7, 1);
  source.classify("longitude_e7", v1::LONGITUDE, v1::DEGREES_E7, 1);
  source.classify("time_ms", v1::TIMESTAMP, v1::MILLISECONDS);
  return source.build();
}

// A car that drives east along a parallel, 14 m at a time, through Japan: fix after fix.
struct Fix {
  std::int32_t latitude_e7 = 356'585'810;
  std::int32_t longitude_e7;
  explicit Fix(int second) : longitude_e7(1'300'000'000 + second % 100'000 * 1500) {}
};

std::string protobuf_payload(int second) {
  const Fix fix(second);
  vehicle::v1::Position position;
  position.set_latitude_e7(fix.latitude_e7);
  position.set_longitude_e7(fix.longitude_e7);
  position.set_altitude_m(12.5F);
  position.set_heading_deg(90.25F);
  position.set_speed_kmh(50.4F);
  position.set_accuracy_m(3);
  position.set_satellites(11);
  position.set_time_ms(1'700'000'000'000 + second * std::int64_t{1000});
  position.set_road_class(vehicle::v1::PRIMARY);
  position.set_road_link(123'456'789);
  return position.SerializeAsString();
}

std::string json_payload(int second) {
  const Fix fix(second);
  return R"({"latitude_e7":)" + std::to_string(fix.latitude_e7) + R"(,"longitude_e7":)" +
         std::to_string(fix.longitude_e7) +
         R"(,"altitude_m":12.5,"heading_deg":90.25,"speed_kmh":50.4,"accuracy_m":3,)"
         R"("satellites":11,"time_ms":)" +
         std::to_string(1'700'000'000'000 + second * std::int64_t{1000}) +
         R"(,"road_class":"PRIMARY","road_link":123456789})";
}

// Takes what waited.
struct Sink final : ReleaseSink {
  void at_once(const Release& release) override { benchmark::DoNotOptimize(&release); }
  void cleared(const Release& release) override {
    benchmark::DoNotOptimize(&release);
    ++cleared_rows;
  }
  void discarded(PurposeIndex /*purpose*/, Reason /*reason*/, std::uint64_t /*rows*/) override {}
  std::uint64_t cleared_rows = 0;
};

struct Pipeline {
  explicit Pipeline(SourcePlan source)
      : policy(testkit::policy_of({std::move(source)})),
        decoder(policy),
        minimizer(policy, keys, nullptr) {}

  bool run(const Message& message) {
    const auto source = decoder.source_of(message);
    if (!source || !decoder.decode(message, *source, record)) return false;
    detect(policy, record);
    const Outcome outcome = minimizer.minimize(record, 0, sink);
    benchmark::DoNotOptimize(&outcome);
    return outcome.release != nullptr || outcome.fate == Fate::kHeldBack;
  }

  Policy policy;
  NoKeys keys;
  Decoder decoder;
  Minimizer minimizer;
  Record record;
  Sink sink;
};

constexpr int kMessages = 4096;

std::vector<Message> messages_of(std::string (*payload)(int)) {
  std::vector<Message> messages(kMessages);
  for (int i = 0; i < kMessages; ++i) {
    Message& message = messages[static_cast<std::size_t>(i)];
    message.topic.set("vehicle/position");
    message.payload.set(payload(i));
  }
  return messages;
}

void run_all(benchmark::State& state, SourcePlan source, std::string (*payload)(int)) {
  Pipeline pipeline(std::move(source));
  const std::vector<Message> messages = messages_of(payload);
  std::size_t i = 0;
  for (auto _ : state) {
    if (!pipeline.run(messages[i++ % kMessages])) state.SkipWithError("not released");
  }
}

void BM_ProtobufPosition(benchmark::State& state) {
  run_all(state, protobuf_source(), protobuf_payload);
}
BENCHMARK(BM_ProtobufPosition);

void BM_JsonPosition(benchmark::State& state) { run_all(state, json_source(), json_payload); }
BENCHMARK(BM_JsonPosition);

// The stage alone: the record is decoded once.
void BM_MinimizeAlone(benchmark::State& state) {
  Pipeline pipeline(protobuf_source());
  const std::vector<Message> messages = messages_of(protobuf_payload);
  if (!pipeline.run(messages.front())) state.SkipWithError("not released");
  for (auto _ : state) {
    const Outcome outcome = pipeline.minimizer.minimize(pipeline.record, 0, pipeline.sink);
    benchmark::DoNotOptimize(&outcome);
  }
}
BENCHMARK(BM_MinimizeAlone);

void BM_CellCentre(benchmark::State& state) {
  Position at{356'585'810, state.range(0)};
  for (auto _ : state) {
    at.longitude_e7 += 1;
    auto centre = cell_centre(at, v1::M1000);
    benchmark::DoNotOptimize(centre);
  }
}
BENCHMARK(BM_CellCentre)->Arg(1'397'454'330)->Arg(-1'000'000'000);

// The cost of each fix by itself, at its 99th percentile (the clock's own 20 to 30 ns included).
void worst_fixes(benchmark::State& state, SourcePlan source, bool all_leave) {
  Pipeline pipeline(std::move(source));
  const std::vector<Message> messages = messages_of(protobuf_payload);
  std::vector<double> nanoseconds;
  std::size_t i = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    if (!pipeline.run(messages[i++ % kMessages]) && all_leave) state.SkipWithError("not released");
    nanoseconds.push_back(
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  state.counters["p50_ns"] = nanoseconds[nanoseconds.size() / 2];
  state.counters["p99_ns"] = nanoseconds[nanoseconds.size() * 99 / 100];
  state.counters["cleared"] = static_cast<double>(pipeline.sink.cleared_rows);
}

void BM_WorstFixes(benchmark::State& state) { worst_fixes(state, protobuf_source(), true); }
BENCHMARK(BM_WorstFixes);

// A trip again and again: HOLD, waiting, clearance, and a jump back that loses what waits.
void BM_WorstFixesUnderHoldBack(benchmark::State& state) {
  SourcePlan source = protobuf_source();
  source.releases[0].cell = v1::EXACT;
  source.releases[0].hold_back = {v1::M1000, 300'000, v1::CELL_UNSPECIFIED};
  worst_fixes(state, std::move(source), false);
}
BENCHMARK(BM_WorstFixesUnderHoldBack);

}  // namespace
}  // namespace sudare
