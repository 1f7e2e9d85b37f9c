#include "sim/clips/clip_source.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>

#include "sim/clips/make_clip.h"
#include "sudare/vehicle/v1/drive_recorder.pb.h"

namespace sudare::sim {

namespace {

namespace vehicle = sudare::vehicle::v1;

constexpr const char* kEventTopic = "vehicle/drive-recorder/event";
constexpr double kPerDegree = 1e7;

bool parse(const std::string& payload, PayloadCodec codec, vehicle::DriveRecorderEvent& event) {
  if (codec == PayloadCodec::kProtobuf) return event.ParseFromString(payload);
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(payload, &event, options).ok();
}

}  // namespace

std::optional<Outgoing> ClipSource::next() {
  auto outgoing = messages_.next();
  if (outgoing && outgoing->topic == kEventTopic) make(*outgoing);
  return outgoing;
}

void ClipSource::make(const Outgoing& outgoing) {
  vehicle::DriveRecorderEvent event;
  if (!parse(outgoing.payload, codec_, event)) return;
  ClipWanted wanted;
  wanted.file = directory_ + "/" + event.clip_file();
  wanted.seconds = event.clip_s();
  wanted.start_ms = event.time_ms() - event.moment_ms();
  wanted.place = {event.latitude_e7() / kPerDegree, event.longitude_e7() / kPerDegree};
  wanted.recorder_model = event.recorder_model();
  wanted.recorder_serial = event.recorder_serial();
  wanted.sound = event.sound();
  const auto made = make_clip(wanted);
  if (made) {
    ++made_;
    return;
  }
  ++failed_;
  std::fputs(made.error().to_string().c_str(), stderr);
}

}  // namespace sudare::sim
