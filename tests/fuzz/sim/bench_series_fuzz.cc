// Bytes that claim to be a reading of a benchmark, as a cloud broker hands them out.
#include <cstdint>
#include <string_view>

#include "sim/bench/series.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sudare::sim::PayloadCodec;
  using sudare::sim::bench::Series;
  constexpr std::int64_t kFirstMs = 1'750'000'000'000;
  constexpr std::uint64_t kReadings = 10'000'000;  // a round's at most
  static Series json = Series::positions(PayloadCodec::kJson, 1, kFirstMs, 10);
  static Series protobuf = Series::positions(PayloadCodec::kProtobuf, 1, kFirstMs, 10);
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  for (Series* series : {&json, &protobuf}) {
    const auto number = series->number_of(payload);
    if (number && *number < kReadings && series->same_position(*number, payload) &&
        series->number_of(series->payload(*number)) != number) {
      __builtin_trap();
    }
  }
  return 0;
}
