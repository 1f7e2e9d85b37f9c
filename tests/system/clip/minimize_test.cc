// `sudare clip minimize` on recorders' clips: what is accepted, refused, cut, and left.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "clip/report.h"
#include "tests/system/clip/clip_tools.h"
#include "tests/system/clip/plants.h"

namespace sudare::clip_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using MinimizeClip = ClipTest;

const Words kOriginal{"--profile", "original-picture"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Where `part` stands in `whole` without a gap; -1: nowhere.
std::ptrdiff_t place_of(const std::vector<std::string>& part,
                        const std::vector<std::string>& whole) {
  const auto at = std::search(whole.begin(), whole.end(), part.begin(), part.end());
  return at == whole.end() ? -1 : at - whole.begin();
}

class RealClip : public ClipTest, public testing::WithParamInterface<std::string> {};

TEST_P(RealClip, ShowsTheSamePictures) {
  SUDARE_FIXTURE_OR_SKIP(in, "media/" + GetParam());
  const auto result = minimize(in.string(), path("out.mp4"), kOriginal);
  ASSERT_EQ(result.status, 0) << result.errors;
  const bool mov = in.extension() == ".mov" || in.extension() == ".mp4" || in.extension() == ".3gp";
  const Words whole = mov ? Words{"-ignore_editlist", "1"} : Words{};
  EXPECT_EQ(pictures_of(path("out.mp4")), pictures_of(in.string(), whole));
  EXPECT_THAT(telling_tags(path("out.mp4")), IsEmpty());
}

TEST_P(RealClip, BecomesASketch) {
  SUDARE_FIXTURE_OR_SKIP(in, "media/" + GetParam());
  const auto result = minimize(in.string(), path("out.mp4"), {"--json"});
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_LE(json["width"], 320);
  EXPECT_LE(json["height"], 180);
  EXPECT_EQ(pictures_of(path("out.mp4")).size(), json["frames"]);
  EXPECT_THAT(telling_tags(path("out.mp4")), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, RealClip,
    testing::Values("gopro/karma.mp4", "mei/100_0306.AVI", "mei/Issue_515__java_.mp4",
                    "mei/Sony_ILCE-7M3__A7M3_.mts", "mei/sample.3gp", "mei/sample_mpeg4.mp4",
                    "mei/uuid540.mp4", "mei/with-gps.mov", "mei/with-gps.mp4", "mei/xmp480qt.mov"),
    [](const auto& test) {
      std::string name = test.param;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST_F(MinimizeClip, WithoutADecodablePictureIsRefused) {
  for (const std::string name : {"QuickTime.mov", "M2TS.mts", "Pentax.avi", "RIFF.avi"}) {
    SUDARE_FIXTURE_OR_SKIP(in, "media/exiftool/" + name);
    for (const std::string profile : {"original-picture", "sketch"}) {
      const auto result = minimize(in.string(), path("out.mp4"), {"--profile", profile});
      EXPECT_EQ(result.status, 1) << name;
      EXPECT_THAT(result.errors, HasSubstr("no decodable picture"));
      EXPECT_EQ(files(), 0U) << "something was left behind";
    }
  }
}

TEST_F(MinimizeClip, OfNoClipIsRefused) {
  write("in.mp4", "this is no clip, only a text that goes on for more than a few bytes");
  const auto result = minimize(path("in.mp4"), path("out.mp4"), kOriginal);
  EXPECT_EQ(result.status, 1);
  EXPECT_FALSE(exists("out.mp4"));
}

TEST_F(MinimizeClip, RefusedLeavesTheFormerResult) {
  write("in.mp4", "no clip");
  write("out.mp4", "former");
  EXPECT_EQ(minimize(path("in.mp4"), path("out.mp4"), kOriginal).status, 1);
  EXPECT_EQ(testkit::read_file(path("out.mp4")), "former");
}

TEST_F(MinimizeClip, OutThatIsNoFileIsRefusedBeforeAnyWork) {
  make_clip(path("in.mp4"), h264_options());
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(path("directory"));
  write("target", "precious");
  std::filesystem::create_symlink(path("target"), path("link"));
  std::filesystem::create_symlink(path("nowhere"), path("dangling"));
  const auto before = files();
  for (const std::string out : {"fifo", "directory", "link", "dangling"}) {
    const auto result = minimize(path("in.mp4"), path(out), kOriginal);
    EXPECT_EQ(result.status, 2) << out;
    EXPECT_THAT(result.errors, HasSubstr("no regular file")) << out;
    EXPECT_THAT(result.errors, HasSubstr("hint: ")) << out;
  }
  EXPECT_TRUE(std::filesystem::is_fifo(path("fifo")));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(testkit::read_file(path("target")), "precious");
  EXPECT_EQ(files(), before);
}

TEST_F(MinimizeClip, WindowThatRoundsToNothingIsAUsageError) {
  const auto result = minimize(path("in.mp4"), path("out.mp4"), {"--from", "0", "--to", "0.0004"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.errors, HasSubstr("the window is empty"));
}

// Found by clip_mutate: pictures whose own clock runs faster than the container's passed minimize
// and were stopped by verify.
TEST_F(MinimizeClip, TimeCodesThatRunAheadOfTheirPicturesAreRefused) {
  constexpr std::size_t kRateInStreamHeader = 24;  // from "vids" on: dwRate, 25 pictures a second
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "9", "-c:v", "mpeg4", "-g", "25",
          path("in.avi")});
  ASSERT_EQ(minimize(path("in.avi"), path("right.mp4"), kOriginal).status, 0);
  std::string avi = testkit::read_file(path("in.avi"));
  avi.at(avi.find("vids") + kRateInStreamHeader) = static_cast<char>(250);
  write("fast.avi", avi);
  const auto result = minimize(path("fast.avi"), path("out.mp4"), with(kOriginal, {"--json"}));
  EXPECT_EQ(result.status, 1) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("\"reason\":\"bitstream\""));
  EXPECT_EQ(minimize(path("fast.avi"), path("sketch.mp4"), {}).status, 0) << "encoded anew";
}

// A program in sudare-clip's place: minimize can't write because verify was killed.
TEST_F(MinimizeClip, WhichProcessEndedHowIsSaid) {
  write("in.mp4", "x");
  clip::Report report;
  report.reason = clip::Reason::kOutput;
  std::string line = to_line(report);
  line.pop_back();
  const std::string program = write(
      "program", "#!/bin/sh\n[ $1 = verify ] && kill -9 $$\necho '" + line + "' >&2\nexit 4\n");
  chmod(program.c_str(), 0700);
  const auto result = minimize(path("in.mp4"), path("out.mp4"), {"--program", program});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("sudare-clip verify was killed (signal 9)"));
}

TEST_F(MinimizeClip, WhatVerifyFoundAndWhereIsSaid) {
  write("in.mp4", "x");
  clip::Report report;
  report.outcome = clip::Outcome::kOk;
  std::string minimized = to_line(report);
  report.outcome = clip::Outcome::kFindings;
  report.reason = clip::Reason::kMarker;
  report.findings = 1;
  report.what = "gps-block";
  report.offset = 4711;
  std::string found = to_line(report);
  minimized.pop_back();
  found.pop_back();
  const std::string program =
      write("program", "#!/bin/sh\nif [ $1 = verify ]; then echo '" + found +
                           "' >&2; exit 3; fi\necho '" + minimized + "' >&2\n");
  chmod(program.c_str(), 0700);
  const auto result = minimize(path("in.mp4"), path("out.mp4"), {"--json", "--program", program});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.errors, HasSubstr("(gps-block, at byte 4711 of the result)"));
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["what"], "gps-block");
  EXPECT_EQ(json["offset"], 4711);
}

