// `policy explain`: every field of a sample, before and after.
#include "fleet/explain/explain.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fleet/explain/explain_output.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "tests/unit/fleet/small_policy.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;

class ExplainTest : public testing::Test {
 protected:
  ExplainTest() : policy_(small_policy()), explainer_(*policy_, schemas_) {}

  Explanation json(const std::string& payload) {
    return explainer_.explain("car/state", payload, 1'700'000'000'000);
  }
  static const ExplainedField& field(const Explanation& in, const std::string& path) {
    static const ExplainedField kNone;
    for (const ExplainedField& one : in.fields) {
      if (one.path == path) return one;
    }
    ADD_FAILURE() << "no field " << path;
    return kNone;
  }

  std::unique_ptr<const Policy> policy_;
  SchemaSet schemas_;
  Explainer explainer_;
};

TEST_F(ExplainTest, ListsWhatNoRuleNames) {
  const Explanation out = json(R"({"state":"ok","secret":{"deep":[{"x":1}]},"km":1234.5})");
  EXPECT_EQ(field(out, "state").cells[0].after, "\"ok\"");
  EXPECT_EQ(field(out, "state").cells[0].why, "kept");
  const ExplainedField& hidden = field(out, "secret.deep[0].x");
  ASSERT_EQ(hidden.cells.size(), 2U);
  for (const ExplainedCell& cell : hidden.cells) {
    EXPECT_FALSE(cell.released);
    EXPECT_EQ(cell.why, "no rule names it");
  }
}

TEST_F(ExplainTest, DiffersByPurpose) {
  const Explanation out = json(R"({"state":"ok","km":1234,"id":"x1"})");
  ASSERT_EQ(out.purposes.size(), 2U);
  EXPECT_EQ(out.purposes[0].name, "anonymous");
  EXPECT_FALSE(field(out, "km").cells[0].released);
  EXPECT_EQ(field(out, "km").cells[1].after, "1000");
  EXPECT_EQ(field(out, "km").cells[1].why, "coarsened");
  EXPECT_EQ(field(out, "id").cells[1].why, "pseudonymized");
  EXPECT_EQ(field(out, "id").cells[1].after.size(), 18U);
}

TEST_F(ExplainTest, SaysWhyANamedFieldStays) {
  const Explanation out = json(R"({"state":"ok","note":"write to taro@example.jp"})");
  EXPECT_EQ(field(out, "note").cells[0].why, "it looks like personal data");
  EXPECT_EQ(field(out, "note").cells[1].why, "no rule names it");
}

TEST_F(ExplainTest, ElementsThatWereLeftOutShiftNoOthers) {
  const Explanation out = json(R"({"doors":[{"lock":1},{"open":true},{"lock":2},{"open":false}]})");
  EXPECT_EQ(field(out, "doors[0].lock").cells[0].why, "no rule names it");
  EXPECT_EQ(field(out, "doors[1].open").cells[0].after, "true");
  EXPECT_EQ(field(out, "doors[3].open").cells[0].after, "false");
}

