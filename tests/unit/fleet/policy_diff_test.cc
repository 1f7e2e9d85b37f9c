#include "fleet/diff/policy_diff.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

namespace sudare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kBase = R"(
language: 1 serial: 4 not_after: "2028-12-31"
purpose {
  name: "traffic" recipient: "age1a" pseudonym { rotate_days: 28 } consent: OPT_IN
  ceiling { cell: M1000 time_bucket_ms: 60000 allow: VIN }
  linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24 priority: 2
}
purpose {
  name: "film" recipient: "age1b" pseudonym { none {} } consent: OPT_IN ceiling { allow: VIDEO }
  clips { profile: SKETCH trigger: IMPACT before_s: 5 after_s: 5 daily_bytes_max: 100
          afterwards: KEEP rejected: KEEP unmetered_only: true
          burned_in { left: 1 top: 1 width: 1 height: 1 } }
}
source {
  topic: "car/{vin}" codec: JSON classify { path: "n" class: ODOMETER unit: KILOMETERS }
  release {
    to: "traffic"
    field { path: "n" coarsen { step: 100 } }
    level { name: "vin" pseudonymize {} }
    location { cell: M1000 }
    time { bucket_ms: 60000 }
  }
}
)";

const std::string kRectangle = "left 1 top 1 width 1 height 1";

v1::Policy parse(const std::string& text) {
  v1::Policy policy;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &policy));
  return policy;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::vector<std::string> shown(const v1::Policy& before, const v1::Policy& after) {
  std::vector<std::string> all;
  for (const PolicyChange& one : diff_policies(before, after)) {
    const char* const sign = one.effect == DiffEffect::kMore   ? "+ "
                             : one.effect == DiffEffect::kLess ? "- "
                                                               : "= ";
    all.push_back(sign + (one.where.empty() ? "" : one.where + ": ") + one.text);
  }
  return all;
}

// The one change, there and back; serials aside.
void expect_change(const std::string& from, const std::string& to, const std::string& there,
                   const std::string& back) {
  v1::Policy before = parse(kBase);
  v1::Policy after = parse(replaced(kBase, from, to));
  after.set_serial(5);
  EXPECT_THAT(shown(before, after), ElementsAre(there)) << to;
  after.set_serial(4);
  before.set_serial(5);
  EXPECT_THAT(shown(after, before), ElementsAre(back)) << to;
}

TEST(PolicyDiff, TheSameIsNoChange) {
  v1::Policy after = parse(kBase);
  after.set_serial(5);
  EXPECT_THAT(shown(parse(kBase), after), IsEmpty());
}

TEST(PolicyDiff, ASerialThatDoesNotRiseIsSaid) {
  EXPECT_THAT(
      shown(parse(kBase), parse(kBase)),
      ElementsAre("= serial 4 is not above 4: cars that have the old version don't take it"));
}

TEST(PolicyDiff, DaysAreCompared) {
  expect_change("2028-12-31", "2029-12-31", "+ not_after 2029-12-31, was 2028-12-31",
                "- not_after 2028-12-31, was 2029-12-31");
  expect_change("serial: 4", "serial: 4 not_before: \"2026-01-01\"",
                "- not_before 2026-01-01, was open", "+ not_before open, was 2026-01-01");
}

TEST(PolicyDiff, PurposesAndTheirRules) {
  const std::string at = "purpose traffic: ";
  expect_change("\"age1a\"", "\"age1a\" recipient: \"age1c\"", "+ " + at + "recipient age1c is new",
                "- " + at + "recipient age1c is gone");
  expect_change("rotate_days: 28", "rotate_days: 91", "+ " + at + "pseudonym 91 days, was 28 days",
                "- " + at + "pseudonym 28 days, was 91 days");
  expect_change("rotate_days: 28", "until_transfer {}",
                "+ " + at + "pseudonym until transfer, was 28 days",
                "- " + at + "pseudonym 28 days, was until transfer");
  expect_change("consent: OPT_IN", "consent: OPT_OUT", "+ " + at + "consent OPT_OUT, was OPT_IN",
                "- " + at + "consent OPT_IN, was OPT_OUT");
  expect_change("linger_ms: 60000", "linger_ms: 90000", "= " + at + "linger_ms 90000, was 60000",
                "= " + at + "linger_ms 60000, was 90000");
  expect_change("keep_hours: 24", "keep_hours: 48", "+ " + at + "keep_hours 48, was 24",
                "- " + at + "keep_hours 24, was 48");
  expect_change("priority: 2", "priority: 2 audience: OWNER",
                "+ " + at + "audience OWNER, was SERVICE",
                "- " + at + "audience SERVICE, was OWNER");
  expect_change("priority: 2", "priority: 2 essential: true",
                "+ " + at + "essential true, was false", "- " + at + "essential false, was true");
}

