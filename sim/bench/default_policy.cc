// What the shipped policy sends of a car's days, beside a bridge that forwards the same messages.
// Its batches close by time (a minute and more), and hours can't be hastened without making other
// batches: so the gateway's own pipeline, sealer and store run here on the messages' own clock, and
// every packet that would be sent is counted as the gateway's MQTT writer frames it.
#include <map>

#include "base/clock.h"
#include "fleet/open/open_batch.h"
#include "gateway/mqtt/packet_writer.h"
#include "gateway/policy/load.h"
#include "sim/attack/unit.h"
#include "sim/bench/bench.h"
#include "sim/car/vehicle.h"
#include "sim/process/local.h"
#include "sim/profile.h"

namespace sudare::sim::bench {

namespace {

constexpr double kDays = 2;  // working days; the first begins with the first trip
constexpr double kQuickDays = 0.02;
constexpr std::int64_t kDrainEveryMs = 1000;
constexpr const char* kPositions = "vehicle/position";

std::uint64_t framed(std::string_view topic, std::string_view payload, MqttVersion version) {
  std::string packet;
  PublishHead head;
  head.id = 1;
  write_publish(packet, topic, payload, head, version);
  return packet.size();
}

bool is_forwarded(const Outgoing& message) {
  return message.topic.rfind("vehicle/consent/", 0) != 0;
}

struct Days {
  explicit Days(Bench& bench, PayloadCodec codec, const Keys& keys, std::int64_t start_ms)
      : until_ms(start_ms + static_cast<std::int64_t>((bench.options.quick ? kQuickDays : kDays) *
                                                      static_cast<double>(kMsPerDay))),
        vehicle(default_profile(), bench.options.seed, {start_ms, false}, options_of(codec, keys)) {
  }
  static TrafficOptions options_of(PayloadCodec codec, const Keys& keys) {
    TrafficOptions options;
    options.codec = codec;
    for (const auto& [purpose, identities] : keys) options.consents.push_back(purpose);
    return options;
  }
  std::optional<Outgoing> next() {
    auto message = vehicle.messages().next();
    if (message && message->time_ms > until_ms) message.reset();
    return message;
  }
  std::int64_t until_ms;
  Vehicle vehicle;
};

// What the recipients can open of it.
void count_batch(const Keys& keys, std::string_view topic, std::string_view bytes,
                 DefaultPolicy& result) {
  result.gateway_bytes += framed(topic, bytes, MqttVersion::k5);
  ++result.batches;
  for (const auto& [purpose, identities] : keys) {
    const ByteSpan file{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
    const auto opened = open_batch(identities, purpose, Unsigned::kTaken, file);
    if (!opened) continue;
    for (const auto& record : opened->batch.records()) {
      ++result.released;
      if (record.topic() == kPositions) ++result.released_readings;
    }
  }
}

Parsed<Done> run_unit(Bench& bench, const Policy& policy, const Keys& keys, std::int64_t start_ms,
                      DefaultPolicy& result) {
  auto unit = attack::Unit::create(policy, start_ms);
  if (!unit) return tl::unexpected<InputError>(unit.error());
  const auto sink = [&](std::string_view topic, std::string_view bytes) {
    count_batch(keys, topic, bytes, result);
  };
  Days days(bench, PayloadCodec::kProtobuf, keys, start_ms);
  std::int64_t drained_ms = 0;
  while (auto message = days.next()) {
    if (auto done = (*unit)->take(*message); !done) return done;
    if (message->time_ms >= drained_ms + kDrainEveryMs) {
      drained_ms = message->time_ms;
      if (auto done = (*unit)->drain(sink); !done) return done;
    }
    if (!is_forwarded(*message)) continue;
    ++result.messages;
    if (message->topic == kPositions) ++result.readings;
    result.bridge_bytes += framed(message->topic, message->payload, MqttVersion::k311);
  }
  return (*unit)->finish(sink);
}

}  // namespace

Parsed<Done> measure_default_policy(Bench& bench) {
  bench.progress("a car's days under the shipped policy");
  Keys keys;
  const auto& file = bench.options.parts.default_policy;
  auto text = policy_with_recipients(file, [&](const std::string& purpose) -> Parsed<std::string> {
    keys[purpose].push_back(age::open_side::Identity::generate());
    return keys[purpose].back().recipient().to_string();
  });
  if (!text) return tl::unexpected<InputError>(text.error());
  const SchemaSet schemas;
  const PolicyLoad loaded = load_policy(file, *text, schemas, nullptr);
  if (loaded.policy == nullptr) {
    return input_error(file, 0, "is refused", "sudare policy check says why");
  }
  const std::int64_t start_ms = SystemClock().wall_ms() / kMsPerDay * kMsPerDay - 7 * kMsPerDay;
  DefaultPolicy result;
  result.days = bench.options.quick ? kQuickDays : kDays;
  if (auto done = run_unit(bench, *loaded.policy, keys, start_ms, result); !done) return done;
  Days json(bench, PayloadCodec::kJson, keys, start_ms);
  while (const auto message = json.next()) {
    if (!is_forwarded(*message)) continue;
    result.bridge_json_bytes += framed(message->topic, message->payload, MqttVersion::k311);
  }
  bench.report.default_policy = result;
  return Done{};
}

}  // namespace sudare::sim::bench
