#include "gateway/decode/decoder.h"

#include <simdjson.h>

#include <optional>
#include <vector>

#include "base/limits.h"
#include "gateway/decode/json_decoder.h"
#include "gateway/decode/protobuf_decoder.h"
#include "gateway/decode/record_builder.h"
#include "gateway/decode/reveal.h"
#include "gateway/decode/topic_table.h"

namespace sudare {

struct Decoder::State {
  explicit State(const Policy& the_policy) : policy(the_policy), topics(the_policy) {
    bool any_json = false;
    for (const SourcePlan& source : policy.sources) {
      protobuf.emplace_back();
      if (source.codec == Codec::kProtobuf) protobuf.back().emplace(source);
      else any_json = true;
    }
    if (any_json) json = JsonDecoder::create(policy);
  }

  Status fill(const Message& message, SourceIndex source, Record& record, RecordBody& body,
              ClipNotice& clip, CarNumbers& car) {
    const SourcePlan& plan = policy.sources[source];
    const std::string& topic = message.topic.reveal(DecodeStage::key());
    const std::string& payload = message.payload.reveal(DecodeStage::key());
    if (payload.size() > kPayloadBytesMax) return fail(ErrorCode::kTooLarge, "decode: payload");
    if (!match_levels(plan.levels, topic, body.levels)) {
      return fail(ErrorCode::kNotFound, "decode: topic is not the source's");
    }
    if (!simdjson::validate_utf8(topic.data(), topic.size())) {
      return fail(ErrorCode::kMalformed, "decode: topic is not UTF-8");
    }
    body.text.assign(topic);  // the levels' spans are offsets in the topic
    record.clip_named = static_cast<bool>(plan.clip_event);
    // A Protobuf field that is absent is 0; a JSON member that is absent is not said.
    clip.moment_ms = plan.codec == Codec::kJson ? -1 : 0;
    RecordBuilder out(plan, record, body, clip, car);
    if (plan.codec == Codec::kJson) {
      if (!json) return fail(ErrorCode::kUnsupported, "decode: JSON is not in this build");
      return json->decode(payload, source, out);
    }
    return protobuf[source]->decode(payload, out);
  }

  const Policy& policy;
  TopicTable topics;
  std::vector<std::optional<ProtobufDecoder>> protobuf;  // by source
  std::unique_ptr<JsonDecoder> json;                     // where a source needs it
};

Decoder::Decoder(const Policy& policy) : state_(std::make_unique<State>(policy)) {}
Decoder::~Decoder() = default;

Result<SourceIndex> Decoder::source_of(const Message& message) const {
  return state_->topics.source_of(message.topic.reveal(DecodeStage::key()));
}

Status Decoder::decode(const Message& message, SourceIndex source, Record& record) {
  RecordBody& body = record.body.reveal(DecodeStage::key());
  ClipNotice& clip = record.clip.reveal(DecodeStage::key());
  CarNumbers& car = record.car.reveal(DecodeStage::key());
  body.clear();
  clip.clear();
  car.clear();
  record.clip_named = false;
  record.source = source;
  record.time_ms = message.received_ms;
  record.event_time = false;
  record.ignition_known = false;
  record.ignition_on = false;
  record.unknown_enums = 0;
  if (source >= state_->policy.sources.size()) {
    return fail(ErrorCode::kNotFound, "decode: no such source");
  }
  const Status status = state_->fill(message, source, record, body, clip, car);
  if (!status) {
    body.clear();
    clip.clear();
    car.clear();
    record.clip_named = false;
  }
  return status;
}

}  // namespace sudare