TEST(PolicyDiff, CeilingsOfPurposes) {
  const std::string at = "purpose traffic: ceiling: ";
  expect_change("cell: M1000 time", "cell: M500 time", "+ " + at + "cell M500, was M1000",
                "- " + at + "cell M1000, was M500");
  expect_change("cell: M1000 time", "time", "- " + at + "cell none, was M1000",
                "+ " + at + "cell M1000, was none");
  expect_change("time_bucket_ms: 60000", "", "+ " + at + "time_bucket_ms none, was 60000",
                "- " + at + "time_bucket_ms 60000, was none");
  expect_change("allow: VIN", "allow: [VIN, PLATE]", "+ " + at + "allow PLATE is new",
                "- " + at + "allow PLATE is gone");
  expect_change("allow: VIN", "allow: VIN hold_back: M1000",
                "- " + at + "hold_back M1000, was none", "+ " + at + "hold_back none, was M1000");
}

TEST(PolicyDiff, CellsThatCannotBeComparedCountAsMoreBothWays) {
  v1::Policy before = parse(replaced(kBase, "cell: M1000 time", "cell: M2000 time"));
  v1::Policy after = parse(replaced(kBase, "cell: M1000 time", "cell: M5000 time"));
  after.set_serial(5);
  EXPECT_THAT(shown(before, after),
              ElementsAre("+ purpose traffic: ceiling: cell M5000, was M2000"));
  before.set_serial(6);
  EXPECT_THAT(shown(after, before),
              ElementsAre("+ purpose traffic: ceiling: cell M2000, was M5000"));
}

TEST(PolicyDiff, Clips) {
  const std::string at = "purpose film: clips: ";
  expect_change("SKETCH", "ORIGINAL_PICTURE", "+ " + at + "profile ORIGINAL_PICTURE, was SKETCH",
                "- " + at + "profile SKETCH, was ORIGINAL_PICTURE");
  expect_change("trigger: IMPACT", "trigger: [IMPACT, MANUAL]", "+ " + at + "trigger MANUAL is new",
                "- " + at + "trigger MANUAL is gone");
  expect_change("before_s: 5", "before_s: 9", "+ " + at + "before_s 9, was 5",
                "- " + at + "before_s 5, was 9");
  expect_change("daily_bytes_max: 100", "", "+ " + at + "daily_bytes_max none, was 100",
                "- " + at + "daily_bytes_max 100, was none");
  expect_change("afterwards: KEEP", "afterwards: DELETE", "= " + at + "afterwards DELETE, was KEEP",
                "= " + at + "afterwards KEEP, was DELETE");
  expect_change("burned_in { left: 1 top: 1 width: 1 height: 1 }", "",
                "+ " + at + "burned_in: other models: filled nothing, was " + kRectangle,
                "- " + at + "burned_in: other models: filled " + kRectangle + ", was nothing");
}

// M4 of the review: a model that has a rectangle of its own gets the general ones no longer.
TEST(PolicyDiff, AModelsFirstRectangleCountsAsMoreUnlessItHidesWhatTheGeneralOnesHid) {
  const std::string general = "burned_in { left: 1 top: 1 width: 1 height: 1 }";
  const std::string at = "purpose film: clips: burned_in: model X1: filled ";
  expect_change(general, general + "burned_in { recorder_model: \"X1\" width: 1 height: 1 }",
                "+ " + at + "left 0 top 0 width 1 height 1, was " + kRectangle,
                "+ " + at + kRectangle + ", was left 0 top 0 width 1 height 1");
  expect_change(general, general + "burned_in { recorder_model: \"X1\" width: 3 height: 3 }",
                "- " + at + "left 0 top 0 width 3 height 3, was " + kRectangle,
                "+ " + at + kRectangle + ", was left 0 top 0 width 3 height 3");
}

