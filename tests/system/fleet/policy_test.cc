// `sudare policy`: the default policy, and what is wrong with others.
#include <algorithm>

#include "tests/system/fleet/tool.h"
#include "tests/unit/fleet/small_policy.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;

class PolicyTool : public ToolTest {
 protected:
  static constexpr const char* kDay = "2026-06-01";

  std::vector<std::string> all_recipients() {
    std::vector<std::string> arguments;
    for (const std::string purpose : {"traffic", "diagnostics", "emergency", "driving-diagnosis",
                                      "car-finder", "ownership", "recorder"}) {
      arguments.insert(arguments.end(),
                       {"--recipient", purpose + "=" + key(purpose + ".key", purpose)});
    }
    return arguments;
  }
  testkit::RunResult init(std::vector<std::string> arguments, const std::string& output) {
    arguments.insert(arguments.begin(), {"policy", "init", "-o", path(output)});
    return sudare(arguments);
  }
};

TEST_F(PolicyTool, TheDefaultPolicyFilledInIsRightAndBelowItsCeiling) {
  const std::vector<std::string> recipients = all_recipients();
  ASSERT_EQ(init(recipients, "policy.textproto").status, 0);
  std::vector<std::string> ceiling = recipients;
  ceiling.emplace_back("--ceiling");
  ASSERT_EQ(init(ceiling, "ceiling.textproto").status, 0);
  const auto checked = sudare({"policy", "check", path("policy.textproto"), "--ceiling",
                               path("ceiling.textproto"), "--day", kDay});
  EXPECT_EQ(checked.status, 0) << checked.errors;
  EXPECT_THAT(checked.output, HasSubstr("ok, 7 purposes"));
  EXPECT_THAT(read("policy.textproto"), testing::Not(HasSubstr("_RECIPIENT")));
}

TEST_F(PolicyTool, ACeilingPinsEachRecipientThatIsGivenAndSaysWhich) {
  const std::string emergency = "emergency=" + key("e.key", "emergency");
  const std::string traffic = key("t.key", "traffic");
  const auto made =
      init({"--ceiling", "--recipient", emergency, "--recipient", "traffic=" + traffic},
           "ceiling.textproto");
  ASSERT_EQ(made.status, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("until the image changes: traffic, emergency\n"));
  EXPECT_THAT(made.errors, HasSubstr("as a policy names it: diagnostics, driving-diagnosis, "));
  EXPECT_THAT(made.errors, HasSubstr("policy_signer must pin every purpose"));
  EXPECT_THAT(read("ceiling.textproto"),
              HasSubstr("name: \"traffic\" recipient: \"" + traffic + "\"\n"));
  ASSERT_EQ(init(all_recipients(), "policy.textproto").status, 0);  // of other keys
  const auto other = sudare({"policy", "check", path("policy.textproto"), "--ceiling",
                             path("ceiling.textproto"), "--day", kDay});
  EXPECT_EQ(other.status, 3);
  EXPECT_THAT(other.errors, HasSubstr("the image pins for \"traffic\""));
  const auto unknown = init(
      {"--ceiling", "--recipient", emergency, "--recipient", "advertising=" + traffic}, "other");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("no purpose advertising"));
  // The old key would stay beside the new one.
  for (const std::string& again : {"traffic=" + key("u.key", "traffic"), emergency}) {
    const auto pinned =
        init({"--ceiling", "--template", path("ceiling.textproto"), "--recipient", again}, "third");
    EXPECT_EQ(pinned.status, 1) << again;
    EXPECT_THAT(pinned.errors, HasSubstr(" already\n"));
  }
}

TEST_F(PolicyTool, InitWritesToStandardOutputByItsName) {
  const auto shown = sudare({"policy", "init", "--ceiling", "--partial", "-o", "-"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.output, HasSubstr("purpose {"));
}

// None of them leaves a file called "-", which the next `rm *` takes for an option.
TEST_F(PolicyTool, WhatIsNoStreamIsNotWrittenToStandardOutput) {
  const std::vector<std::vector<std::string>> calls{
      {"key", "new", "-o", "-"},
      {"key", "new", "--signing", "-o", "-"},
      {"provision", "--state", path("s"), "--identity", path("i"), "--relink-recipient", "age1",
       "-o", "-"},
      {"provision", "--cars", path("c"), "--relink-recipient", "age1", "-o", "-"},
      {"members", "-o", "-"},
      {"members", "--log", "-"},
      {"relink", "--log", "-"},
      {"forget", "-o", "-"},
      {"open", "-i", path("k"), "-o", "-"},
      {"open", "-i", path("k"), "--report", "-"},
      {"audit", path(""), "--report", "-"},
      {"policy", "report", path("p"), "-o", "-"},
      {"clip", "minimize", path("c"), "-"}};
  for (const auto& call : calls) {
    const auto refused = sudare(call);
    EXPECT_EQ(refused.status, 2) << call[0];
    EXPECT_THAT(refused.errors, HasSubstr("standard output")) << call[0];
  }
}

TEST_F(PolicyTool, InitRefusesPlacesThatAreLeftOpen) {
  const std::string traffic = "traffic=" + key("t.key", "traffic");
  const auto refused = init({"--recipient", traffic}, "policy.textproto");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("${CAR_FINDER_RECIPIENT}"));
  EXPECT_FALSE(std::filesystem::exists(path("policy.textproto")));
  EXPECT_EQ(init({"--recipient", traffic, "--partial"}, "policy.textproto").status, 0);
  EXPECT_EQ(sudare({"policy", "check", path("policy.textproto"), "--day", kDay}).status, 3);
  EXPECT_EQ(init({"--recipient", traffic, "--partial"}, "policy.textproto").status, 1);
}

