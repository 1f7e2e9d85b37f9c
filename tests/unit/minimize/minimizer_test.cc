// What a purpose may know of a message: the refusals first.
#include "gateway/minimize/minimizer.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "gateway/minimize/cell.h"
#include "gateway/minimize/topic.h"
#include "tests/unit/minimize/position_messages.h"

namespace sudare {
namespace {

using testkit::Car;
using testkit::coarsen;
using testkit::content;
using testkit::json_position_source;
using testkit::keep;
using testkit::kTopic;
using testkit::on_move_source;
using testkit::parsed;
using testkit::position_payload;
using testkit::position_source;
using testkit::reason_of;
using testkit::rule;
using testkit::SourceBuilder;
using testkit::VehiclePosition;

constexpr v1::Unit kNoUnit = v1::UNIT_UNSPECIFIED;

// --- Default deny

TEST(Minimize, FieldsWithoutRuleDoNotLeave) {
  Car car({position_source(v1::M1000).build()});
  VehiclePosition expected;
  const auto centre = *cell_centre({351'234'567, 1'361'234'567}, v1::M1000);
  expected.set_latitude_e7(static_cast<std::int32_t>(centre.latitude_e7));
  expected.set_longitude_e7(static_cast<std::int32_t>(centre.longitude_e7));
  const Outcome outcome = car.send(kTopic, position_payload(35.1234567, 136.1234567));
  EXPECT_EQ(parsed(outcome).DebugString(), expected.DebugString());
}

TEST(Minimize, AFieldThatOnlyAnotherReleaseNamesDoesNotLeave) {
  SourcePlan source = position_source(v1::M1000).field("speed_kmh", keep()).build();
  source.releases.push_back(source.releases.front());
  source.releases[1].purpose = 1;
  source.releases[1].rules[3] = FieldRule{};  // root, latitude, longitude, speed
  Car car({source});
  const std::string payload = position_payload(35.1, 136.1);
  EXPECT_EQ(parsed(car.send(kTopic, payload, 0, 0)).speed_kmh(), 53.5F);
  EXPECT_EQ(parsed(car.send(kTopic, payload, 0, 1)).speed_kmh(), 0);
}

TEST(Minimize, NothingLeftIsDropped) {
  Car car({SourceBuilder("json").field("a.b", keep()).build()});
  EXPECT_EQ(reason_of(car.send("json", "{}")), Reason::kNothingLeft);
  EXPECT_EQ(reason_of(car.send("json", R"({"a":{"c":1}})")), Reason::kNothingLeft);
  EXPECT_EQ(reason_of(car.send("json", R"({"a":[{},{"c":2},[]]})")), Reason::kNothingLeft);
}

TEST(Minimize, APositionWithoutLocationRuleDoesNotLeave) {
  Car car({position_source(v1::CELL_UNSPECIFIED).build()});
  EXPECT_EQ(reason_of(car.send(kTopic, position_payload(35, 136))), Reason::kNothingLeft);
}

TEST(Minimize, ATimeWithoutTimeRuleDoesNotLeave) {
  SourceBuilder source(kTopic, *VehiclePosition::descriptor());
  source.field("time_ms", keep()).field("speed_kmh", keep());
  Car car({source.build()});
  const Outcome outcome = car.send(kTopic, position_payload(35, 136), 1'700'000'012'345);
  EXPECT_EQ(parsed(outcome).time_ms(), 0);
  EXPECT_EQ(content(outcome).time_ms, 0);
}

// --- Rate and time

TEST(Minimize, TheRateIsKept) {
  SourceBuilder source = position_source(v1::M1000);
  source.release.min_interval_ms = 5000;
  Car car({source.build()});
  int released = 0;
  for (int second = 0; second < 100; ++second) {
    if (car.send(kTopic, position_payload(35, 136), second * 1000).release) ++released;
  }
  EXPECT_EQ(released, 20);
}

TEST(Minimize, WhatIsDroppedDoesNotUseUpTheInterval) {
  SourceBuilder source = json_position_source(v1::M1000);
  source.release.min_interval_ms = 5000;
  Car car({source.build()});
  EXPECT_EQ(reason_of(car.send("json", R"({"lat":1})", 0)), Reason::kBadPosition);
  EXPECT_TRUE(car.send("json", R"({"lat":1,"lon":1})", 1).release);
}

TEST(Minimize, TimesAreFlooredInEveryUnit) {
  SourceBuilder source("json");
  for (const char* const name : {"ms", "s", "iso", "nested.s"}) source.field(name, keep());
  source.classify("ms", v1::TIMESTAMP, v1::MILLISECONDS);
  source.classify("s", v1::TIMESTAMP, v1::SECONDS);
  source.classify("nested.s", v1::TIMESTAMP, v1::SECONDS);
  source.classify("iso", v1::TIMESTAMP, v1::ISO_8601);
  source.release.bucket_ms = 900'000;
  Car car({source.build()});
  const Outcome outcome = car.send("json", R"({"ms":1700000012345,"s":"1700000012.5",
      "nested":[{"s":1700000012.25},{"s":-1}],"iso":"2023-11-14T22:13:32.345Z"})",
                                   1'700'000'012'345);
  EXPECT_EQ(content(outcome).time_ms, 1'699'999'200'000);
  EXPECT_EQ(content(outcome).payload,
            R"({"ms":1699999200000,"s":"1699999200","nested":[{"s":1699999200.0},{"s":-900}],)"
            R"("iso":"2023-11-14T22:00:00.000Z"})");
}

TEST(Minimize, ATextThatIsNoTimeDoesNotLeave) {
  SourceBuilder source("json");
  source.field("at", keep()).classify("at", v1::TIMESTAMP, v1::ISO_8601).field("x", keep());
  source.release.bucket_ms = 60'000;
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"at":"35.6585,139.7454","x":1})"), R"({"x":1})");
  EXPECT_EQ(car.payload("json", R"({"at":{"x":1},"x":1})"), R"({"x":1})");
}

