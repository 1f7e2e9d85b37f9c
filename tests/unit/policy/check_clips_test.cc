// What a purpose may take of a drive recorder's clips.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

constexpr const char* kSource =
    "source { topic: \"vehicle/drive-recorder/event\" codec: PROTOBUF "
    "message: \"sudare.vehicle.v1.DriveRecorderEvent\" "
    "clip_event { file_field: \"clip_file\" moment_field: \"moment_ms\" trigger_field: \"trigger\" "
    "model_field: \"recorder_model\" } }\n";

// A purpose of messages above, one of sketches for a service below.
std::string policy() {
  return "language: 1 serial: 1 not_after: \"2030-12-31\"\n"
         "purpose { name: \"health\" recipient: \"" +
         recipient(1) +
         "\" pseudonym { rotate_days: 28 } consent: OPT_IN linger_ms: 60000 batch_bytes_max: 16384 "
         "keep_hours: 24 priority: 1 }\n"
         "purpose { name: \"sketches\" recipient: \"" +
         recipient(2) +
         "\" pseudonym { rotate_days: 28 } consent: OPT_IN ceiling { allow: [VIDEO, AUDIO] } "
         "batch_bytes_max: 270336 keep_hours: 24 clips { profile: SKETCH trigger: IMPACT "
         "before_s: 10 after_s: 20 afterwards: KEEP rejected: KEEP } }\n" +
         kSource +
         "source { topic: \"n\" codec: JSON classify { path: \"n\" class: NOT_PERSONAL } "
         "release { to: \"health\" field { path: \"n\" } time { exact: true } } }\n";
}

std::string changed(const std::string& from, const std::string& to) {
  return replaced(policy(), from, to);
}

// The same for the owner, who may have the original picture.
std::string pictures(const std::string& more = "") {
  return replaced(changed("clips { profile: SKETCH", "clips { profile: ORIGINAL_PICTURE " + more),
                  "keep_hours: 24 clips", "keep_hours: 24 audience: OWNER clips");
}

TEST(PolicyClipsTest, SketchesLeaveForAServiceAndPicturesForTheOwner) {
  expect_accepted(policy());
  expect_accepted(pictures());
  expect_accepted(replaced(pictures(), "audience: OWNER", "audience: EVIDENCE"));
}

