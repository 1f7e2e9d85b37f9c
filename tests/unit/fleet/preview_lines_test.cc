// The lines that `sudare minimize` writes.
#include "fleet/preview/preview_lines.h"

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "crypto/hkdf.h"
#include "fleet/cli/console.h"
#include "gateway/policy/load.h"
#include "tests/unit/fleet/small_policy.h"

namespace sudare::fleet_test {
namespace {

using Json = nlohmann::json;

class PreviewLinesTest : public testing::Test {
 protected:
  PreviewLinesTest() : policy_(small_policy()) {}

  std::vector<Json> lines(const std::string& input, PreviewLinesOptions options = {},
                          const std::string& phrase = "phrase") {
    PreviewKeys keys(*policy_, phrase);
    options.policy_file = "policy.textproto";
    PreviewLines preview(*policy_, keys, options);
    std::string out;
    std::size_t at = 0;
    while (at < input.size()) {
      const std::size_t end = input.find('\n', at);
      EXPECT_TRUE(preview.append(input.substr(at, end - at), out));
      at = end == std::string::npos ? input.size() : end + 1;
    }
    std::vector<Json> parsed;
    for (at = 0; at < out.size(); at = out.find('\n', at) + 1) {
      parsed.push_back(Json::parse(out.substr(at, out.find('\n', at) - at)));
    }
    return parsed;
  }

  std::unique_ptr<const Policy> policy_;
};

constexpr const char* kMessage =
    R"({"topic":"car/state","time_ms":1700000123456,"payload":{"state":"ok","id":"x1","km":1234}})";

TEST_F(PreviewLinesTest, HaveTheMembersOfTheDesign) {
  const auto out = lines(kMessage);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0], Json::parse(R"({"purpose":"anonymous","pseudonym":null,"topic":"car/state",
      "time_ms":1700000100000,"payload":{"state":"ok"}})"));
  EXPECT_EQ(out[1]["purpose"], "service");
  EXPECT_EQ(out[1]["pseudonym"], "preview");
  EXPECT_EQ(out[1]["payload"]["km"], 1000);
  EXPECT_EQ(out[1].size(), 5U);
}

TEST_F(PreviewLinesTest, ExplainsWhatIsNotReleased) {
  PreviewLinesOptions options;
  options.explain = true;
  const std::string unknown = R"({"topic":"car/none","time_ms":7,"payload":1})";
  const std::string empty = R"({"topic":"car/state","time_ms":8,"payload":{"other":1}})";
  const auto out = lines(unknown + "\n" + empty, options);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0], Json::parse(R"({"topic":"car/none","time_ms":7,"purpose":null,
      "fate":"rejected","reason":"unknown_topic","rule":null})"));
  EXPECT_EQ(out[1]["purpose"], "anonymous");
  EXPECT_EQ(out[1]["fate"], "dropped");
  EXPECT_EQ(out[1]["reason"], "nothing_left");
  EXPECT_THAT(out[1]["rule"].get<std::string>(), testing::MatchesRegex("policy.textproto:[0-9]+"));
  EXPECT_EQ(out[1].size(), 6U);
}

TEST_F(PreviewLinesTest, WhatTheGatewayRejectsIsExplained) {
  PreviewLinesOptions options;
  options.explain = true;
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const auto out = lines(R"({"topic":"car/state","time_ms":8,"payload":)" + deep + "}", options);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0]["fate"], "rejected");
  EXPECT_EQ(out[0]["reason"], "too_deep");
}

TEST_F(PreviewLinesTest, PseudonymIsThatOfACarProvisionedOnTheDay) {
  PreviewLinesOptions options;
  options.real_pseudonyms = true;
  const auto out = lines(kMessage, options);
  RootKey root;
  sha256({bytes_of("phrase")}, root.bytes());
  constexpr std::int64_t kDay = 1'700'000'123'456 / 86'400'000;
  const auto chain = chain_start(root, 28);
  ASSERT_TRUE(chain);
  const auto key = epoch_key(*chain, "service", 28, epoch_of_day(28, kDay));
  ASSERT_TRUE(key);
  EXPECT_EQ(out[1]["pseudonym"], cli::hex(text_of(key->pseudonym)));
  EXPECT_TRUE(out[0]["pseudonym"].is_null());
}

TEST_F(PreviewLinesTest, FieldPseudonymsFollowThePhraseAndTheEpoch) {
  const auto id = [&](const std::string& time_ms, const std::string& phrase) {
    const auto out = lines(
        R"({"topic":"car/state","time_ms":)" + time_ms + R"(,"payload":{"id":"x1","km":1000}})", {},
        phrase);
    return out.back()["payload"]["id"].get<std::string>();
  };
  const std::string one = id("1700000000000", "phrase");
  EXPECT_THAT(one, testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(one.size(), 16U);
  EXPECT_EQ(one, id("1700000000001", "phrase"));
  EXPECT_NE(one, id("1700000000000", "another"));
  EXPECT_NE(one, id("1800000000000", "phrase"));
}

TEST_F(PreviewLinesTest, ProtobufNeedsBase64) {
  PreviewKeys keys(*policy_);
  PreviewLines preview(*policy_, keys, {});
  std::string out;
  const Status done =
      preview.append(R"({"topic":"vehicle/position","time_ms":1,"payload":{}})", out);
  ASSERT_FALSE(done);
  EXPECT_THAT(std::string(done.error().what.view()), testing::HasSubstr("payload_base64"));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace sudare::fleet_test