// A coarser time is still a time; a pseudonym is none.
TEST(Minimize, ATimeMayBeCoarsenedFurtherOrPseudonymised) {
  SourceBuilder source("json");
  source.field("at", coarsen(3'600'000)).classify("at", v1::TIMESTAMP, v1::MILLISECONDS);
  source.field("id", rule(Action::kPseudonymize)).classify("id", v1::TIMESTAMP, v1::MILLISECONDS);
  source.release.bucket_ms = 60'000;
  Car with_bucket({source.build()});
  const std::string in = R"({"at":1700000012345,"id":1700000012345})";
  const auto both = with_bucket.payload("json", in);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->substr(0, 26), R"({"at":1699999200000,"id":")");
  source.release.bucket_ms = 0;
  Car without({source.build()});
  const auto alone = without.payload("json", in);
  ASSERT_TRUE(alone);
  EXPECT_EQ(*alone, "{" + both->substr(20)) << "the same pseudonym, and no time";
}

TEST(Minimize, ExactTimesPassAsTheyAre) {
  SourceBuilder source = position_source(v1::EXACT);
  source.field("time_ms", keep());
  source.release.bucket_ms = 0;
  source.release.exact_time = true;
  Car car({source.build()});
  const Outcome outcome = car.send(kTopic, position_payload(35, 136), 1'700'000'012'346);
  EXPECT_EQ(parsed(outcome).time_ms(), 1'700'000'012'345);
  EXPECT_EQ(content(outcome).time_ms, 1'700'000'012'346);
}

TEST(Minimize, AnEventTimeOutOfThisWorldDropsTheRecord) {
  Car car({position_source(v1::M1000).build()});
  EXPECT_EQ(reason_of(car.send(kTopic, position_payload(35, 136), INT64_MIN)), Reason::kBadTime);
}

// --- Values

TEST(Minimize, WhatDetectFindsDropsTheValue) {
  SourceBuilder source("json");
  source.field("note", keep()).field("list", keep()).field("x", keep());
  Car car({source.build()});
  for (const char* const text : {"call taro@example.jp", "JTDKN3DU5A0123456", "35.6585, 139.7454",
                                 "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,,,,*47"}) {
    const std::string payload =
        std::string(R"({"note":")") + text + R"(","list":["fine",")" + text + R"("],"x":1})";
    EXPECT_EQ(car.payload("json", payload), R"({"list":["fine"],"x":1})") << text;
  }
}

TEST(Minimize, ToleratedClassesPass) {
  FieldRule tolerant = keep();
  tolerant.tolerate = {v1::EMAIL};
  SourceBuilder source("json");
  source.field("note", tolerant).field("x", keep());
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"note":"taro@example.jp","x":1})"),
            R"({"note":"taro@example.jp","x":1})");
  EXPECT_EQ(car.payload("json", R"({"note":"taro@example.jp JTDKN3DU5A0123456","x":1})"),
            R"({"x":1})");
}

TEST(Minimize, AFieldOfAClassMayHoldIt) {
  SourceBuilder source("json");
  source.field("vin", keep()).classify("vin", v1::VIN, kNoUnit);
  Car car({source.build()});
  EXPECT_TRUE(car.payload("json", R"({"vin":"JTDKN3DU5A0123456"})"));
  EXPECT_FALSE(car.payload("json", R"({"vin":"taro@example.jp"})"));
}