TEST(PolicyDiff, ARectangleThatMovesCountsAsMoreAndASecondOneAsLess) {
  const std::string general = "burned_in { left: 1 top: 1 width: 1 height: 1 }";
  const std::string at = "purpose film: clips: burned_in: other models: filled ";
  expect_change(general, "burned_in { left: 2 top: 1 width: 1 height: 1 }",
                "+ " + at + "left 2 top 1 width 1 height 1, was " + kRectangle,
                "+ " + at + kRectangle + ", was left 2 top 1 width 1 height 1");
  expect_change(general, general + "burned_in { left: 2 top: 1 width: 1 height: 1 }",
                "- " + at + kRectangle + "; left 2 top 1 width 1 height 1, was " + kRectangle,
                "+ " + at + kRectangle + ", was " + kRectangle + "; left 2 top 1 width 1 height 1");
}

// H3 of the review: nothing else links what a purpose without pseudonym receives.
TEST(PolicyDiff, ABatchThatLinksMoreCountsAsMoreWhereNothingElseLinks) {
  v1::Policy before = parse(replaced(kBase, "rotate_days: 28", "none {}"));
  v1::Policy after = before;
  after.set_serial(5);
  after.mutable_purpose(0)->set_linger_ms(86'400'000);
  after.mutable_purpose(0)->set_batch_bytes_max(1'048'576);
  EXPECT_THAT(shown(before, after),
              ElementsAre("+ purpose traffic: linger_ms 86400000, was 60000",
                          "+ purpose traffic: batch_bytes_max 1048576, was 4096"));
  before.set_serial(6);
  EXPECT_THAT(shown(after, before),
              ElementsAre("= purpose traffic: linger_ms 60000, was 86400000",
                          "= purpose traffic: batch_bytes_max 4096, was 1048576"));
}

TEST(PolicyDiff, Releases) {
  const std::string at = "car/{vin} to traffic: ";
  expect_change("step: 100", "step: 200", "- " + at + "field n step 200, was 100",
                "+ " + at + "field n step 100, was 200");
  expect_change("step: 100", "step: 100 most: 5", "- " + at + "field n clamped to 0 … 5",
                "+ " + at + "field n no longer clamped");
  expect_change("coarsen { step: 100 }", "keep {}", "+ " + at + "field n keep, was coarsen",
                "- " + at + "field n coarsen, step 100, was keep");
  expect_change("field { path: \"n\"", "field { path: \"m\" } field { path: \"n\"",
                "+ " + at + "field m is new (keep)", "- " + at + "field m is gone");
  expect_change("coarsen { step: 100 } }", "coarsen { step: 100 } tolerate: EMAIL }",
                "+ " + at + "field n tolerate EMAIL is new",
                "- " + at + "field n tolerate EMAIL is gone");
  expect_change("level { name: \"vin\" pseudonymize {} }", "",
                "- " + at + "level vin drop, was pseudonymize",
                "+ " + at + "level vin pseudonymize, was drop");
  expect_change("location { cell: M1000", "location { cell: M5000",
                "- " + at + "cell M5000, was M1000", "+ " + at + "cell M1000, was M5000");
  expect_change("location { cell: M1000", "location { cell: M1000 on_move: true",
                "- " + at + "on_move true, was false", "+ " + at + "on_move false, was true");
  expect_change("location { cell: M1000", "location { cell: M1000 hold_back { ring: M1000 }",
                "- " + at + "hold_back: ring M1000, was none",
                "+ " + at + "hold_back: ring none, was M1000");
  expect_change("time { bucket_ms: 60000 }", "time { exact: true }",
                "+ " + at + "exact times true, was false",
                "- " + at + "exact times false, was true");
  expect_change("time { bucket_ms: 60000", "time { bucket_ms: 900000",
                "- " + at + "time: bucket_ms 900000, was 60000",
                "+ " + at + "time: bucket_ms 60000, was 900000");
  expect_change("time { bucket_ms", "rate { min_interval_ms: 5000 } time { bucket_ms",
                "- " + at + "rate: min_interval_ms 5000, was none",
                "+ " + at + "rate: min_interval_ms none, was 5000");
}

// Two buckets that lie across each other tell together in which part of either a record lay.
TEST(PolicyDiff, AStepThatIsNoMultipleCountsAsMore) {
  const std::string at = "+ car/{vin} to traffic: ";
  expect_change("step: 100", "step: 150", at + "field n step 150, was 100",
                at + "field n step 100, was 150");
  expect_change("time { bucket_ms: 60000", "time { bucket_ms: 90000",
                at + "time: bucket_ms 90000, was 60000", at + "time: bucket_ms 60000, was 90000");
}

