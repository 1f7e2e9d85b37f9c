// `sudare open` and `sudare inspect`.
#include <signal.h>

#include "fleet/cli/keys.h"
#include "tests/system/fleet/tool.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/mqtt_client.h"
#include "tests/unit/fleet/forged_batch.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;

class OpenTool : public ToolTest {
 protected:
  void SetUp() override {
    const Status made =
        cli::create_key_file(path("diagnostics.key"), forge_.identities()[0], Forge::kPurpose);
    ASSERT_TRUE(made);
  }
  std::string batch(const std::string& name, std::uint64_t first, int records) {
    return write(name, forge_.sealed(forge_.signed_batch(first, records)));
  }
  [[nodiscard]] std::vector<std::string> open_call(std::vector<std::string> more) const {
    more.insert(more.begin(), {"open", "-i", path("diagnostics.key")});
    return more;
  }

  Forge forge_;
};

TEST_F(OpenTool, OpensFilesAndDirectories) {
  batch("in/a.age", 0, 2);
  batch("in/deep/b.age", 2, 1);
  const auto opened = sudare(open_call({path("in")}));
  EXPECT_EQ(opened.status, 0) << opened.errors;
  const std::vector<Json> out = lines(opened.output);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[2]["record"], 2);
  EXPECT_EQ(out[2]["payload"], Json::parse("{\"n\":0}"));
  EXPECT_EQ(out[2]["verified"], "self");
}

TEST_F(OpenTool, DuplicatesAreDroppedAndGapsAreFindings) {
  const std::string one = batch("one.age", 0, 2);
  const std::string later = batch("later.age", 5, 1);
  EXPECT_EQ(sudare(open_call({one, one})).status, 0);
  const auto gap = sudare(open_call({one, one, later, "--report", path("report.json")}));
  EXPECT_EQ(gap.status, 3);
  EXPECT_EQ(lines(gap.output).size(), 3U);
  EXPECT_THAT(gap.errors, HasSubstr("records 2 to 4 of pseudonym"));
  EXPECT_EQ(Json::parse(read("report.json"))["duplicates"], 1);
}

TEST_F(OpenTool, AnotherKeyOpensNothingAndSaysSo) {
  const std::string file = batch("one.age", 0, 2);
  key("other.key", Forge::kPurpose);
  const auto opened = sudare({"open", "-i", path("other.key"), file});
  EXPECT_EQ(opened.status, 3);
  EXPECT_TRUE(opened.output.empty());
  EXPECT_THAT(opened.errors, HasSubstr("error: " + file));
}

TEST_F(OpenTool, AnotherPurposeIsRefused) {
  const std::string file = batch("one.age", 0, 2);
  const auto opened = sudare(open_call({file, "--purpose", "traffic"}));
  EXPECT_EQ(opened.status, 3);
  EXPECT_TRUE(opened.output.empty());
}

TEST_F(OpenTool, WritesToADirectoryByPurpose) {
  const std::string file = batch("one.age", 0, 2);
  const auto opened = sudare(open_call({file, "-o", path("out")}));
  EXPECT_EQ(opened.status, 0) << opened.errors;
  EXPECT_TRUE(opened.output.empty());
  EXPECT_EQ(lines(read("out/diagnostics.ndjson")).size(), 2U);
}

TEST_F(OpenTool, NeedsToKnowItsPurposeAndItsInput) {
  ASSERT_EQ(sudare({"key", "new", "-o", path("plain.key")}).status, 0);
  EXPECT_EQ(sudare({"open", "-i", path("plain.key"), path("x")}).status, 2);
  EXPECT_EQ(sudare(open_call({})).status, 2);
  EXPECT_EQ(sudare(open_call({path("x"), "--mqtt", "mqtt://127.0.0.1:1"})).status, 2);
  EXPECT_EQ(sudare(open_call({path("missing.age")})).status, 3);
  const auto password = sudare(open_call({"--mqtt", "mqtt://u:secret@127.0.0.1:1"}));
  EXPECT_EQ(password.status, 1);
  EXPECT_THAT(password.errors, HasSubstr("hint: "));
}

TEST_F(OpenTool, OpensFromABroker) {
  const testkit::Broker broker;
  const std::string output = path("out");
  testkit::Process open(
      {testkit::program("sudare").string(), "open", "-i", path("diagnostics.key"), "--mqtt",
       broker.url(), "-o", output, "--client-id", "opener", "--report", path("report.json")},
      {path("stdout"), path("stderr"), {}});
  ASSERT_TRUE(testkit::eventually([&] {
    return open.errors().find("connected, waiting") != std::string::npos;
  })) << open.errors();
  testkit::MqttClient cloud(broker.port());
  const auto ndjson = [&] {
    const std::string text = read("out/diagnostics.ndjson");
    return lines(text.substr(0, text.rfind('\n') + 1));  // the last line may be half written
  };
  // Its subscription may come a moment after: batches go on until one arrives.
  int sent = 0;
  ASSERT_TRUE(testkit::eventually([&] {
    const std::string file =
        forge_.sealed(forge_.signed_batch(static_cast<std::uint64_t>(sent), 1));
    ++sent;
    return cloud.publish("sudare/1/diagnostics/7f", file) && cloud.flush() && !ndjson().empty();
  }));
  const std::string twice = forge_.sealed(forge_.signed_batch(1000, 5));
  cloud.publish("sudare/1/diagnostics/7f", twice);
  cloud.publish("sudare/1/diagnostics/7f", twice);
  cloud.publish("sudare/1/traffic/00", "not for this recipient");
  cloud.publish("sudare/1/diagnostics/7f", forge_.sealed(forge_.signed_batch(1005, 1)));
  EXPECT_TRUE(testkit::eventually([&] {
    const std::vector<Json> out = ndjson();
    return out.back()["record"] == 1005;
  }));
  open.signal(SIGTERM);
  EXPECT_EQ(open.wait(std::chrono::seconds(20)), 3);  // records up to 999 never came
  const Json report = Json::parse(read("report.json"));
  EXPECT_EQ(report["duplicates"], 1);
  EXPECT_EQ(report["failed"], 0);
}

TEST_F(OpenTool, IdleOpenEnds) {
  const testkit::Broker broker;
  const auto opened = sudare(open_call({"--mqtt", broker.url(), "--idle-seconds", "1"}));
  EXPECT_EQ(opened.status, 0) << opened.errors;
}

TEST_F(OpenTool, InspectTellsNoMoreThanTheKeyAllows) {
  const std::string file = batch("one.age", 7, 2);
  const Json outside = Json::parse(sudare({"inspect", file, "--json"}).output);
  EXPECT_EQ(outside["recipients"], 1);
  EXPECT_EQ(outside["file_bytes"], std::filesystem::file_size(file));
  EXPECT_FALSE(outside.contains("purpose"));
  const Json inside =
      Json::parse(sudare({"inspect", file, "-i", path("diagnostics.key"), "--json"}).output);
  EXPECT_EQ(inside["purpose"], "diagnostics");
  EXPECT_EQ(inside["records"], 2);
  EXPECT_EQ(inside["first_record"], 7);
  EXPECT_EQ(sudare({"inspect", write("no.age", "hello")}).status, 1);
}

}  // namespace
}  // namespace sudare::fleet_test
