// The command line and the report: what one end writes, the other reads, and nothing else.
#include <gmock/gmock.h>

#include <vector>

#include "clip/options.h"
#include "clip/report.h"
#include "clip/run/clip_run.h"
#include "clip/run/read_report.h"

namespace sudare::clip {
namespace {

Result<Options> parse_words(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return parse(pointers);
}

Report some_report() {
  Report report;
  report.outcome = Outcome::kRejected;
  report.reason = Reason::kBitstream;
  report.codec = Codec::kH265;
  report.width = 1920;
  report.height = 1080;
  report.frames = 7;
  report.bytes = 1ULL << 40U;
  report.window_ms = 20'000;
  report.truncated = true;
  report.landlock = 7;
  return report;
}

ProcessEnd ended(Outcome outcome, Reason reason = Reason::kNone) {
  Report report;
  report.outcome = outcome;
  report.reason = reason;
  return {exit_of(report), report};
}

TEST(ClipOptions, AreReadAsTheyWereWritten) {
  Options options;
  options.mode = Mode::kMinimize;
  options.profile = Profile::kSketch;
  options.window = Window{1500, 32'000};
  options.fill = {{0, 900, 1000, 100}, {1, 2, 3, 4}};
  const auto read = parse_words(arguments_of(options));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, options);
}

TEST(ClipOptions, WhatIsNotUnderstoodIsRefused) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"release"},
           {"minimize"},
           {"minimize", "--profile"},
           {"minimize", "--profile", "redacted"},
           {"minimize", "--profile", "sketch", "--profile", "sketch"},
           {"minimize", "--profile", "sketch", "--from-ms", "1"},
           {"minimize", "--profile", "sketch", "--from-ms", "2", "--to-ms", "2"},
           {"minimize", "--profile", "sketch", "--from-ms", "-1", "--to-ms", "2"},
           {"minimize", "--profile", "sketch", "--from-ms", "1", "--to-ms", "99999999999999999999"},
           {"minimize", "--profile", "sketch", "--sound"},
           {"minimize", "--profile", "original-picture", "--fill", "0,0,1,1"},
           {"minimize", "--profile", "sketch", "--fill", "900,0,101,1"},
           {"minimize", "--profile", "sketch", "--fill", "0,0,0,1"},
           {"minimize", "--profile", "sketch", "--fill", "0,0,1,1,"},
           {"verify", "--profile", "sketch", "--from-ms", "1", "--to-ms", "2"},
           {"inspect", "--profile", "sketch"}}) {
    EXPECT_FALSE(parse_words(words)) << testing::PrintToString(words);
  }
}

TEST(ClipReport, IsReadAsItWasWritten) {
  const Report report = some_report();
  const std::string line = to_line(report);
  EXPECT_LE(line.size(), kReportBytesMax);
  const auto read = read_report(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_line(*read), line);
}

TEST(ClipReport, TellsWhatWasFoundAndWhere) {
  Report report = some_report();
  report.outcome = Outcome::kFindings;
  report.what = "unit: type that may not leave";
  report.offset = 1ULL << 33U;
  const auto read = read_report(to_line(report));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->what.view(), "unit: type that may not leave");
  EXPECT_EQ(read->offset, 1ULL << 33U);
}

TEST(ClipReport, TextOfTheClipDoesNotPassForAFinding) {
  std::string line = to_line(some_report());
  const std::string none = "\"what\":\"none\"";
  line.replace(line.find(none), none.size(), "\"what\":\"35.1706,136.8816\"");
  const auto read = read_report(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->what.view(), "other");
}

TEST(ClipReport, OtherLinesAreNone) {
  const std::string line = to_line(some_report());
  const auto replaced = [&line](const std::string& from, const std::string& to) {
    std::string changed = line;
    return changed.replace(changed.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), line + line, line.substr(0, line.size() / 2),
        replaced("rejected", "perfect"), replaced("bitstream", "35.17,136.88"),
        replaced("1920", "-1"), replaced("1920", "99999999999"), replaced("1920", "\"1920\""),
        replaced("\"frames\":7", "\"frames\":7,\"place\":\"Nagoya\""),
        std::string(kReportBytesMax, ' ') + line}) {
    EXPECT_FALSE(read_report(text)) << text;
  }
}

TEST(ClipDecide, BothMustSayOk) {
  EXPECT_TRUE(decide(ended(Outcome::kOk), ended(Outcome::kOk), false).ok());
  EXPECT_FALSE(decide(ended(Outcome::kOk), ended(Outcome::kOk), true).ok());
  EXPECT_FALSE(decide(ended(Outcome::kOk), ProcessEnd{}, false).ok());
  EXPECT_FALSE(decide(ProcessEnd{}, ended(Outcome::kOk), false).ok());
  EXPECT_TRUE(decide(ended(Outcome::kOk), std::nullopt, false).ok());
}

TEST(ClipDecide, TheFirstCauseCounts) {
  // verify was given nothing because the clip was refused.
  const auto refused = decide(ended(Outcome::kRejected, Reason::kCodec),
                              ended(Outcome::kFindings, Reason::kBox), false);
  EXPECT_EQ(refused.outcome, Outcome::kRejected);
  EXPECT_EQ(refused.reason, Reason::kCodec);
  // minimize could not write because verify had found something.
  const auto found = decide(ended(Outcome::kInternal, Reason::kOutput),
                            ended(Outcome::kFindings, Reason::kMarker), false);
  EXPECT_EQ(found.outcome, Outcome::kFindings);
  EXPECT_EQ(found.reason, Reason::kMarker);
}

TEST(ClipDecide, ACrashIsNoFinding) {
  const auto crashed = decide(ProcessEnd{128 + 11, {}}, ended(Outcome::kFindings), false);
  EXPECT_TRUE(crashed.crashed);
  EXPECT_EQ(crashed.outcome, Outcome::kInternal);
}

TEST(ClipDecide, AKilledVerifyIsNoOutputThatFailed) {
  const auto killed =
      decide(ended(Outcome::kInternal, Reason::kOutput), ProcessEnd{128 + 9, {}}, false);
  EXPECT_TRUE(killed.crashed);
  EXPECT_EQ(killed.reason, Reason::kNone);
  EXPECT_EQ(killed.verify.status, 128 + 9);
}

}  // namespace
}  // namespace sudare::clip