TEST(Minimize, AKeyThatIsAnIdentifierDropsItsEntry) {
  SourceBuilder source("json");
  source.field("cars.*.speed", keep());
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"cars":{"JTDKN3DU5A0123456":{"speed":50},"a":{"speed":60}}})"),
            R"({"cars":{"a":{"speed":60}}})");
  SourceBuilder values("json");
  values.field("m.*", keep());
  Car other({values.build()});
  EXPECT_EQ(other.payload("json", R"({"m":{"taro@example.jp":1,"b":[2,{"c":3}],"d":null}})"),
            R"({"m":{"b":[2],"d":null}})");
}

TEST(Minimize, PseudonymsNeedAKey) {
  SourceBuilder source("json");
  source.field("id", rule(Action::kPseudonymize)).classify("id", v1::ACCOUNT_ID, kNoUnit);
  source.field("x", keep());
  Car car({source.build()});
  const std::string one = *car.payload("json", R"({"id":"A-1","x":1})");
  EXPECT_EQ(one.size(), std::string(R"({"id":"0123456789abcdef","x":1})").size());
  EXPECT_EQ(one.find("A-1"), std::string::npos);
  EXPECT_EQ(car.payload("json", R"({"id":"A-1","x":1})"), one);
  EXPECT_EQ(car.payload("json", R"({"id":[5,"5"],"x":1})")->substr(7, 18),
            car.payload("json", R"({"id":[5,"5"],"x":1})")->substr(26, 18))
      << "a number counts as its decimal text";
  car.keys().without = 0;
  EXPECT_EQ(car.payload("json", R"({"id":"A-1","x":1})"), R"({"x":1})");
}

TEST(Minimize, GeneralisedVehiclesKeepWhatManyShare) {
  SourceBuilder source("json");
  source.field("vin", rule(Action::kGeneralize)).classify("vin", v1::VIN, kNoUnit);
  source.field("frame", rule(Action::kGeneralize)).classify("frame", v1::FRAME_NUMBER, kNoUnit);
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"vin":"JTDKN3DU5A0123456","frame":"ZVW30-1234567"})"),
            R"({"vin":"JTDKN3DU*A","frame":"ZVW30"})");
  EXPECT_EQ(car.payload("json", R"({"vin":"unknown","frame":"ZVW30-1234567"})"),
            R"({"frame":"ZVW30"})");
  EXPECT_EQ(car.payload("json", R"({"vin":17,"frame":["ZVW30-1234567","?"]})"),
            R"({"frame":["ZVW30"]})");
}

TEST(Minimize, NumbersAreCoarsened) {
  SourceBuilder source("json");
  source.field("v", coarsen(5)).field("t", coarsen(0.1)).field("c", coarsen(10, 20, 130));
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"v":53,"t":21.37,"c":999})"), R"({"v":50,"t":21.3,"c":130})");
  EXPECT_EQ(car.payload("json", R"({"v":53.9,"t":"21.37","c":"7"})"),
            R"({"v":50.0,"t":"21.3","c":"20"})");
  EXPECT_EQ(car.payload("json", R"({"v":true,"t":"warm","c":null})"), R"({"c":null})");
}

// --- Topic

TEST(Minimize, TopicLevelsAreMinimisedLikeFields) {
  SourceBuilder source("tesla/{vin}/{user}/{dropped}/{kept}");
  source.level("vin", v1::VIN, rule(Action::kGeneralize))
      .level("user", v1::ACCOUNT_ID, rule(Action::kPseudonymize))
      .level("dropped", v1::UNCLASSED, rule(Action::kDrop))
      .level("kept", v1::NOT_PERSONAL, keep())
      .field("x", keep());
  Car car({source.build()});
  const auto topic = [&](const std::string& in) {
    return content(car.send(in, "{\"x\":1}")).topic;
  };
  const std::string minimised = topic("tesla/JTDKN3DU5A0123456/taro/home/Location");
  EXPECT_EQ(minimised.substr(0, 17), "tesla/JTDKN3DU*A/");
  EXPECT_EQ(minimised.substr(33), "/_/Location");
  EXPECT_EQ(minimised.find("taro"), std::string::npos);
  car.keys().without = 0;
  EXPECT_EQ(topic("tesla/no-vin/taro/home/JTDKN3DU5A0123456"), "tesla/_/_/_/_");
}