TEST(PolicyDiff, AStepUnderABoundThatIsNoMultipleOfItCountsAsMore) {
  const std::string at = "car/{vin} to traffic: field n step 200, was 100";
  for (const auto& [most, sign] : {std::pair{"400", "- "}, {"500", "+ "}, {"0", "- "}}) {
    const std::string bound = std::string(" least: -600 most: ") + most;
    v1::Policy before = parse(replaced(kBase, "step: 100", "step: 100" + bound));
    v1::Policy after = parse(replaced(kBase, "step: 100", "step: 200" + bound));
    after.set_serial(5);
    EXPECT_THAT(shown(before, after), ElementsAre(sign + at)) << most;
  }
}

TEST(PolicyDiff, AStepThatDiffersALittleShowsHow) {
  expect_change("step: 100", "step: 100.0000001",
                "+ car/{vin} to traffic: field n step 100.0000001, was 100",
                "+ car/{vin} to traffic: field n step 100, was 100.0000001");
}

// The change to a release with one more rule, there; serials aside.
std::vector<std::string> change_beside(const std::string& rule, const std::string& from,
                                       const std::string& to) {
  const std::string base = replaced(kBase, "time { bucket", rule + " time { bucket");
  v1::Policy after = parse(replaced(base, from, to));
  after.set_serial(5);
  return shown(parse(base), after);
}

// M4 of the review: twenty-one days of less than a step each are 0 each, and three weeks are not.
TEST(PolicyDiff, ALongerWindowOfASumCountsAsMore) {
  const std::string at = "car/{vin} to traffic: aggregate: days ";
  for (const auto& [combine, sign] :
       {std::pair{"SUM", "+ "}, {"MEAN", "+ "}, {"LEAST", "- "}, {"MOST", "- "}}) {
    const std::string base = replaced(kBase, "coarsen { step: 100 }",
                                      std::string("coarsen { step: 100 } combine: ") + combine);
    const auto with_days = [&](const std::string& days) {
      return parse(replaced(base, "time {", "aggregate { days: " + days + " } time {"));
    };
    v1::Policy before = with_days("7");
    v1::Policy after = with_days("14");
    after.set_serial(5);
    EXPECT_THAT(shown(before, after), ElementsAre(sign + at + "14, was 7")) << combine;
    before.set_serial(6);
    EXPECT_THAT(shown(after, before), ElementsAre("+ " + at + "7, was 14")) << combine;
    after = with_days("10");
    after.set_serial(7);
    EXPECT_THAT(shown(before, after), ElementsAre("+ " + at + "10, was 7")) << combine;
  }
}

TEST(PolicyDiff, TotalsInPlaceOfRecordsCountAsMoreAndSoDoRecordsInPlaceOfTotals) {
  expect_change("time { bucket", "aggregate { days: 7 } time { bucket",
                "+ car/{vin} to traffic: aggregate: days 7, was none",
                "+ car/{vin} to traffic: aggregate: days none, was 7");
}

// The next record leaves at another moment: one that the shorter interval would have passed over.
TEST(PolicyDiff, AnotherIntervalCountsAsMoreEitherWay) {
  const std::string rate = "rate { min_interval_ms: 5000 }";
  const std::string at = "+ car/{vin} to traffic: rate: min_interval_ms ";
  EXPECT_THAT(change_beside(rate, "5000", "10000"), ElementsAre(at + "10000, was 5000"));
  EXPECT_THAT(change_beside(rate, "5000", "2500"), ElementsAre(at + "2500, was 5000"));
}

TEST(PolicyDiff, WhatDecidesWhichRecordIsTheNextCountsAsMore) {
  const std::string at = "+ car/{vin} to traffic: ";
  const std::string rate = "rate { min_interval_ms: 5000 }";
  EXPECT_THAT(change_beside(rate, "cell: M1000 }", "cell: M1000 on_move: true }"),
              ElementsAre(at + "on_move true, was false"));
  EXPECT_THAT(change_beside(rate, "cell: M1000 }", "cell: M1000 hold_back { ring: M1000 } }"),
              ElementsAre(at + "hold_back: ring (other records leave) M1000, was none"));
  EXPECT_THAT(change_beside("field { path: \"m\" } " + rate, "field { path: \"m\" }", ""),
              ElementsAre(at + "field m is gone (other records leave)"));
  EXPECT_THAT(change_beside("field { path: \"m\" tolerate: EMAIL } " + rate, "tolerate: EMAIL", ""),
              ElementsAre(at + "field m tolerate EMAIL is gone (other records leave)"));
  v1::Policy before = parse(replaced(kBase, "cell: M1000 }", "cell: M1000 on_move: true }"));
  v1::Policy after = parse(replaced(kBase, "cell: M1000 }", "cell: M5000 on_move: true }"));
  after.set_serial(5);
  EXPECT_THAT(shown(before, after),
              ElementsAre(at + "cell (other records leave) M5000, was M1000"));
}

