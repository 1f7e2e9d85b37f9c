// What tests of clips share: ffmpeg and exiftool as independent judges, a directory of the test's
// own, and `sudare clip`.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::clip_test {

using Words = std::vector<std::string>;

class ClipTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(directory_.path() / name);
  }
  [[nodiscard]] std::size_t files() const;
  std::string write(const std::string& name, std::string_view bytes) const;
  // `sudare clip minimize IN OUT …`.
  static testkit::RunResult minimize(const std::string& in, const std::string& out, Words more);

 private:
  testkit::TemporaryDirectory directory_;
};

// ffmpeg -v error -y …; throws with its words where it fails.
void ffmpeg(const Words& arguments);

// One hash for each decoded picture of the first video track, in showing order. Throws where ffmpeg
// fails or complains about anything but `tolerated`.
std::vector<std::string> pictures_of(const std::string& path, const Words& input_options = {},
                                     const std::string& tolerated = "");

// What exiftool finds that tells of place, time, device or person: "GROUP:TAG = VALUE" lines.
std::vector<std::string> telling_tags(const std::string& path);

// Five seconds of test pictures, encoded with these options: ffmpeg(… lavfi …, OPTIONS, path).
void make_clip(const std::string& path, const Words& options);
// H.264 with B-frames and a key picture each second.
Words h264_options();

}  // namespace sudare::clip_test
