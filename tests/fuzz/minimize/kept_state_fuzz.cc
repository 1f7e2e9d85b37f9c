// Any bytes as what the minimizer and the outbox kept on disk before a restart: running totals,
// missing ranges, cells that were released. What is damaged is refused or passed over, never a
// crash, and what is kept again is taken again as it is.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/decode/decoder.h"
#include "gateway/minimize/aggregate.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/minimize/release_state.h"
#include "gateway/minimize/rules.h"
#include "gateway/store/missing_ranges.h"
#include "tests/fuzz/kept_entries.h"
#include "tests/unit/minimize/source_builder.h"

namespace sudare {
namespace {

using fuzz::require;

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

class OneKey final : public FieldKeys {
 public:
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex) const override { return &key_; }

 private:
  SecretBytes<32> key_;
};

struct NoRows final : ReleaseSink {
  void at_once(const Release&) override { std::abort(); }
  void cleared(const Release&) override { std::abort(); }
  void discarded(PurposeIndex, Reason, std::uint64_t) override { std::abort(); }
};

// A position of a car on the move, and a sum.
const Policy& policy() {
  static const Policy made = [] {
    testkit::SourceBuilder builder("0");
    builder.field("a", testkit::keep()).classify("a", v1::LATITUDE, v1::DEGREES, 1);
    builder.field("o", testkit::keep()).classify("o", v1::LONGITUDE, v1::DEGREES, 1);
    builder.release.cell = v1::M1000;
    builder.release.on_move = true;
    builder.release.bucket_ms = 60'000;
    auto sum = testkit::keep();
    sum.combine = v1::Field::SUM;
    testkit::SourceBuilder totals("1");
    totals.field("n", sum);
    totals.release.aggregate_days = 7;
    return testkit::policy_of({builder.build(), totals.build()});
  }();
  return made;
}

// The same cell is released once, whatever was remembered.
void restore_minimizer(std::string_view bytes) {
  static const OneKey keys;
  Decoder decoder(policy());
  Minimizer minimizer(policy(), keys, nullptr);
  const std::vector<StateEntry> remembered = fuzz::entries_in(kMinimizeModule, bytes);
  minimizer.restore(remembered);
  Message message;
  message.topic.set("0");
  message.received_ms = 1'700'000'000'000;
  message.payload.set(R"({"a":35.005,"o":136.505})");
  NoRows none;
  for (int i = 0; i < 2; ++i) {
    Record record;
    require(decoder.decode(message, *decoder.source_of(message), record).has_value());
    const Outcome outcome = minimizer.minimize(record, 0, none);
    require(i == 0 || outcome.release == nullptr);
    require(i > 0 || outcome.release != nullptr || !remembered.empty());
  }
  std::vector<StateEntry> kept;
  minimizer.take_changes(true, kept);
  Minimizer again(policy(), keys, nullptr);
  again.restore(kept);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: sudare::restore_totals(bytes); break;
    case 1: sudare::restore_missing(bytes); break;
    default: sudare::restore_minimizer(bytes); break;
  }
  return 0;
}
