// Any bytes, through decode, detect and minimize, for several sources and cells. What comes out
// must decode again, hold only positions that are cell centres, and be its own minimum: minimised
// once more by the same rules it stays as it is.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"
#include "gateway/minimize/cell.h"
#include "gateway/minimize/minimizer.h"
#include "shapes.pb.h"
#include "tests/testkit/reveal.h"
#include "tests/unit/minimize/source_builder.h"

namespace sudare {
namespace {

using testkit::coarsen;
using testkit::keep;
using testkit::rule;
using testkit::SourceBuilder;

class OneKey final : public FieldKeys {
 public:
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex) const override { return &key_; }

 private:
  SecretBytes<32> key_;
};

// Positions at several depths, in lists and under every key.
void add_positions(SourceBuilder& source, v1::Cell cell) {
  std::uint16_t group = 0;
  for (const std::string prefix : {"inner.", "list.", "list.children.", "inners.*."}) {
    ++group;
    source.field(prefix + "latitude", keep()).field(prefix + "longitude", keep());
    source.classify(prefix + "latitude", v1::LATITUDE, v1::DEGREES, group);
    source.classify(prefix + "longitude", v1::LONGITUDE, v1::DEGREES, group);
  }
  source.release.cell = cell;
  source.release.bucket_ms = 60'000;
}

SourcePlan protobuf_source(const std::string& topic, v1::Cell cell) {
  SourceBuilder source(topic, *test::Shapes::descriptor());
  add_positions(source, cell);
  source.field("int64_value", keep()).classify("int64_value", v1::TIMESTAMP, v1::MILLISECONDS);
  source.field("double_value", coarsen(0.1)).field("sint32_value", coarsen(5));
  source.field("float_value", coarsen(0.5)).field("packed", coarsen(10));
  source.field("text", keep()).field("texts", keep()).field("counts.*", keep());
  source.field("color", keep()).field("present", keep()).field("raw", keep());
  return source.build();
}

SourcePlan json_source(const std::string& topic, v1::Cell cell) {
  SourceBuilder source(topic);
  add_positions(source, cell);
  source.field("time", keep()).classify("time", v1::TIMESTAMP, v1::ISO_8601);
  source.field("number", coarsen(0.1)).field("text", keep()).field("any.*", keep());
  source.field("at.0", keep()).classify("at.0", v1::LONGITUDE, v1::UNIT_UNSPECIFIED, 9);
  source.field("at.1", keep()).classify("at.1", v1::LATITUDE, v1::UNIT_UNSPECIFIED, 9);
  source.field("nmea.lat", keep()).classify("nmea.lat", v1::LATITUDE, v1::NMEA_DDMM, 10);
  source.field("nmea.lon", keep()).classify("nmea.lon", v1::LONGITUDE, v1::NMEA_DDMM, 10);
  return source.build();
}

// Pseudonyms and generalised identifiers change when they are minimised once more.
SourcePlan identifier_source(const std::string& topic) {
  SourceBuilder source(topic);
  source.field("vin", rule(Action::kGeneralize))
      .classify("vin", v1::VIN, v1::UNIT_UNSPECIFIED)
      .field("id.*", rule(Action::kPseudonymize))
      .classify("id.*", v1::ACCOUNT_ID, v1::UNIT_UNSPECIFIED);
  return source.build();
}

// What waits can't be minimised once more; the input is sent as a trip of its own.
SourcePlan held_source(const std::string& topic) {
  SourceBuilder source(topic);
  add_positions(source, v1::EXACT);
  source.release.hold_back = {v1::M1000, 300'000, v1::M1000};
  return source.build();
}

constexpr SourceIndex kIdempotentSources = 4;
constexpr SourceIndex kHeldSource = 5;
constexpr SourceIndex kSources = 6;

const Policy& policy() {
  static const Policy all = testkit::policy_of(
      {protobuf_source("0", v1::M1000), json_source("1", v1::M1000), protobuf_source("2", v1::M125),
       json_source("3", v1::M80000), identifier_source("4"), held_source("5")});
  return all;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// Counts the rows that waited.
struct Sink final : ReleaseSink {
  void at_once(const Release& release) override { require(release.at_once()); }
  void cleared(const Release& /*release*/) override { ++told; }
  void discarded(PurposeIndex /*purpose*/, Reason /*reason*/, std::uint64_t rows) override {
    told += rows;
  }
  std::uint64_t told = 0;
};

struct Run {
  Decoder decoder{policy()};
  OneKey keys;
  Record record;

  // The released payload; false where nothing is released.
  bool minimise(SourceIndex source, std::string_view payload, bool must_decode, std::string& out) {
    Message message;
    message.topic.set(std::to_string(source));
    message.payload.set(std::string(payload));
    const bool decoded = decoder.decode(message, source, record).has_value();
    require(decoded || !must_decode);
    if (!decoded) return false;
    detect(policy(), record);
    // A new one each time: no hysteresis between inputs, so that they can be told apart.
    Minimizer minimizer(policy(), keys, nullptr);
    Sink sink;
    if (source == kHeldSource) return hold_back(minimizer, sink);
    const Outcome outcome = minimizer.minimize(record, 0, sink);
    if (outcome.release == nullptr) return false;
    out = outcome.release->reveal(TestReveal::key()).payload;
    return true;
  }

  // The record at times that its bytes choose; every row that waits is told once.
  bool hold_back(Minimizer& minimizer, Sink& sink) {
    std::uint64_t waited = 0;
    const std::int64_t step_ms = record.time_ms % 400'000;
    for (int i = 0; i < 20; ++i) {
      record.time_ms += step_ms;
      const Outcome outcome = minimizer.minimize(record, 0, sink);
      require(outcome.release == nullptr);
      if (outcome.fate == Fate::kHeldBack) ++waited;
    }
    minimizer.give_up(0, Reason::kRestart, sink);
    require(sink.told == waited);
    return false;
  }
};

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static Run run;
  if (size == 0) return 0;
  const auto source = static_cast<SourceIndex>(data[0] % kSources);
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string once;
  if (!run.minimise(source, payload, false, once)) return 0;
  if (once.size() > kPayloadBytesMax) return 0;  // numbers can grow by some digits
  std::string twice;
  const bool again = run.minimise(source, once, true, twice);
  if (source >= kIdempotentSources) return 0;
  require(again && once == twice);
  return 0;
}
