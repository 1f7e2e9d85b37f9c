// What a message says of a clip, whether or not a release names it.
#include <gtest/gtest.h>

#include "sudare/vehicle/v1/drive_recorder.pb.h"
#include "tests/testkit/reveal.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace sudare {
namespace {

using vehicle::v1::DriveRecorderEvent;

SourcePlan with_event(SourcePlan plan, const std::string& file, const std::string& moment,
                      const std::string& trigger, const std::string& model) {
  plan.clip_event = {testkit::node_of(plan, file), testkit::node_of(plan, moment),
                     testkit::node_of(plan, trigger), testkit::node_of(plan, model)};
  return plan;
}

SourcePlan protobuf_plan() {
  return with_event(
      testkit::protobuf_source("event", *DriveRecorderEvent::descriptor(),
                               {"clip_file", "moment_ms", "trigger", "recorder_model"}),
      "clip_file", "moment_ms", "trigger", "recorder_model");
}

SourcePlan json_plan() {
  return with_event(testkit::json_source("event", {"clip.file", "clip.at", "why", "model"}),
                    "clip.file", "clip.at", "why", "model");
}

// What the message says, or nothing where it could not be read.
ClipNotice notice_of(OneSource& source, const std::string& payload) {
  source.decode(payload);
  return source.record().clip.reveal(TestReveal::key());
}

TEST(ClipEventDecoding, ReadsProtobuf) {
  OneSource source(protobuf_plan());
  DriveRecorderEvent event;
  event.set_clip_file("a.mp4");
  event.set_moment_ms(15'000);
  event.set_trigger(DriveRecorderEvent::PARKING_SHOCK);
  event.set_recorder_model("DR-1");
  const ClipNotice notice = notice_of(source, event.SerializeAsString());
  EXPECT_TRUE(source.record().clip_named);
  EXPECT_EQ(notice.file, "a.mp4");
  EXPECT_EQ(notice.moment_ms, 15'000);
  EXPECT_EQ(notice.trigger, v1::Clips::PARKING_SHOCK);
  EXPECT_EQ(notice.model, "DR-1");
}

TEST(ClipEventDecoding, AProtobufFieldThatIsAbsentIsZero) {
  OneSource source(protobuf_plan());
  DriveRecorderEvent event;
  event.set_clip_file("a.mp4");
  const ClipNotice notice = notice_of(source, event.SerializeAsString());
  EXPECT_EQ(notice.moment_ms, 0);
  EXPECT_EQ(notice.trigger, v1::Clips::TRIGGER_UNSPECIFIED);
}

TEST(ClipEventDecoding, ReadsJson) {
  OneSource source(json_plan());
  for (const char* why : {"1", "1.0", "\"IMPACT\""}) {
    const ClipNotice notice =
        notice_of(source, std::string(R"({"clip":{"file":"a.mp4","at":7},"why":)") + why + "}");
    EXPECT_EQ(notice.file, "a.mp4");
    EXPECT_EQ(notice.moment_ms, 7);
    EXPECT_EQ(notice.trigger, v1::Clips::IMPACT) << why;
    EXPECT_EQ(notice.model, "");
  }
}

TEST(ClipEventDecoding, WhatJsonDoesNotSayIsNotMadeUp) {
  OneSource source(json_plan());
  EXPECT_EQ(notice_of(source, R"({"clip":{"file":"a.mp4"},"why":1})").moment_ms, -1);
  EXPECT_EQ(notice_of(source, R"({"clip":{"at":"7"},"why":1})").moment_ms, -1);
  EXPECT_EQ(notice_of(source, R"({"clip":{"file":7}})").file, "");
  for (const char* why : {"0", "4", "-1", "\"impact\"", "\"\"", "true", "null"}) {
    EXPECT_EQ(notice_of(source, std::string(R"({"why":)") + why + "}").trigger,
              v1::Clips::TRIGGER_UNSPECIFIED)
        << why;
  }
}

TEST(ClipEventDecoding, NothingIsLeftOfTheMessageBefore) {
  OneSource source(json_plan());
  EXPECT_EQ(notice_of(source, R"({"clip":{"file":"a.mp4","at":7}})").file, "a.mp4");
  EXPECT_EQ(notice_of(source, "{").file, "");
  EXPECT_FALSE(source.record().clip_named);
  EXPECT_EQ(notice_of(source, "{}").file, "");
}

}  // namespace
}  // namespace sudare