TEST_F(MinimizeClip, RedactedIsNotBuiltYet) {
  const auto result = minimize(path("in.mp4"), path("out.mp4"), {"--profile", "redacted"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.errors, HasSubstr("not built yet"));
}

TEST_F(MinimizeClip, WindowStartsAtTheKeyPictureBefore) {
  make_clip(path("in.mp4"), h264_options());
  const auto result =
      minimize(path("in.mp4"), path("out.mp4"), with(kOriginal, {"--from", "2.5", "--to", "3.4"}));
  ASSERT_EQ(result.status, 0) << result.errors;
  auto part = pictures_of(path("out.mp4"));
  // To the picture that is shown at 3.4 s, and at most one that it refers to.
  EXPECT_GE(part.size(), 36U);
  EXPECT_LE(part.size(), 37U);
  part.resize(36);
  EXPECT_EQ(place_of(part, pictures_of(path("in.mp4"))), 50);  // two seconds
}

TEST_F(MinimizeClip, WindowOfEachContainerHoldsTheSourcesPictures) {
  const Words mpeg4{"-c:v", "mpeg4", "-bf", "0", "-g", "25"};
  const std::vector<std::pair<std::string, Words>> kinds{
      {"in.ts", h264_options()}, {"in.mov", h264_options()}, {"in.avi", mpeg4}, {"in.3gp", mpeg4}};
  for (const auto& [name, options] : kinds) {
    make_clip(path(name), options);
    const auto result =
        minimize(path(name), path("out.mp4"), with(kOriginal, {"--from", "2.2", "--to", "2.8"}));
    ASSERT_EQ(result.status, 0) << name << result.errors;
    auto part = pictures_of(path("out.mp4"));
    part.resize(20);  // what follows may be the picture that the last one refers to
    EXPECT_EQ(place_of(part, pictures_of(path(name))), 50) << name;
  }
}

// Without the recovery point SEI a decoder shows one picture of all that follow.
TEST_F(MinimizeClip, WindowMayStartAtARecoveryPoint) {
  make_clip(path("in.mp4"), {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
                             "-x264-params", "keyint=25:scenecut=0:open-gop=1:bframes=3"});
  const auto result =
      minimize(path("in.mp4"), path("out.mp4"), with(kOriginal, {"--from", "2.5", "--to", "4.5"}));
  ASSERT_EQ(result.status, 0) << result.errors;
  // ffmpeg's decoder notes that pictures from before the window are not there to be let go.
  const auto part = pictures_of(path("out.mp4"), {}, "mmco: unref short failure");
  ASSERT_GE(part.size(), 50U);
  EXPECT_GT(place_of({part.begin(), part.begin() + 50}, pictures_of(path("in.mp4"))), 25);
}

TEST_F(MinimizeClip, SketchStartsAtTheWindow) {
  make_clip(path("in.mp4"), h264_options());
  const auto result =
      minimize(path("in.mp4"), path("out.mp4"), {"--from", "2.5", "--to", "3.4", "--json"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(nlohmann::json::parse(result.output)["frames"], 5);
}

TEST_F(MinimizeClip, WindowBehindTheEndIsRefused) {
  make_clip(path("in.mp4"), h264_options());
  for (const std::string profile : {"original-picture", "sketch"}) {
    const auto result = minimize(path("in.mp4"), path("out.mp4"),
                                 {"--profile", profile, "--from", "20", "--to", "30"});
    EXPECT_EQ(result.status, 1) << profile;
    EXPECT_FALSE(exists("out.mp4"));
  }
}

TEST_F(MinimizeClip, CutOffYieldsWhatIsWhole) {
  const std::vector<std::pair<std::string, Words>> kinds{
      {"in.ts", {}},
      {"in.mp4", {"-movflags", "+frag_keyframe+empty_moov"}},
      {"in.mov", {"-movflags", "+faststart"}},
      {"in.avi", {}}};
  for (const auto& [name, more] : kinds) {
    const Words options = name == "in.avi" ? Words{"-c:v", "mjpeg"} : h264_options();
    make_clip(path(name), with(options, more));
    const auto whole = pictures_of(path(name));
    std::string bytes = testkit::read_file(path(name));
    bytes.resize(bytes.size() * 3 / 5 | 1);
    write(name, bytes);
    const auto result = minimize(path(name), path("out.mp4"), with(kOriginal, {"--json"}));
    ASSERT_EQ(result.status, 0) << name << result.errors;
    EXPECT_TRUE(nlohmann::json::parse(result.output)["truncated"]) << name;
    const auto part = pictures_of(path("out.mp4"));
    // A B-picture whose reference is not there any more is not shown; the rest is in order.
    EXPECT_GT(part.size(), whole.size() / 3) << name;
    EXPECT_EQ(place_of({part.begin(), part.begin() + 20}, whole), 0) << name;
  }
}

TEST_F(MinimizeClip, WithoutItsIndexIsRefused) {
  make_clip(path("in.mp4"), h264_options());
  std::string bytes = testkit::read_file(path("in.mp4"));
  bytes.resize(bytes.size() / 2);  // moov was to come at the end
  write("in.mp4", bytes);
  EXPECT_EQ(minimize(path("in.mp4"), path("out.mp4"), kOriginal).status, 1);
}

TEST_F(MinimizeClip, SoundStaysInTheCar) {
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", "sine", "-t", "3",
          "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path("in.mp4")});
  ASSERT_EQ(minimize(path("in.mp4"), path("out.mp4"), kOriginal).status, 0);
  EXPECT_THAT(testkit::run({"ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of",
                            "csv=p=0", path("out.mp4")})
                  .output,
              "video\n");
}

TEST_F(MinimizeClip, SoundIsKeptWhereItIsAskedFor) {
  for (const std::string name : {"in.mp4", "in.ts"}) {
    ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", "sine", "-t", "3",
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path(name)});
    const auto result = minimize(path(name), path("out.mp4"), with(kOriginal, {"--sound"}));
    ASSERT_EQ(result.status, 0) << name << result.errors;
    const auto sound = testkit::run(
        {"ffmpeg", "-v", "error", "-i", path("out.mp4"), "-map", "0:a", "-f", "framemd5", "-"});
    EXPECT_THAT(sound.errors, IsEmpty()) << name;
    EXPECT_GT(std::count(sound.output.begin(), sound.output.end(), '\n'), 120) << name;
  }
}

TEST_F(MinimizeClip, FilledRectanglesHideWhatIsBurnedIn) {
  // The same clip twice, once with a white block in a corner.
  make_clip(path("plain.mp4"), h264_options());
  make_clip(path("block.mp4"), with({"-vf", "drawbox=x=10:y=150:w=100:h=20:c=white:t=fill"},
                                    with(h264_options(), {"-qp", "0"})));
  make_clip(path("same.mp4"), with(h264_options(), {"-qp", "0"}));
  const Words fill{"--fill", "0,800,400,200"};
  ASSERT_EQ(minimize(path("block.mp4"), path("a.mp4"), fill).status, 0);
  ASSERT_EQ(minimize(path("same.mp4"), path("b.mp4"), fill).status, 0);
  EXPECT_EQ(pictures_of(path("a.mp4")), pictures_of(path("b.mp4")));
}

TEST_F(MinimizeClip, TheJudgeSeesWhatIsInASource) {
  const auto plant = std::find_if(plants().begin(), plants().end(),
                                  [](const Plant& p) { return p.name == "udta_xyz"; });
  EXPECT_THAT(telling_tags(path(plant->make(path("")))), Not(IsEmpty()));
}

}  // namespace
}  // namespace sudare::clip_test