TEST_F(ExplainTest, ReadsProtobufBySchemaAndNamesUnknownFields) {
  sudare::vehicle::v1::Position position;
  position.set_latitude_e7(356'812'362);
  position.set_longitude_e7(1'397'671'248);
  position.set_road_class(sudare::vehicle::v1::PRIMARY);
  position.set_accuracy_m(2.5F);
  position.GetReflection()->MutableUnknownFields(&position)->AddVarint(99, 7);
  const Explanation out =
      explainer_.explain("vehicle/position", position.SerializeAsString(), 1'700'000'000'000);
  EXPECT_EQ(field(out, "latitude_e7").cells[0].why, "cell_centre");
  EXPECT_NE(field(out, "latitude_e7").cells[0].after, "356812362");
  EXPECT_EQ(field(out, "road_class").cells[0].after, "\"PRIMARY\"");
  EXPECT_EQ(field(out, "accuracy_m").before, "2.5");
  EXPECT_EQ(field(out, "accuracy_m").cells[0].why, "no rule names it");
  EXPECT_EQ(field(out, "#99").cells[0].why, "no rule names it");
}

TEST_F(ExplainTest, RulesKeepTheirStateBetweenMessages) {
  sudare::vehicle::v1::Position position;
  position.set_latitude_e7(356'812'362);
  position.set_longitude_e7(1'397'671'248);
  const std::string payload = position.SerializeAsString();
  explainer_.explain("vehicle/position", payload, 1'700'000'000'000);
  const Explanation out = explainer_.explain("vehicle/position", payload, 1'700'000'001'000);
  EXPECT_EQ(out.purposes[0].reason, Reason::kTooSoon);
  EXPECT_EQ(field(out, "latitude_e7").cells[0].why, "too_soon");
}

TEST_F(ExplainTest, UnreadablePayloadIsSaidToBe) {
  const Explanation out = json("{\"state\":");
  EXPECT_FALSE(out.readable);
  EXPECT_EQ(out.purposes[0].fate, Fate::kRejected);
  EXPECT_THAT(explanation_table(out, "p"), HasSubstr("can't be read"));
}

TEST_F(ExplainTest, TopicThatNobodyNames) {
  const Explanation out = explainer_.explain("other", "{}", 0);
  EXPECT_FALSE(out.topic_is_named);
  EXPECT_THAT(explanation_table(out, "p"), HasSubstr("nothing of it leaves"));
}

TEST_F(ExplainTest, SaysWhoReceivesWhatOfAClip) {
  const std::string key =
      small_policy_text().substr(small_policy_text().find("recipient: ") + 11, 64);
  const std::string text =
      small_policy_text() + "purpose { name: \"film\" recipient: " + key +
      " pseudonym { rotate_days: 28 } consent: OPT_IN ceiling { allow: VIDEO } batch_bytes_max: "
      "270336 keep_hours: 24 clips { profile: SKETCH trigger: IMPACT before_s: 10 after_s: 20 "
      "afterwards: KEEP rejected: KEEP } }\n"
      "source { topic: \"event\" codec: JSON clip_event { file_field: \"f\" moment_field: \"m\" "
      "trigger_field: \"t\" } }\n";
  std::string above = text;
  for (std::size_t at = 0; (at = above.find("linger_ms: 60000", at)) != std::string::npos;
       at += 30) {
    above.insert(at, "priority: 1 ");
  }
  const PolicyLoad loaded = load_policy("p", above, schemas_, nullptr);
  ASSERT_NE(loaded.policy, nullptr);
  Explainer explainer(*loaded.policy, schemas_);
  const Explanation out = explainer.explain("event", R"({"f":"a","m":4000,"t":"IMPACT"})", 0);
  EXPECT_THAT(explanation_table(out, "p"),
              HasSubstr("film receives the clip from 0 to 24000 ms as SKETCH, without sound"));
  const auto json = nlohmann::json::parse(explanation_json(out, "p"));
  EXPECT_EQ(json["clips"][0]["purpose"], "film");
  EXPECT_THAT(
      explanation_table(explainer.explain("event", R"({"f":"a","m":1,"t":"MANUAL"})", 0), "p"),
      HasSubstr("no purpose takes clips of such an event"));
  EXPECT_THAT(explanation_table(explainer.explain("event", R"({"f":"a","m":1})", 0), "p"),
              HasSubstr("names no clip"));
}

TEST_F(ExplainTest, TableIsAligned) {
  const std::string table = explanation_table(json(R"({"状態":"良好","km":1234})"), "p");
  EXPECT_THAT(table, HasSubstr("field      before         anonymous"));
  EXPECT_THAT(table, HasSubstr("km         1234           - no rule names it"));
  EXPECT_THAT(table, HasSubstr("状態       \"良好\"         - no rule names it"));
}

TEST_F(ExplainTest, JsonHasEveryField) {
  const auto out = nlohmann::json::parse(explanation_json(json(R"({"state":"ok","b":2})"), "p"));
  EXPECT_EQ(out["topic"], "car/state");
  EXPECT_EQ(out["purposes"][0]["fate"], "released");
  EXPECT_EQ(out["fields"].size(), 4U);  // topic, time, state, b
  EXPECT_EQ(out["fields"][2]["purposes"]["anonymous"]["after"], "\"ok\"");
  EXPECT_TRUE(out["fields"][3]["purposes"]["service"]["after"].is_null());
}

}  // namespace
}  // namespace sudare::fleet_test