// No decoder hands one on; fail closed all the same.
TEST(Minimize, ATopicLevelThatIsNotThereOrHasNoRuleDoesNotLeave) {
  const SourcePlan source = SourceBuilder("a/{b}/{c}")
                                .level("b", v1::UNCLASSED, keep())
                                .level("c", v1::UNCLASSED, coarsen(5))
                                .build();
  RecordBody body;
  body.text = "abc";
  body.levels = {{0, 1}, {1, 1}, {2, 1}};
  const auto topic = [&](const ReleasePlan& plan, const RecordBody& of) {
    std::string out;
    write_topic(source, plan, of, nullptr, out);
    return out;
  };
  const ReleasePlan& plan = source.releases[0];
  EXPECT_EQ(topic(plan, body), "a/b/_") << "a level has no steps";
  ReleasePlan without = plan;
  without.level_rules.clear();
  EXPECT_EQ(topic(without, body), "a/_/_");
  body.levels.clear();
  EXPECT_EQ(topic(plan, body), "a/_/_");
}

// --- Another policy

TEST(Minimize, AnotherTopicsReleaseBeginsAnew) {
  SourceBuilder source = on_move_source(v1::M1000);
  Car car({source.build()});
  ASSERT_TRUE(car.send(kTopic, position_payload(35.17, 137.003), 0).release);
  SourcePlan other = source.build();
  other.topic_filter = "another/topic";
  const Policy policy = testkit::policy_of({other});
  Minimizer anew(policy, car.keys(), &car.minimizer());
  EXPECT_TRUE(anew.minimize(car.record(), 0, car.told).release);
}

TEST(Minimize, OnlyTheGroupsThatBothPoliciesHaveCarryOver) {
  SourceBuilder two = json_position_source(v1::M1000);
  two.field("to.lat", keep()).classify("to.lat", v1::LATITUDE, v1::DEGREES, 2);
  two.field("to.lon", keep()).classify("to.lon", v1::LONGITUDE, v1::DEGREES, 2);
  two.release.on_move = true;
  Car car({two.build()});
  const std::string payload = R"({"lat":35.005,"lon":136.505,"to":{"lat":36.005,"lon":137.005}})";
  ASSERT_TRUE(car.send("json", payload).release);
  const Policy same = testkit::policy_of({two.build()});
  Minimizer carried(same, car.keys(), &car.minimizer());
  EXPECT_EQ(reason_of(carried.minimize(car.record(), 0, car.told)), Reason::kNotMoved);
}

TEST(Minimize, StateCarriesOverToTheSameReleaseOfAnotherPolicy) {
  SourceBuilder source = on_move_source(v1::M1000);
  source.release.min_interval_ms = 1000;
  Car car({source.build()});
  ASSERT_TRUE(car.send(kTopic, position_payload(35.17, 137.003), 0).release);
  const Policy same = testkit::policy_of({source.field("speed_kmh", keep()).build()});
  Minimizer carried(same, car.keys(), &car.minimizer());
  EXPECT_EQ(carried.minimize(car.record(), 0, car.told).reason, Reason::kTooSoon);
  const Policy coarser = testkit::policy_of({on_move_source(v1::M10000).build()});
  Minimizer anew(coarser, car.keys(), &carried);
  EXPECT_TRUE(anew.minimize(car.record(), 0, car.told).release);
}

// --- Explanations

class Fates final : public FieldTrace {
 public:
  void field(NodeIndex node, FieldFate fate) override {
    text += std::to_string(node) + " " + std::string(literal_of(fate).view()) + "\n";
  }
  std::string text;
};

TEST(Minimize, NamesOfFatesAreDistinct) {
  std::set<std::string_view> names;
  for (int fate = 0; fate <= static_cast<int>(FieldFate::kBadValue); ++fate) {
    names.insert(literal_of(static_cast<FieldFate>(fate)).view());
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_EQ(names.count("unknown"), 0U);
  EXPECT_EQ(literal_of(static_cast<FieldFate>(99)).view(), "unknown");
}

TEST(Minimize, TellsTheFateOfEveryField) {
  SourceBuilder source = json_position_source(v1::M1000);
  source.field("vin", rule(Action::kGeneralize)).classify("vin", v1::VIN, kNoUnit);
  source.field("speed", coarsen(5)).field("note", keep()).field("x", rule(Action::kDrop));
  Car car({source.build()});
  car.send("json", R"({"lat":35,"lon":136,"vin":"?","speed":7,"note":"a@example.jp","x":1})");
  Fates fates;
  EXPECT_TRUE(car.minimizer().minimize(car.record(), 0, car.told, &fates).release);
  EXPECT_EQ(fates.text,
            "1 cell_centre\n2 cell_centre\n3 bad_value\n4 coarsened\n5 detected\n6 dropped\n");
}

}  // namespace
}  // namespace sudare