TEST(PolicyClipsTest, CompilesWhatThePurposeTakes) {
  const PolicyLoad result =
      load(changed("before_s: 10",
                   "before_s: 10 daily_bytes_max: 10000000 unmetered_only: true burned_in { "
                   "recorder_model: \"DR-1\" left: 10 top: 900 width: 500 height: 100 }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  EXPECT_FALSE(result.policy->purposes[0].clips.has_value());
  const ClipPlan& plan = result.policy->purposes[1].clips.value();
  EXPECT_EQ(plan.profile, v1::Clips::SKETCH);
  EXPECT_TRUE(plan.wants(v1::Clips::IMPACT));
  EXPECT_FALSE(plan.wants(v1::Clips::MANUAL));
  EXPECT_EQ(plan.before_ms, 10'000U);
  EXPECT_EQ(plan.after_ms, 20'000U);
  EXPECT_EQ(plan.chunk_bytes, 262'144U);
  EXPECT_EQ(plan.daily_bytes_max, 10'000'000U);
  EXPECT_TRUE(plan.unmetered_only);
  EXPECT_FALSE(plan.delete_afterwards);
  ASSERT_EQ(plan.burned_in.size(), 1U);
  EXPECT_EQ(plan.burned_in[0].top, 900U);
  const SourcePlan& source = result.policy->sources[0];
  ASSERT_TRUE(source.clip_event);
  EXPECT_EQ(source.nodes[source.clip_event.file].name, "clip_file");
  EXPECT_EQ(source.nodes[source.clip_event.moment].name, "moment_ms");
}

TEST(PolicyClipsTest, AServiceReceivesNoOriginalPicture) {
  expect_refused(changed("profile: SKETCH", "profile: ^ORIGINAL_PICTURE"), "original pictures for");
}

TEST(PolicyClipsTest, TheProfileIsRequiredAndRedactedIsNotThereYet) {
  expect_refused(changed("clips { profile: SKETCH", "^clips {"), "how its clips are minimised");
  expect_refused(changed("profile: SKETCH", "profile: ^REDACTED"), "not there yet");
}

TEST(PolicyClipsTest, TheCeilingBoundsThem) {
  expect_refused(replaced(changed("[VIDEO, AUDIO]", "AUDIO"), "clips {", "^clips {"),
                 "VIDEO is not in the ceiling");
  expect_accepted(pictures("sound: true"));
  expect_refused(replaced(pictures("sound: ^true"), "[VIDEO, AUDIO]", "VIDEO"),
                 "AUDIO is not in the ceiling");
  expect_refused(changed("before_s", "sound: ^true before_s"), "beside original pictures only");
}

TEST(PolicyClipsTest, TheImagesCeilingBoundsThem) {
  const std::string rest = "longest_pseudonym { rotate_days: 28 } keep_hours_max: 72 }\n";
  const std::string health = "purpose { name: \"health\" " + rest;
  const std::string sketches = "purpose { name: \"sketches\" ceiling { allow: [VIDEO, AUDIO] } ";
  const CeilingLoad allowed = load_ceiling("ceiling", health + sketches + rest);
  expect_accepted(policy(), allowed.ceiling.get());
  expect_refused(replaced(pictures(), "audience: OWNER", "audience: ^OWNER"),
                 "gives \"sketches\" the audience SERVICE", allowed.ceiling.get());
  const CeilingLoad none = load_ceiling("ceiling", health + "purpose { name: \"sketches\" " + rest);
  expect_refused(changed("allow: [VIDEO, AUDIO]", "allow: ^VIDEO"), "doesn't allow VIDEO",
                 none.ceiling.get());
}

TEST(PolicyClipsTest, ATriggerAndAWindowAreRequired) {
  expect_refused(changed("clips { profile: SKETCH trigger: IMPACT", "^clips { profile: SKETCH"),
                 "clips of no event");
  expect_refused(changed("trigger: IMPACT", "trigger: IMPACT trigger: ^IMPACT"), "named twice");
  expect_refused(changed("trigger: IMPACT", "trigger: ^TRIGGER_UNSPECIFIED"), "no trigger");
  expect_refused(replaced(changed("before_s: 10 after_s: 20", ""), "clips {", "^clips {"),
                 "without a window");
  expect_refused(changed("after_s: 20", "after_s: ^111"), "the window is too long");
  expect_accepted(changed("after_s: 20", "after_s: 110"));
}

TEST(PolicyClipsTest, AChunkIsABatch) {
  expect_refused(changed("before_s", "chunk_bytes: ^65535 before_s"), "out of range");
  expect_refused(changed("before_s", "chunk_bytes: ^524289 before_s"), "out of range");
  expect_refused(replaced(changed("270336", "16384"), "clips {", "^clips {"), "is no batch of");
  expect_accepted(
      replaced(changed("270336", "528384"), "before_s", "chunk_bytes: 524288 before_s"));
}

TEST(PolicyClipsTest, ADayHasRoomForABatch) {
  expect_refused(changed("before_s", "daily_bytes_max: ^2097151 before_s"), "no room for a batch");
}

TEST(PolicyClipsTest, RectanglesLieInThePicture) {
  const auto with = [](const std::string& text) { return changed("before_s", text + " before_s"); };
  expect_accepted(with("burned_in { left: 0 top: 900 width: 1000 height: 100 }"));
  expect_refused(with("^burned_in { left: 1 top: 900 width: 1000 height: 100 }"),
                 "leaves the picture");
  expect_refused(with("^burned_in { left: 4294967295 top: 0 width: 2 height: 100 }"),
                 "leaves the picture");
  expect_refused(with("^burned_in { left: 1 top: 900 }"), "empty rectangle");
  expect_refused(pictures("^burned_in { left: 0 top: 900 width: 1000 height: 100 }"),
                 "nothing is filled in original pictures");
}

TEST(PolicyClipsTest, WhatBecomesOfTheFileIsRequired) {
  expect_refused(replaced(changed("afterwards: KEEP", ""), "clips {", "^clips {"), "afterwards");
  expect_refused(replaced(changed("rejected: KEEP", ""), "clips {", "^clips {"), "is rejected");
}

TEST(PolicyClipsTest, NothingWaitsBehindAClip) {
  expect_refused(changed("keep_hours: 24 clips", "keep_hours: 24 priority: ^1 clips"),
                 "would go out before messages");
  expect_refused(changed("keep_hours: 24 clips", "keep_hours: 24 linger_ms: ^60000 clips"),
                 "waits for no other");
  expect_refused(changed("keep_hours: 24 clips", "keep_hours: 24 essential: ^true clips"),
                 "no emergency waits");
}

TEST(PolicyClipsTest, APurposeWithClipsTakesNothingElse) {
  expect_refused(changed("to: \"health\"", "to: ^\"sketches\""), "takes clips, and nothing else");
}

TEST(PolicyClipsTest, OneFileHasOneFate) {
  const std::string other =
      "purpose { name: \"more\" recipient: \"" + recipient(3) +
      "\" pseudonym { rotate_days: 28 } consent: OPT_IN ceiling { allow: VIDEO } "
      "batch_bytes_max: 270336 keep_hours: 24 clips { profile: SKETCH trigger: [MANUAL, IMPACT] "
      "before_s: 10 afterwards: KEEP rejected: KEEP } }\n";
  expect_accepted(policy() + other);
  expect_refused(policy() + replaced(other, "afterwards: KEEP", "afterwards: ^DELETE"),
                 "different things of its file");
  expect_refused(policy() + replaced(other, "rejected: KEEP", "rejected: ^DELETE"),
                 "different things of its file");
  const std::string manual = replaced(other, "[MANUAL, IMPACT]", "MANUAL");
  expect_accepted(policy() + replaced(manual, "afterwards: KEEP", "afterwards: DELETE"));
}

TEST(PolicyClipsTest, ClipsWithoutEventsCanNotBeReached) {
  expect_refused(replaced(changed(kSource, ""), "clips {", "^clips {"), "can't be reached");
}

TEST(PolicyClipsTest, EventsWithoutAPurposeAreWarnedOf) {
  const std::string text = with_sources(kSource);
  expect_accepted(text);
  EXPECT_THAT(printed(load(text).diagnostics), ::testing::HasSubstr("no purpose takes clips"));
}

TEST(PolicyClipsTest, TheSliceSaysWhatLeavesAndNotHowItIsSent) {
  const auto slice = [](const std::string& text) {
    const PolicyLoad result = load(text);
    EXPECT_NE(result.policy, nullptr) << printed(result.diagnostics);
    return result.policy ? result.policy->purposes.at(1).slice : std::array<std::uint8_t, 16>{};
  };
  const auto before = slice(policy());
  EXPECT_NE(before, slice(changed("after_s: 20", "after_s: 21")));
  EXPECT_NE(before, slice(changed("trigger: IMPACT", "trigger: MANUAL")));
  EXPECT_NE(before, slice(changed("\"moment_ms\"", "\"clip_s\"")));
  EXPECT_NE(before, slice(changed("before_s", "burned_in { width: 1 height: 1 } before_s")));
  EXPECT_EQ(before, slice(changed("before_s", "chunk_bytes: 65536 unmetered_only: true before_s")));
  EXPECT_EQ(before, slice(changed("afterwards: KEEP", "afterwards: DELETE")));
}

TEST(PolicyClipsTest, AnEventNamesFileMomentAndTrigger) {
  expect_refused(replaced(changed("file_field: \"clip_file\"", ""), "clip_event", "^clip_event"),
                 "no field names the clip's file");
  expect_refused(replaced(changed("moment_field: \"moment_ms\"", ""), "clip_event", "^clip_event"),
                 "no field tells the event's moment");
  expect_refused(replaced(changed("trigger_field: \"trigger\"", ""), "clip_event", "^clip_event"),
                 "no field tells the event's kind");
}

TEST(PolicyClipsTest, AnEventsFieldsFit) {
  expect_refused(changed("\"clip_file\"", "^\"no_such\""), "no_such");
  expect_refused(changed("\"clip_file\"", "^\"clip_s\""), "is no text");
  expect_refused(changed("\"recorder_model\"", "^\"sound\""), "is no text");
  expect_refused(changed("\"moment_ms\"", "^\"recorder_model\""), "is no whole number");
  expect_refused(changed("\"trigger\"", "^\"peak_acceleration_ms2\""),
                 "is no number, enum or text");
  expect_refused(changed("\"moment_ms\"", "^\"track.time_ms\""), "which one would count");
}

}  // namespace
}  // namespace sudare::policy_test
