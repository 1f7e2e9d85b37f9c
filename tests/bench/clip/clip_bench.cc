// How fast a clip's bytes are read for markers.
#include <benchmark/benchmark.h>

#include <random>

#include "clip/nal/nal_unit.h"
#include "clip/verify/marker_scan.h"

namespace sudare::clip {
namespace {

// Coded pictures look like this.
Buffer random_bytes(std::size_t count) {
  std::mt19937_64 random(1);
  Buffer bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void marker_scan(benchmark::State& state) {
  const Buffer bytes = random_bytes(16 << 20);
  MarkerScan scan;
  std::uint64_t found = 0;
  const MarkerScan::Found count = [&found](const Marker&) { ++found; };
  for (auto _ : state) {
    for (std::size_t at = 0; at < bytes.size(); at += 256 * 1024) {
      scan.feed(Bytes(bytes).subspan(at, 256 * 1024), count);
    }
  }
  benchmark::DoNotOptimize(found);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(marker_scan);

void start_codes(benchmark::State& state) {
  Buffer bytes = random_bytes(16 << 20);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == 0 && bytes[i + 1] == 0) bytes[i] = 1;
  }
  for (auto _ : state) benchmark::DoNotOptimize(holds_start_code(bytes));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(start_codes);

}  // namespace
}  // namespace sudare::clip
