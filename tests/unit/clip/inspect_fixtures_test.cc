// Every class of thing that exiftool shows in a fixture, inspect finds too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/unit/clip/inspect_media.h"

namespace sudare::clip::testing {
namespace {

class Fixtures : public ::testing::TestWithParam<const char*> {};

// What a tag of exiftool tells; tags about the file system and the picture's form tell nothing.
std::set<std::string> exiftool_tells(const std::filesystem::path& path) {
  const auto result = testkit::run({"exiftool", "-ee3", "-a", "-G", "-j", path.string()});
  const std::regex where("GPS(Lat|Lon|Pos|Coord|Alt|Date)|LocationInformation");
  const std::regex when("(Date|TimeStamp|CreateTime|TimeCode)");
  const std::regex device(
      "(Make$|Model|Serial|Software|Firmware|VendorID|CompressorName|Encoder$)");
  const std::regex who("(Artist|Author|Creator$|Copyright|Title|Comment)");
  const std::regex sound("(AudioFormat|AudioCodec|AudioStreamType)");
  std::set<std::string> tells;
  for (const auto& file : nlohmann::json::parse(result.output)) {
    for (const auto& [key, value] : file.items()) {
      const bool about_file = key.rfind("File:", 0) == 0 || key.rfind("ExifTool:", 0) == 0 ||
                              key.rfind("Composite:", 0) == 0 || key == "SourceFile";
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      if (about_file || text.empty() || text.rfind("0000:00:00", 0) == 0) continue;
      if (std::regex_search(key, where)) tells.insert("where");
      if (std::regex_search(key, when)) tells.insert("when");
      if (std::regex_search(key, device)) tells.insert("which device");
      if (std::regex_search(key, who)) tells.insert("who");
      if (std::regex_search(key, sound)) tells.insert("sound");
    }
  }
  return tells;
}

TEST_P(Fixtures, EveryClassThatExiftoolShowsIsFound) {
  SUDARE_FIXTURE_OR_SKIP(path, GetParam());
  const std::set<std::string> mine = inspect(bytes_of(testkit::read_file(path))).tells();
  for (const std::string& tells : exiftool_tells(path)) {
    EXPECT_THAT(mine, ::testing::Contains(tells)) << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Fixtures,
    ::testing::Values("media/mei/100_0306.AVI", "media/mei/Issue_515__java_.mp4",
                      "media/mei/Sony_ILCE-7M3__A7M3_.mts", "media/mei/sample.3gp",
                      "media/mei/sample_mpeg4.mp4", "media/mei/uuid540.mp4",
                      "media/mei/with-gps.mov", "media/mei/with-gps.mp4", "media/mei/xmp480qt.mov",
                      "media/gopro/karma.mp4", "media/exiftool/M2TS.mts",
                      "media/exiftool/Pentax.avi", "media/exiftool/RIFF.avi",
                      "media/exiftool/QuickTime.mov", "media/exiftool/QuickTime.m4a",
                      "media/exiftool/GPS.jpg", "media/exiftool/GoPro.jpg"));

TEST(Fixture, CameraDataOfAvchdIsReadWithItsDate) {
  SUDARE_FIXTURE_OR_SKIP(path, "media/mei/Sony_ILCE-7M3__A7M3_.mts");
  const auto found = inspect(bytes_of(testkit::read_file(path))).lines();
  EXPECT_THAT(found, ::testing::Contains("date at ts/stream/MDPM tells when"));
  EXPECT_THAT(found, ::testing::Contains("maker at ts/stream/MDPM tells which device"));
}

TEST(Fixture, GoProsTracksAndNumbersAreNamed) {
  SUDARE_FIXTURE_OR_SKIP(path, "media/gopro/karma.mp4");
  const auto found = inspect(bytes_of(testkit::read_file(path))).lines();
  EXPECT_THAT(found, ::testing::IsSupersetOf(
                         {"gps-track at moov/trak/mdia/minf/stbl/stsd/gpmd tells where",
                          "serial at moov/udta/LENS tells which device",
                          "firmware at moov/udta/FIRM tells which device",
                          "time-code-track at moov/trak/mdia/minf/stbl/stsd/tmcd tells when"}));
}

}  // namespace
}  // namespace sudare::clip::testing
