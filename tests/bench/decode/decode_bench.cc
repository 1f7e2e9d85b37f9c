// What decoding a position and looking through a text cost.
#include <benchmark/benchmark.h>

#include <string>

#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "tests/testkit/source_plan.h"

namespace sudare {
namespace {

const std::vector<std::string> kPaths{"latitude_e7", "longitude_e7", "speed_kmh", "time_ms"};

void run(benchmark::State& state, SourcePlan plan, const std::string& payload) {
  plan.time_node = testkit::node_of(plan, "time_ms");
  plan.nodes[plan.time_node].unit = v1::MILLISECONDS;
  Policy policy;
  policy.sources.push_back(std::move(plan));
  Decoder decoder(policy);
  Message message;
  message.topic.set("vehicle/position");
  message.payload.set(payload);
  Record record;
  for (auto _ : state) {
    const auto source = decoder.source_of(message);
    const Status status = decoder.decode(message, *source, record);
    if (!status) state.SkipWithError("decode failed");
    benchmark::DoNotOptimize(record);
  }
}

void decode_protobuf(benchmark::State& state) {
  vehicle::v1::Position position;
  position.set_latitude_e7(356'812'345);
  position.set_longitude_e7(1'397'671'234);
  position.set_altitude_m(40);
  position.set_heading_deg(271.5F);
  position.set_speed_kmh(42.5F);
  position.set_accuracy_m(3);
  position.set_satellites(11);
  position.set_time_ms(1'700'000'000'000);
  position.set_road_class(vehicle::v1::TRUNK);
  position.set_road_link(123'456'789);
  run(state,
      testkit::protobuf_source("vehicle/position", *vehicle::v1::Position::descriptor(), kPaths),
      position.SerializeAsString());
}
BENCHMARK(decode_protobuf);

void decode_json(benchmark::State& state) {
  run(state, testkit::json_source("vehicle/position", kPaths),
      R"({"latitude_e7":356812345,"longitude_e7":1397671234,"altitude_m":40.1,"heading_deg":271.5,)"
      R"("speed_kmh":42.5,"accuracy_m":3,"satellites":11,"time_ms":1700000000000,)"
      R"("road_class":"TRUNK","road_link":123456789})");
}
BENCHMARK(decode_json);

void detect_text(benchmark::State& state) {
  const std::string text =
      "Remote climate was started at 07:30 and stopped at 07:45, battery 12.4 V, all doors are "
      "locked, OK.";
  for (auto _ : state) benchmark::DoNotOptimize(detect_in(text));
}
BENCHMARK(detect_text);

void detect_japanese_text(benchmark::State& state) {
  const std::string text = "エアコンを７時３０分に始動し、７時４５分に停止しました。ドアは施錠済み";
  for (auto _ : state) benchmark::DoNotOptimize(detect_in(text));
}
BENCHMARK(detect_japanese_text);

}  // namespace
}  // namespace sudare
