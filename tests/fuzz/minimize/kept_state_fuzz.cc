// Any bytes as what the minimizer and the outbox kept on disk before a restart: running totals,
// missing ranges. What is damaged is refused or passed over, never a crash, and what is
// kept again is taken again as it is.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/minimize/aggregate.h"
#include "gateway/minimize/rules.h"
#include "gateway/store/missing_ranges.h"
#include "tests/unit/minimize/source_builder.h"

namespace sudare {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// A sum under a name of one letter: the bytes find it easily.
const Rules& rules() {
  static const SourcePlan source = [] {
    testkit::SourceBuilder builder("0");
    auto sum = testkit::keep();
    sum.combine = v1::Field::SUM;
    builder.field("n", sum);
    builder.release.aggregate_days = 7;
    return builder.build();
  }();
  static const Rules made(source, source.releases.front());
  return made;
}

void restore_totals(std::string_view bytes) {
  Aggregate first(rules());
  first.restore(bytes);
  const std::string kept = first.save();
  Aggregate second(rules());
  second.restore(kept);
  require(second.save() == kept);
  RecordBody ended;
  std::int64_t ended_ms = 0;
  (void)first.add(1'700'000'000'000, RecordBody(), ended, ended_ms);
}

void restore_missing(std::string_view bytes) {
  const auto ranges = decode_missing(bytes);
  if (!ranges) return;
  require(encode_missing(*ranges) == bytes);
  MissingRanges all;
  for (const MissingRange& range : *ranges) add_missing(all, range);
  require(all.size() <= kMissingRangesMax);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) sudare::restore_totals(bytes);
  else sudare::restore_missing(bytes);
  return 0;
}