// What waits is thinned out by how much waits.
TEST(PolicyDiff, ALargerRingCountsAsMore) {
  v1::Policy before = parse(replaced(kBase, "cell: M1000 }", "hold_back { ring: M1000 } }"));
  v1::Policy after = parse(replaced(kBase, "cell: M1000 }", "hold_back { ring: M2000 } }"));
  after.set_serial(5);
  EXPECT_THAT(shown(before, after),
              ElementsAre("+ car/{vin} to traffic: "
                          "hold_back: ring (other records leave) M2000, was M1000"));
}

// Trips of a purpose are judged by all positions that it gets.
TEST(PolicyDiff, AReleaseWithAHoldBackThatIsGoneCountsAsMoreWhereAnotherRestsOnIt) {
  const std::string held = "location { cell: M1000 hold_back { ring: M1000 } }";
  const std::string other =
      "source { topic: \"b\" codec: JSON release { to: \"traffic\" " + held + "} }";
  v1::Policy before = parse(replaced(kBase, "location { cell: M1000 }", held) + other);
  v1::Policy after = before;
  after.set_serial(5);
  after.mutable_source()->RemoveLast();
  const std::string less = ": the source is gone: nothing is released any more";
  const std::string more =
      " to traffic: the release is gone: where trips begin and end is judged without its positions";
  EXPECT_THAT(shown(before, after), ElementsAre("- b" + less, "+ b" + more));
  after.mutable_source(0)->clear_release();
  EXPECT_THAT(shown(before, after),
              ElementsAre("- car/{vin} to traffic: the release is gone", "- b" + less));
}

TEST(PolicyDiff, WhatAPayloadMeansMayReleaseMore) {
  const std::string at = "+ car/{vin}: ";
  expect_change("class: ODOMETER unit: KILOMETERS", "class: NOT_PERSONAL",
                at + "class of path n NOT_PERSONAL, was ODOMETER in KILOMETERS",
                at + "class of path n ODOMETER in KILOMETERS, was NOT_PERSONAL");
  expect_change("codec: JSON", "codec: JSON time_field: \"t\"", at + "time_field t, was none",
                at + "time_field none, was t");
  expect_change("release {", "classify { level: \"vin\" class: VIN group: \"g\" } release {",
                at + "class of level vin VIN, group g, was none",
                at + "class of level vin none, was VIN, group g");
}

// The car's day, trips, clips and name are read by it, though nothing of the source leaves.
TEST(PolicyDiff, WhatAPayloadMeansMayReleaseMoreWhereTheCarRestsOnIt) {
  const std::string idle = "source { topic: \"t\" codec: JSON }";
  for (const char* use : {"gnss_time: true", "ignition_field: \"on\"", "identity_field: \"v\"",
                          "clip_event { file_field: \"f\" }"}) {
    const std::string used = replaced(idle, "codec", std::string(use) + " codec");
    v1::Policy after = parse(kBase + replaced(used, "codec", "time_field: \"t\" codec"));
    after.set_serial(5);
    EXPECT_THAT(shown(parse(kBase + used), after), ElementsAre("+ t: time_field t, was none"))
        << use;
  }
}

// Without it nothing closes a unit that was moved to another car.
TEST(PolicyDiff, AnIdentityFieldThatIsGoneCountsAsMore) {
  const std::string gone = " is gone: nothing closes a unit that was moved to another car";
  expect_change("codec: JSON", "codec: JSON identity_field: \"id.vin\"",
                "- car/{vin}: identity_field id.vin is new",
                "+ car/{vin}: identity_field id.vin" + gone);
  v1::Policy before = parse(replaced(kBase, "codec", "identity_field: \"a\" codec"));
  v1::Policy after = parse(replaced(kBase, "codec", "identity_field: \"b\" codec"));
  after.set_serial(5);
  EXPECT_THAT(shown(before, after), ElementsAre("+ car/{vin}: identity_field b is new",
                                                "+ car/{vin}: identity_field a" + gone));
  after.mutable_source()->RemoveLast();
  EXPECT_THAT(shown(before, after),
              ElementsAre("- car/{vin}: the source is gone: nothing is released any more",
                          "+ car/{vin}: identity_field a" + gone));
}