TEST_F(PolicyTool, InitRefusesWhatIsNoKeyAndUnknownPurposes) {
  EXPECT_EQ(init({"--recipient", "traffic=age1nonsense"}, "p").status, 2);
  EXPECT_EQ(init({"--recipient", "traffic"}, "p").status, 2);
  const std::string recipient = key("a.key", "advertising");
  const auto refused = init({"--recipient", "advertising=" + recipient, "--partial"}, "p");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("advertising"));
}

TEST_F(PolicyTool, CheckSaysWhereAndWhatWouldFixIt) {
  std::string text = small_policy_text();
  text.replace(text.find("coarsen { step: 1000 }"), 22, "coarsen { step: 0.1 }");
  const std::string file = write("broken.textproto", text);
  const auto checked = sudare({"policy", "check", file});
  EXPECT_EQ(checked.status, 3);
  EXPECT_THAT(checked.errors, testing::ContainsRegex("error: .*broken.textproto:[0-9]+:[0-9]+: "));
  EXPECT_THAT(checked.errors, HasSubstr("hint: "));
  const auto json = lines(sudare({"policy", "check", file, "--json"}).output);
  const auto error = std::find_if(json.begin(), json.end(),
                                  [](const Json& one) { return one["severity"] == "error"; });
  ASSERT_NE(error, json.end());
  EXPECT_GT((*error)["line"], 0);
  EXPECT_GT((*error)["column"], 0);
}

TEST_F(PolicyTool, CheckFindsAnExpiredPolicy) {
  const std::string file = write("policy.textproto", small_policy_text());
  EXPECT_EQ(sudare({"policy", "check", file}).status, 0);
  const auto expired = sudare({"policy", "check", file, "--day", "2100-01-01"});
  EXPECT_EQ(expired.status, 3);
  EXPECT_THAT(expired.errors, HasSubstr("expired"));
  EXPECT_EQ(sudare({"policy", "check", file, "--day", "soon"}).status, 2);
}

TEST_F(PolicyTool, FilesThatCanNotBeReadAreNoFindings) {
  EXPECT_EQ(sudare({"policy", "check", path("missing")}).status, 1);
  const std::string file = write("policy.textproto", small_policy_text());
  EXPECT_EQ(sudare({"policy", "check", file, "--ceiling", path("missing")}).status, 1);
}

TEST_F(PolicyTool, ExplainListsEveryFieldOfASample) {
  const std::string file = write("policy.textproto", small_policy_text());
  const auto shown = piped(
      R"({"topic":"car/state","time_ms":1700000000000,"payload":{"state":"ok","x":[{"y":1}]}})",
      {"policy", "explain", file, "--sample", "-"});
  EXPECT_EQ(shown.status, 0) << shown.errors;
  EXPECT_THAT(shown.output, HasSubstr("x[0].y"));
  EXPECT_THAT(shown.output, HasSubstr("- no rule names it"));
  EXPECT_THAT(shown.output, testing::ContainsRegex("policy.textproto:[0-9]+: released"));
}

TEST_F(PolicyTool, ExplainTakesOnePayloadToo) {
  const std::string file = write("policy.textproto", small_policy_text());
  const std::string payload = write("payload", R"({"state":"ok"})");
  const auto shown = sudare({"policy", "explain", file, "--topic", "car/state", "--payload",
                             payload, "--time-ms", "1700000000000", "--json"});
  ASSERT_EQ(shown.status, 0) << shown.errors;
  EXPECT_EQ(lines(shown.output)[0]["fields"][2]["path"], "state");
  EXPECT_EQ(sudare({"policy", "explain", file, "--topic", "car/state"}).status, 2);
}

TEST_F(PolicyTool, EveryCallHasHelp) {
  const std::vector<std::vector<std::string>> calls{{},
                                                    {"policy"},
                                                    {"policy", "check"},
                                                    {"policy", "explain"},
                                                    {"policy", "init"},
                                                    {"minimize"},
                                                    {"key"},
                                                    {"key", "new"},
                                                    {"key", "public"},
                                                    {"provision"},
                                                    {"open"},
                                                    {"inspect"},
                                                    {"audit"}};
  for (std::vector<std::string> call : calls) {
    call.emplace_back("--help");
    const auto shown = sudare(call);
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.output, HasSubstr("Usage:"));
  }
}

TEST_F(PolicyTool, AnUnknownCommandIsNamedAndAMissingOneIsListed) {
  const auto unknown = sudare({"nonsense"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("error: sudare: no command \"nonsense\"\nhint: policy, "));
  const auto below = sudare({"policy", "nonsense", "--json"});
  EXPECT_EQ(below.status, 2);
  EXPECT_THAT(below.errors,
              HasSubstr("error: sudare policy: no command \"nonsense\"\nhint: check"));
  EXPECT_THAT(sudare({"key"}).errors, HasSubstr("error: sudare key: a command is missing\nhint: "));
  EXPECT_EQ(sudare({}).status, 2);
  EXPECT_THAT(sudare({"policy", "check"}).errors, HasSubstr("FILE is required"));
}

}  // namespace
}  // namespace sudare::fleet_test
