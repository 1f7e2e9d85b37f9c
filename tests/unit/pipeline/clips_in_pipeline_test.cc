// Where clips meet the rest of the pipeline: events, gates, the network.
#include <filesystem>
#include <fstream>

#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

namespace fs = std::filesystem;

class ClipsInPipelineTest : public PipelineTest {
 protected:
  // A purpose that takes clips, with consent asked for, and its events.
  void begin_with_clips(const std::string& not_after = "2099-12-31",
                        const std::string& consent = "OPT_IN") {
    const std::string recipient = age::open_side::Identity::generate().recipient().to_string();
    const std::string more =
        "purpose { name: \"film\" recipient: \"" + recipient +
        "\" pseudonym { rotate_days: 28 } keep_hours: 24 batch_bytes_max: 270336 consent: " +
        consent +
        " ceiling { allow: VIDEO } clips { profile: SKETCH trigger: IMPACT before_s: 1 "
        "unmetered_only: true afterwards: DELETE rejected: DELETE } }\n"
        "source { topic: \"event\" codec: JSON clip_event { file_field: \"f\" moment_field: \"m\" "
        "trigger_field: \"t\" } }\n";
    fs::create_directory(spool());
    begin(not_after, false, more);
    ASSERT_TRUE(pipeline->watch_clips({spool(), "/no/such/program", 600'000}));
  }
  [[nodiscard]] fs::path spool() const { return directory.path() / "spool"; }
  void record_and_tell() {
    std::ofstream(spool() / "a.mp4") << "film";
    take("event", R"({"f": "a.mp4", "m": 1000, "t": "IMPACT"})");
    commit();
    for (int i = 0; i < 5; ++i) pipeline->clips()->turn();
  }
};

TEST_F(ClipsInPipelineTest, AnEventIsReadThoughNoReleaseNamesIt) {
  begin_with_clips();
  take("event", R"({"f": "a.mp4", "m": 1000, "t": "IMPACT"})");
  commit();
  EXPECT_EQ(pipeline->clips()->status().events_waiting, 1U);
  EXPECT_EQ(fate("", Fate::kDropped), 1) << "the message itself goes nowhere";
  take("event", R"({"f": "a.mp4", "m": 1000, "t": "IMPACT"})", /*retained=*/true);
  EXPECT_EQ(pipeline->clips()->status().events_waiting, 1U);
}

TEST_F(ClipsInPipelineTest, WithoutConsentThePurposeGetsNoClipAndTheFileStays) {
  begin_with_clips();
  record_and_tell();
  EXPECT_EQ(fate("film", Fate::kNotConsented), 1);
  EXPECT_TRUE(fs::exists(spool() / "a.mp4")) << "nobody took or refused it";
}

TEST_F(ClipsInPipelineTest, WithoutAValidPolicyItWaits) {
  begin_with_clips("2020-01-01", "OPT_OUT");
  record_and_tell();
  EXPECT_EQ(store->account().purposes.count("film"), 0U);
  EXPECT_EQ(pipeline->clips()->status().files_waiting, 1U);
  EXPECT_TRUE(fs::exists(spool() / "a.mp4"));
}

TEST_F(ClipsInPipelineTest, AProgramThatIsNotThereIsTriedAgainLater) {
  begin_with_clips("2099-12-31", "OPT_OUT");
  record_and_tell();
  EXPECT_EQ(store->account().purposes.count("film"), 0U);
  EXPECT_EQ(pipeline->clips()->status().files_waiting, 1U);
  EXPECT_TRUE(fs::exists(spool() / "a.mp4"));
}

TEST_F(ClipsInPipelineTest, TheNetworkDecidesWhatIsWithheld) {
  begin_with_clips("2099-12-31", "OPT_OUT");
  const auto filters = pipeline->topic_filters();
  EXPECT_NE(std::find(filters.begin(), filters.end(), "vehicle/network"), filters.end());
  EXPECT_EQ(pipeline->withheld(), std::vector<std::string>{"film"});
  take("vehicle/network", "unmetered", /*retained=*/true);
  EXPECT_TRUE(pipeline->withheld().empty());
  take("vehicle/network", "metered");
  EXPECT_EQ(pipeline->withheld(), std::vector<std::string>{"film"});
  EXPECT_EQ(pipeline->stats().messages, 0U);
}

}  // namespace
}  // namespace sudare::pipeline_test