// A match on any source ends a doubt: whoever can write the second topic says whose car it is.
TEST(PolicyDiff, AnIdentityFieldOnASecondSourceCountsAsMore) {
  const std::string second = "source { topic: \"other\" codec: JSON }";
  const std::string second_says = "source { topic: \"other\" codec: JSON identity_field: \"b\" }";
  const std::string first = replaced(kBase, "codec", "identity_field: \"a\" codec");
  v1::Policy after = parse(first + second_says);
  after.set_serial(5);
  EXPECT_THAT(shown(parse(first + second), after), ElementsAre("+ other: identity_field b is new"));
  EXPECT_THAT(
      shown(parse(kBase + second), after),
      ElementsAre("- car/{vin}: identity_field a is new", "- other: identity_field b is new"));
}

// An ignition field that is never 0 keeps pseudonyms from changing.
TEST(PolicyDiff, WhatTheWholeCarRestsOnCountsAsMoreEitherWay) {
  const std::string at = "+ car/{vin}: ";
  expect_change("codec: JSON", "codec: JSON ignition_field: \"on\"",
                at + "ignition_field on, was none", at + "ignition_field none, was on");
  expect_change("codec: JSON", "codec: JSON gnss_time: true", at + "gnss_time true, was false",
                at + "gnss_time false, was true");
  expect_change("codec: JSON", "codec: JSON urgent: true", "= car/{vin}: urgent true, was false",
                "= car/{vin}: urgent false, was true");
}

TEST(PolicyDiff, WhatIsGone) {
  const v1::Policy before = parse(kBase);
  v1::Policy after = before;
  after.set_serial(5);
  after.mutable_purpose()->RemoveLast();
  after.mutable_source(0)->clear_release();
  EXPECT_THAT(shown(before, after), ElementsAre("- purpose film: the purpose is gone",
                                                "- car/{vin} to traffic: the release is gone"));
  after.mutable_source()->RemoveLast();
  EXPECT_THAT(shown(before, after),
              ElementsAre("- purpose film: the purpose is gone",
                          "- car/{vin}: the source is gone: nothing is released any more"));
}

// Nothing of it stands under "releases less": there was nothing before.
TEST(PolicyDiff, ANewPurposeAndANewSourceTellAllThatTheyRelease) {
  v1::Policy before = parse(kBase);
  before.set_serial(3);
  before.clear_source();
  before.mutable_purpose()->RemoveLast();
  const std::string film = "+ purpose film: ";
  const std::string to = "+ car/{vin} to traffic: ";
  EXPECT_THAT(
      shown(before, parse(kBase)),
      ElementsAre(
          film + "a new purpose", film + "recipient age1b", film + "consent OPT_IN",
          film + "ceiling: time_bucket_ms none", film + "ceiling: hold_back none",
          film + "ceiling: allow VIDEO", film + "clips true", film + "clips: profile SKETCH",
          film + "clips: trigger IMPACT", film + "clips: before_s 5", film + "clips: after_s 5",
          film + "clips: burned_in: other models: filled " + kRectangle,
          film + "clips: daily_bytes_max 100", "= purpose film: clips: unmetered_only true",
          "= purpose film: clips: afterwards KEEP", "= purpose film: clips: rejected KEEP",
          "+ car/{vin}: a new source", "+ car/{vin}: codec JSON",
          "+ car/{vin}: class of path n ODOMETER in KILOMETERS", to + "a new release",
          to + "field n is new (coarsen, step 100)", to + "level vin pseudonymize, was drop",
          to + "cell M1000", to + "hold_back: ring none", to + "time: bucket_ms 60000",
          to + "rate: min_interval_ms none"));
}

TEST(PolicyDiff, ANewFieldTellsHowItIsReleased) {
  expect_change("field { path: \"n\"",
                "field { path: \"m\" coarsen { step: 5 most: 9 } } field { path: \"n\"",
                "+ car/{vin} to traffic: field m is new (coarsen, step 5, clamped to 0 … 9)",
                "- car/{vin} to traffic: field m is gone");
}

}  // namespace
}  // namespace sudare
