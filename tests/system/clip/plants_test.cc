// Every place that positions, times and names are kept in: what was planted there is gone, and the
// pictures are the same.
#include <gmock/gmock.h>

#include "tests/system/clip/clip_tools.h"
#include "tests/system/clip/plants.h"

namespace sudare::clip_test {
namespace {

using testing::IsEmpty;

class PlantTest : public ClipTest, public testing::WithParamInterface<Plant> {
 protected:
  void SetUp() override {
    in_ = path(GetParam().make(path("")));
    const std::string bytes = testkit::read_file(in_);
    for (const std::string& mark : GetParam().planted) {
      ASSERT_NE(bytes.find(mark), std::string::npos) << mark << " was not planted";
    }
  }
  void expect_nothing_left(const std::string& out) const {
    const std::string bytes = testkit::read_file(out);
    for (const std::string& mark : GetParam().planted) {
      EXPECT_EQ(bytes.find(mark), std::string::npos) << mark;
    }
    EXPECT_EQ(bytes.find("PLANTED"), std::string::npos);
    for (const std::string word : {"x264", "x265", "Lavc", "Lavf"}) {
      EXPECT_EQ(bytes.find(word), std::string::npos) << word;
    }
    EXPECT_THAT(telling_tags(out), IsEmpty());
    EXPECT_EQ(inspect(out), "");
  }
  static std::string inspect(const std::string& file) {
    const auto result =
        testkit::run({testkit::program("sudare").string(), "clip", "inspect", "--json", file,
                      "--program", testkit::program("sudare-clip").string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return result.output;
  }

  std::string in_;
};

TEST_P(PlantTest, LeavesNothingInTheOriginalPicture) {
  const auto result = minimize(in_, path("out.mp4"), {"--profile", "original-picture"});
  ASSERT_EQ(result.status, 0) << result.errors;
  expect_nothing_left(path("out.mp4"));
  EXPECT_EQ(pictures_of(path("out.mp4")), pictures_of(in_));
}

TEST_P(PlantTest, LeavesNothingInTheSketch) {
  const auto result = minimize(in_, path("out.mp4"), {"--profile", "sketch"});
  ASSERT_EQ(result.status, 0) << result.errors;
  expect_nothing_left(path("out.mp4"));
  EXPECT_EQ(pictures_of(path("out.mp4")).size(), 25U);
}

TEST_P(PlantTest, IsSeenByInspect) { EXPECT_NE(inspect(in_), ""); }

INSTANTIATE_TEST_SUITE_P(Clip, PlantTest, testing::ValuesIn(plants()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace sudare::clip_test
