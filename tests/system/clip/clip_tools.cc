#include "tests/system/clip/clip_tools.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace sudare::clip_test {
namespace {

// Groups that tell of the file in the test's directory and of exiftool itself.
bool is_outside(const std::string& tag) {
  return tag.rfind("File:", 0) == 0 || tag.rfind("System:", 0) == 0 || tag == "SourceFile" ||
         tag.rfind("ExifTool:", 0) == 0;
}

}  // namespace

std::size_t ClipTest::files() const {
  const std::filesystem::directory_iterator all(directory_.path());
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string ClipTest::write(const std::string& name, std::string_view bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

testkit::RunResult ClipTest::minimize(const std::string& in, const std::string& out, Words more) {
  Words words{testkit::program("sudare").string(), "clip", "minimize", in, out};
  words.insert(words.end(), more.begin(), more.end());
  if (std::find(more.begin(), more.end(), "--program") == more.end()) {
    words.insert(words.end(), {"--program", testkit::program("sudare-clip").string()});
  }
  return testkit::run(words);
}

void ffmpeg(const Words& arguments) {
  Words words{"ffmpeg", "-v", "error", "-nostdin", "-y"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const testkit::RunResult result = testkit::run(words);
  if (result.status != 0) throw std::runtime_error("ffmpeg: " + result.errors);
}

std::vector<std::string> pictures_of(const std::string& path, const Words& input_options,
                                     const std::string& tolerated) {
  Words words{"ffmpeg", "-v", "error", "-nostdin", "-noautorotate"};
  words.insert(words.end(), input_options.begin(), input_options.end());
  words.insert(words.end(),
               {"-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"});
  const testkit::RunResult result = testkit::run(words);
  const bool complains = !result.errors.empty() &&
                         (tolerated.empty() || result.errors.find(tolerated) == std::string::npos);
  if (result.status != 0 || complains) {
    throw std::runtime_error("ffmpeg: " + path + ": " + result.errors);
  }
  std::vector<std::string> hashes;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    hashes.push_back(line.substr(line.find_last_of(' ') + 1));
  }
  return hashes;
}

std::vector<std::string> telling_tags(const std::string& path) {
  const testkit::RunResult result = testkit::run({"exiftool", "-ee3", "-a", "-G", "-json", path});
  const nlohmann::json tags = nlohmann::json::parse(result.output).at(0);
  static const std::regex names(
      "GPS|Latitude|Longitude|Location|Altitude|Make|Model|Serial|Comment|Encoder|Software|Author|"
      "Title|Text|Subtitle|XMP|Speed|Track$|Audio|Warning",
      std::regex::icase);
  static const std::regex date("[0-9]{4}[:-][0-9]{2}[:-][0-9]{2}");
  std::vector<std::string> telling;
  for (const auto& [tag, value] : tags.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (is_outside(tag)) continue;
    const bool dated = std::regex_search(text, date) && text.rfind("0000:00:00", 0) != 0;
    if (std::regex_search(tag, names) || dated) telling.push_back(tag + " = " + text);
  }
  return telling;
}

void make_clip(const std::string& path, const Words& options) {
  Words words{"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "5"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(path);
  ffmpeg(words);
}

Words h264_options() {
  return {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt",     "yuv420p",
          "-g",   "25",      "-bf",     "2",        "-x264-params", "keyint=25:scenecut=0"};
}

}  // namespace sudare::clip_test
